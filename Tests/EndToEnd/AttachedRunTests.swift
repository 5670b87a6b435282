import Foundation
import Testing

/// `jobdeck run` on the state directory of a jobdeck that runs: the jobs run in its cluster.
@Suite(.serialized, .ownThread) struct AttachedRunTests {
  private func serving(_ body: @escaping (_ state: String, TemporaryFolder) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/s"
    let served = try await Program.serve(state) { _ in
      try await body(state, folder)
    }
    #expect(served.status == 0, "\(served.errors)")
  }

  private static func jobs(_ last: String) -> String {
    """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: words}
    spec:
      completions: 2
      parallelism: 1
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          containers:
          - {name: main, image: local, command: [sh, -c, "echo first; echo second; \(last)"]}
    """
  }

  /// Lines without what differs from run to run: the ends of names, and times, of which the API tells whole seconds.
  private static func comparable(_ text: String) -> [String] {
    text.split(separator: "\n").map { line in
      String(line).replacing(#/words-[a-z0-9]{5}/#, with: "words-x").replacing(#/[0-9.]+m?s\b/#, with: "T")
        .replacing(#/node-[0-9]/#, with: "node").replacing(#/ +/#, with: " ")
    }.sorted()
  }

  @Test(arguments: [("true", Int32(0)), ("exit 3", 1)])
  func itIsAsInAClusterOfItsOwn(_ last: String, _ status: Int32) async throws {
    try await serving { state, folder in
      let file = try folder.file("words.yaml", Self.jobs(last))
      let own = try await Program.run(["run", "-f", file])
      let guest = try await Program.run(["run", "--state-dir", state, "-f", file])
      #expect(own.status == status, "\(own.output)\(own.errors)")
      #expect(guest.status == status, "\(guest.output)\(guest.errors)")
      #expect(Self.comparable(guest.output) == Self.comparable(own.output), "\(guest.output)\n\(own.output)")
      #expect(guest.errors == own.errors)
      // The job stays where it ran.
      #expect(try await Program.run(["get", "job", "words", "--state-dir", state]).status == 0)
    }
  }

  @Test func aJobThatRunsAlreadyIsFollowed() async throws {
    try await serving { state, folder in
      let file = try folder.file("words.yaml", Self.jobs("while [ ! -e \(folder.path)/go ]; do sleep 0.1; done"))
      #expect(try await Program.run(["apply", "--state-dir", state, "-f", file]).status == 0)
      try await eventually("it runs") {
        try await Program.run(["logs", "--state-dir", state, "job/words"]).output.contains("second")
      }
      let guest = try await Program.run(["run", "--state-dir", state, "-f", file], limit: 120) {
        try await $0.waitForOutput("| second", limit: 60)
        _ = try folder.file("go", "")
      }
      #expect(guest.status == 0, "\(guest.errors)")
      #expect(guest.output.contains("job.batch/words complete: 2/2"), "\(guest.output)")
    }
  }

  @Test func aCommandAndJSON() async throws {
    try await serving { state, _ in
      let guest = try await Program.run(["run", "--state-dir", state, "-o", "json", "--", "echo", "hello"])
      #expect(guest.status == 0, "\(guest.errors)")
      #expect(guest.output.contains("\"kind\": \"List\"") && guest.output.contains("\"Complete\""))
    }
  }

  @Test func whatIsGivenUpStops() async throws {
    try await serving { state, _ in
      let guest = try await Program.run(
        ["run", "--state-dir", state, "--name", "long", "--", "/bin/sh", "-c", "echo ready; sleep 3600"]
      ) {
        try await $0.waitForOutput("| ready")
        $0.send(SIGINT)
      }
      #expect(guest.status == 130)
      #expect(guest.errors.contains("job.batch/long suspended"), "\(guest.errors)")
      try await eventually("its pod is gone") {
        try await Program.run(["get", "pods", "--state-dir", state, "-o", "name"]).output.isEmpty
      }
      let late = try await Program.run(
        ["run", "--state-dir", state, "--name", "late", "--timeout", "1s", "--", "sleep", "3600"])
      #expect(late.status == 124)
      #expect(late.errors.contains("job.batch/late suspended"), "\(late.errors)")
    }
  }

  @Test func whatOnlyTheHolderDecidesIsRefused() async throws {
    try await serving { state, _ in
      for option in [["--seed", "3"], ["--nodes", "2"]] {
        let refused = try await Program.run(["run", "--state-dir", state] + option + ["--", "true"])
        #expect(refused.status == 1)
        #expect(refused.errors.contains("\(option[0]) is decided where the cluster is started"), "\(refused.errors)")
      }
    }
  }
}
