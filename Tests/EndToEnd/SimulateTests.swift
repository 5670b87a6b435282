import Foundation
import Testing

/// `jobdeck run --simulate`: virtual time.
@Suite(.ownThread) struct SimulateTests {
  static func job(_ name: String, annotations: String, spec: String = "") -> String {
    """
    apiVersion: batch/v1
    kind: Job
    metadata: { name: \(name) }
    spec:
      \(spec.isEmpty ? "backoffLimit: 6" : spec)
      template:
        metadata:
          annotations: { \(annotations) }
        spec:
          restartPolicy: Never
          containers: [{ name: main, image: x, command: ["true"] }]
    """
  }

  @Test func hoursPassAtOnce() async throws {
    // Killed after fifteen minutes, were they real hours.
    let result = try await Program.run(
      ["run", "--simulate", "-f", "-"], input: Self.job("long", annotations: "jobdeck.dev/duration: 5h"))
    #expect(result.status == 0)
    #expect(result.output.contains("job.batch/long complete: 1/1 succeeded in 5h\n"))
  }

  @Test func retriesWaitAsInKubernetes() async throws {
    // 10 + 20 + 40 seconds between four attempts.
    let result = try await Program.run(
      ["run", "--simulate", "-f", "-"],
      input: Self.job("flaky", annotations: #"jobdeck.dev/fail-attempts: "3""#))
    #expect(result.status == 0)
    #expect(result.output.contains(#/flaky +Complete +1\/1 +3 +70s/#))
  }

  @Test func theSameSeedGivesTheSameRun() async throws {
    let manifest = Self.job(
      "seeded", annotations: "jobdeck.dev/duration: 10s..400s",
      spec: "completionMode: Indexed\n  completions: 20\n  parallelism: 7")
    let first = try await Program.run(["run", "--simulate", "--seed", "7", "-f", "-"], input: manifest)
    let second = try await Program.run(["run", "--simulate", "--seed", "7", "-f", "-"], input: manifest)
    let other = try await Program.run(["run", "--simulate", "--seed", "8", "-f", "-"], input: manifest)
    #expect(first.status == 0)
    #expect(first.output == second.output)
    #expect(first.output != other.output)
  }

  @Test func aVirtualTimeoutEndsTheRun() async throws {
    let result = try await Program.run(
      ["run", "--simulate", "--timeout", "1h", "-f", "-"],
      input: Self.job("endless", annotations: "jobdeck.dev/duration: 9999h"))
    #expect(result.status == 124)
    #expect(result.output.contains(#/endless +Running +0\/1 +0 +60m/#))
  }

  @Test func aMonthOfNightsIsThirtyJobs() async throws {
    let result = try await Program.run([
      "run", "--simulate", "--timeout", "720h", "-f", Program.root + "/Assets/cron-nightly.yaml",
    ])
    #expect(result.status == 124)
    #expect(result.output.matches(of: #/job\.batch\/nightly-\d+ created\n/#).count == 30)
    #expect(result.output.matches(of: #/job\.batch\/nightly-\d+ complete: /#).count == 30)
  }

  @Test func jobsThatTheirTimeToLiveRemovesCount() async throws {
    let spec = "ttlSecondsAfterFinished: 0"
    let short = Self.job("short", annotations: "jobdeck.dev/duration: 1s", spec: spec)
    let long = Self.job("long", annotations: "jobdeck.dev/duration: 100s", spec: spec)
    let result = try await Program.run(["run", "--simulate", "-f", "-"], input: short + "\n---\n" + long)
    #expect(result.status == 0)
    #expect(result.output.contains(#/short +Complete/#))
  }

  @Test func eventsOfMoreThanAnHourAgoAreAmongTheResults() async throws {
    let result = try await Program.run(
      ["run", "--simulate", "-o", "json", "-f", "-"],
      input: Self.job("long", annotations: "jobdeck.dev/duration: 5h"))
    for reason in ["SuccessfulCreate", "Scheduled", "Completed"] {
      #expect(result.output.contains(#""reason": "\#(reason)""#))
    }
  }

  @Test func theDemoCanBeRehearsed() async throws {
    let result = try await Program.run([
      "run", "--simulate", "--timeout", "2h", "--nodes", "3", "--node-cpu", "4", "--node-memory", "8Gi", "-f",
      Program.root + "/Assets/demo",
    ])
    // embed-everything never finds a node, reindex waits to be resumed.
    #expect(result.status == 124)
    #expect(result.output.contains("job.batch/import-orders complete: 40/40 succeeded"))
    #expect(result.output.contains("job.batch/load-prices failed: PodFailurePolicy"))
  }
}
