import Foundation
import KubeModel

/// What was asked of a Kubernetes control plane with kubectl, and what it made of it: the recordings that the tests of
/// the control plane use too, with the commands as they were typed.
struct RecordedScenario {
  /// A command with what it printed.
  struct Step {
    /// Seconds between the end of the step before and the start of this one.
    var after: Double
    /// What stood after `kubectl -n NAMESPACE`; `nil` for the wait until the job is gone.
    var words: [String]?
    var output: [String]
    var status: Int32
  }

  let name: String
  let namespace: String
  let facts: JSONValue
  let steps: [Step]

  init(_ name: String) throws {
    self.name = name
    let folder = Program.root + "/Tests/ControlPlaneTests/Fixtures"
    facts = try JSONParser.parse(Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).json"))))
    namespace = facts["namespace"]?.string ?? ""
    steps = Self.steps(try String(contentsOfFile: "\(folder)/steps/\(name).txt", encoding: .utf8))
  }

  /// The manifest: JSON is YAML.
  var manifest: String { (facts["manifest"] ?? .null).prettyJSON() }
  /// Whether it is one of those that wait for the full minute.
  var isOfCronJob: Bool { facts["cronJob"] != nil }
  /// The name of the job or the cron job.
  var objectName: String { facts["manifest"]?["metadata"]?["name"]?.string ?? "" }

  private static func steps(_ text: String) -> [Step] {
    var steps: [Step] = []
    var last: Double?
    for line in text.split(separator: "\n").map(String.init) where !line.hasPrefix("#") {
      if let match = line.wholeMatch(of: #/--- t=([0-9.]+)s/#) {
        let time = Double(match.output.1) ?? 0
        steps.append(Step(after: time - (last ?? time), words: nil, output: [], status: 0))
        last = time
      } else if steps.isEmpty {
        continue
      } else if line.hasPrefix("$ kubectl ") {
        steps[steps.count - 1].words = words(String(line.dropFirst("$ kubectl ".count)))
      } else if let match = line.wholeMatch(of: #/\[exit (\d+)\]/#) {
        steps[steps.count - 1].status = Int32(match.output.1) ?? 0
      } else if line != "job is gone" {
        steps[steps.count - 1].output.append(line)
      }
    }
    return steps
  }

  /// The words of a command, without the namespace; a patch is one word.
  private static func words(_ line: String) -> [String] {
    var words = line.split(separator: " ").map(String.init)
    if words.first == "-n" { words.removeFirst(2) }
    return words
  }
}
