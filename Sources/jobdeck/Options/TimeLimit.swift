import ArgumentParser
import KubeModel

/// A duration as Go and Kubernetes write it: `30s`, `1h30m`, `500ms`.
struct TimeLimit: ExpressibleByArgument {
  var duration: Duration

  init?(argument: String) {
    guard let duration = try? Duration(goText: argument), duration > .zero else { return nil }
    self.duration = duration
  }
}
