import Cluster
import Dashboard
import KubeModel
import Terminal

/// From a key to the picture that answers it, with ten thousand pods in the table.
enum Frame {
  static let size = Size(columns: 200, rows: 50)

  static func measure() async throws -> [Row] {
    var dashboard = Dashboard()
    let start = Instant(seconds: 1_767_225_600)
    _ = dashboard.handle(.tick(start))
    _ = dashboard.handle(.info(ClusterInfo(flavor: .embedded, location: "in memory")))
    _ = dashboard.handle(.terminal(.resize(size)))
    _ = dashboard.handle(
      .changes(
        pods(10_000, at: start).enumerated().map { index, pod in
          Change(verb: .added, object: .pod(pod), version: UInt64(index + 1))
        }))
    press(":pods\n", &dashboard)
    _ = dashboard.render(size)

    var times: [Double] = []
    // Down and up, by rows and by pages, to both ends, other orders, a filter typed and taken back.
    let keys: [Key] =
      Array(repeating: "j", count: 300) + Array(repeating: "k", count: 200)
      + Array(repeating: Key(.pageDown), count: 150) + ["G", "g", "G", "g"]
      + Array(repeating: Key(.pageUp), count: 50) + ["<", "<", ">", ">"]
      + ["/", "p", "o", "d", "-", "9", Key(.backspace), Key(.backspace), Key(.escape)]
      + Array(repeating: "j", count: 300)
    let clock = ContinuousClock()
    for key in keys {
      let took = clock.measure {
        _ = dashboard.handle(.terminal(.key(key)))
        _ = dashboard.render(size)
      }
      times.append(took.milliseconds)
    }
    let high = percentile(0.99, of: times)
    return [
      Row(
        what: "key to frame, 10,000 rows, p99 (median \(decimal(percentile(0.5, of: times), 2)) ms)", budget: "16 ms",
        measured: "\(decimal(high, 2)) ms", isWithin: high <= 16)
    ]
  }

  private static func press(_ text: String, _ dashboard: inout Dashboard) {
    for character in text {
      let key = character == "\n" ? Key(.enter) : Key(character)
      _ = dashboard.handle(.terminal(.key(key)))
    }
  }

  private static func pods(_ count: Int, at now: Instant) -> [Pod] {
    (0..<count).map { number in
      var pod = Pod()
      pod.metadata.name = "pod-\(number)"
      pod.metadata.namespace = "default"
      pod.metadata.uid = "uid-\(number)"
      pod.metadata.creationTimestamp = now - .seconds(number)
      pod.spec.nodeName = "node-\(number % 7)"
      pod.status.phase = number % 5 == 0 ? .failed : number % 3 == 0 ? .succeeded : .running
      pod.status.startTime = now - .seconds(number)
      var container = Container()
      container.name = "main"
      container.image = "x"
      pod.spec.containers = [container]
      return pod
    }
  }
}
