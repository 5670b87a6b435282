import Foundation
import Testing

/// The real Prometheus reads a running jobdeck as Assets/monitoring says. Skipped where there is none.
@Suite(
  .ownThread, .enabled(if: Prometheus.isThere, "there is no prometheus on the PATH: Debian has it in prometheus"))
struct PrometheusTests {
  private static let failing = """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: broken}
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          containers:
          - {name: main, image: local, command: ["false"]}
    """

  @Test func itsRulesHold() async throws {
    let folder = try TemporaryFolder()
    let rules = try await Prometheus.run(
      ["promtool", "test", "rules", Program.root + "/Assets/monitoring/rules_test.yml"], in: folder)
    #expect(rules.status == 0, "\(rules.output)")
    let check = try await Prometheus.run(
      ["promtool", "check", "rules", Program.root + "/Assets/monitoring/rules.yml"], in: folder)
    #expect(check.status == 0, "\(check.output)")
  }

  @Test func itFindsAFailedJob() async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/s"
    let manifest = try folder.file("job.yaml", Self.failing)
    let result = try await Program.run(
      ["serve", "--state-dir", state, "--listen", "127.0.0.1:0", "-f", manifest]
    ) { server in
      defer { server.send(SIGTERM) }
      try await eventually("the server listens") { server.errors.contains("https://") }
      let address = try #require(server.errors.firstMatch(of: #/https://(127\.0\.0\.1:[0-9]+)/#)).output.1
      try await check(address: String(address), state: state, folder)
    }
    #expect(result.status == 0)
  }

  private func check(address: String, state: String, _ folder: TemporaryFolder) async throws {
    let metrics = try await Prometheus.run(
      [
        "sh", "-c",
        "curl -sS --cacert \"$1/api.crt\" -H \"Authorization: Bearer $(cat \"$1/api.token\")\" \"https://$2/metrics\""
          + " | promtool check metrics", "sh", state, address,
      ], in: folder)
    #expect(metrics.status == 0 && metrics.output.isEmpty, "\(metrics.output)")
    let refused = try await Prometheus.run(
      ["curl", "-sS", "--cacert", state + "/api.crt", "https://\(address)/metrics"], in: folder)
    #expect(refused.output.contains("Unauthorized"))

    let port = try #require(Prometheus.freePort())
    var config = try String(contentsOfFile: Program.root + "/Assets/monitoring/prometheus.yml", encoding: .utf8)
    config = config.replacing("127.0.0.1:6443", with: address).replacing("15s", with: "1s")
      .replacing(": api.token", with: ": \(state)/api.token").replacing(": api.crt", with: ": \(state)/api.crt")
    let file = try folder.file("prometheus.yml", config)
    _ = try folder.file(
      "rules.yml", String(contentsOfFile: Program.root + "/Assets/monitoring/rules.yml", encoding: .utf8))
    let checked = try await Prometheus.run(["promtool", "check", "config", file], in: folder)
    #expect(checked.status == 0, "\(checked.output)")
    let log = folder.path + "/prometheus.log"
    let id = try spawn(
      [
        "/usr/bin/env", "prometheus", "--config.file=\(file)", "--storage.tsdb.path=\(folder.path)/data",
        "--web.listen-address=127.0.0.1:\(port)",
      ], output: log, errors: log)
    defer {
      kill(id, SIGTERM)
      waitForEnd(of: id)
    }
    for (query, expected) in [
      ("kube_job_failed{condition=\"true\"} == 1", "\"job_name\":\"broken\""),
      ("ALERTS{alertname=\"JobdeckJobFailed\"}", "\"alertstate\":\"firing\""),
    ] {
      var last = ""
      for _ in 0..<240 {
        last = try await Prometheus.run(
          [
            "curl", "-sS", "-G", "http://127.0.0.1:\(port)/api/v1/query", "--data-urlencode", "query=\(query)",
          ], in: folder
        ).output
        if last.contains(expected) { break }
        try await Task.sleep(for: .milliseconds(250))
      }
      #expect(last.contains(expected), "\(query): \(last)")
    }
  }
}

/// The programs of Debian's package.
enum Prometheus {
  static let isThere: Bool = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return ["prometheus", "promtool", "curl"].allSatisfy { name in
      folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }
  }()

  /// What a command prints, complaints included.
  static func run(_ words: [String], in folder: TemporaryFolder) async throws -> (status: Int32, output: String) {
    let name = folder.path + "/" + UUID().uuidString
    let id = try spawn(["/usr/bin/env"] + words, output: name, errors: name + ".err")
    let status = await end(of: id)
    func read(_ file: String) -> String {
      String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }
    return (status, read(name) + read(name + ".err"))
  }

  /// A port of this machine that nothing listens on at present.
  static func freePort() -> UInt16? {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { return nil }
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(socket, pointer, size) == 0 && getsockname(socket, pointer, &size) == 0
      }
    }
    return isBound ? UInt16(bigEndian: address.sin_port) : nil
  }
}
