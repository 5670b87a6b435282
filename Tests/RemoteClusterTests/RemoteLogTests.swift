import Cluster
import KubeModel
import RemoteCluster
import Testing

@testable import RemoteCluster

@Suite(.timeLimit(.minutes(5))) struct RemoteLogTests {
  static let lines: [LogLine] = (0..<10).map { number in
    LogLine(
      time: Instant(microseconds: 1_800_000_000_000_000 + Int64(number / 2) * 1_000_000), stream: .stdout,
      bytes: Array("line \(number)".utf8), position: UInt64(number) * 40)
  }

  private static func read(_ sequence: LogSequence) async throws -> [LogLine] {
    var all: [LogLine] = []
    for try await batch in sequence { all += batch }
    return all
  }

  @Test func linesComeAsTheyAre() async throws {
    let odd = [
      LogLine(
        time: Instant(microseconds: 1_800_000_000_123_456), stream: .stderr, bytes: [0xFF, 0x00, 0x1B], position: 9),
      LogLine(
        time: Instant(microseconds: 1), stream: .stdout, bytes: Array("a \"quoted\"\ttext".utf8), isPartial: true,
        position: 1 << 60),
      LogLine(time: Instant(microseconds: 2), stream: .note, bytes: [], position: 1 << 61),
    ]
    let told = ToldCluster(lines: odd + Self.lines)
    try await serving(told) { socket in
      let remote = try await RemoteCluster.connect(APIClient(socket: socket))
      let request = LogRequest(
        namespace: "a", pod: "b", container: "c", previous: true, follow: true, tailLines: 3,
        since: Instant(microseconds: 1_800_000_000_654_321), from: 40, before: 80)
      #expect(try await Self.read(try await remote.logs(request)) == odd + Self.lines)
      #expect(await told.asked.logs == [request])
    }
  }

  /// Against an API that has nothing but Kubernetes' own.
  @Test func plainLogsHavePositionsToo() async throws {
    let told = ToldCluster(lines: Self.lines)
    try await serving(told) { socket in
      let client = APIClient(socket: socket)
      let remote = RemoteCluster(client, ClusterInfo(flavor: .remote, location: "x"), isJobdeck: false)
      let all = try await Self.read(try await remote.logs(LogRequest(namespace: "a", pod: "b")))
      #expect(all.map(\.bytes) == Self.lines.map(\.bytes))
      #expect(all.map(\.time) == Self.lines.map(\.time))
      #expect(Set(all.map(\.position)).count == all.count)
      #expect(all.map(\.position) == all.map(\.position).sorted())
      // Part by part: what is before a position, and what is from it on.
      let place = all[6].position
      let before = try await Self.read(
        try await remote.logs(LogRequest(namespace: "a", pod: "b", tailLines: 2, before: place)))
      #expect(before.map(\.text) == ["line 4", "line 5"])
      let after = try await Self.read(try await remote.logs(LogRequest(namespace: "a", pod: "b", from: place)))
      #expect(after.map(\.text) == ["line 6", "line 7", "line 8", "line 9"])
      #expect(after.map(\.position) == all[6...].map(\.position))
    }
  }

  @Test func whatOnlyJobdeckHasIsRefusedElsewhere() async throws {
    let told = ToldCluster()
    try await serving(told) { socket in
      let remote = RemoteCluster(
        APIClient(socket: socket), ClusterInfo(flavor: .remote, location: "x"), isJobdeck: false)
      #expect(await remote.usage() == ClusterUsage())
      #expect(await refusal { () throws(StatusError) in try await remote.setNodeFailed("n", true) }?.code == 501)
      #expect(await remote.info.isAttached == false)
    }
  }
}
