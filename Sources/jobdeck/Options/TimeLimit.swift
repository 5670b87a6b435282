import ArgumentParser
import KubeModel

/// A duration as Go and Kubernetes write it: `30s`, `1h30m`, `500ms`.
struct TimeLimit: Sendable {
  var duration: Duration

  /// - Throws: what would be right.
  static func parse(_ argument: String) throws -> TimeLimit {
    guard let duration = try? Duration(goText: argument) else {
      if Double(argument) != nil {
        throw ValidationError("give it a unit, such as \(argument)s, \(argument)m or \(argument)h")
      }
      throw ValidationError("give numbers with units, such as 30s, 5m or 1h30m")
    }
    guard duration > .zero else { throw ValidationError("it must be longer than zero") }
    return TimeLimit(duration: duration)
  }
}
