import Foundation
import Testing

/// The ten journeys of the README, each as a user makes it: the built program in a terminal, key by key.
@Suite(.serialized, .ownThread, .enabled(if: Tmux.isInstalled, "tmux is not installed; script/test installs it"))
struct JourneyTests {
  /// A job of one container that runs `script`; `fields` are more lines of its specification.
  private func job(_ name: String, _ script: String, _ fields: String...) -> String {
    """
    apiVersion: batch/v1
    kind: Job
    metadata: { name: \(name) }
    spec:
      \((fields.isEmpty ? ["backoffLimit: 0"] : fields).joined(separator: "\n  "))
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: main
              image: debian:12
              command: [/bin/sh, -c, '\(script)']

    """
  }

  /// An editor that replaces one text by another, wherever it stands. A shell reads it: the kernel refuses to run a
  /// file that is open for writing ("text file busy"), and a process that another test started at that moment may
  /// have inherited it open.
  private func editor(in folder: TemporaryFolder, replacing text: String, with other: String) throws -> [String: String]
  {
    let path = try folder.file("editor", "exec sed -i 's/\(text)/\(other)/' \"$1\"\n")
    return ["EDITOR": "sh \(path)", "VISUAL": "sh \(path)"]
  }

  /// 1. A command becomes a job, runs, and its log is read.
  @Test func aFirstJob() async throws {
    let tmux = try await Tmux(["--in-memory"], columns: 80, rows: 24)
    try await tmux.wait(for: "in memory")
    try await tmux.press("n")
    try await tmux.wait(for: "New job")
    try await tmux.type("echo so it begins")
    try await tmux.press("C-s")
    try await tmux.wait(for: "Complete", "1/1")
    try await tmux.press("l")
    try await tmux.wait(for: "so it begins")
    try await tmux.leave()
  }

  /// 2. A failed job is understood in two keys: why, and the log of the pod that failed it.
  @Test func whyDidItFail() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("job.yaml", job("import", "echo reading; echo disk full >&2; exit 28"))
    let tmux = try await Tmux(["--in-memory", "-f", file], columns: 80, rows: 24, folder: folder)
    try await tmux.wait(for: "import", "BackoffLimit")
    try await tmux.press("w")
    try await tmux.wait(for: "28", "disk full", "BackoffLimitExceeded")
    try await tmux.press("Enter")
    try await tmux.wait(for: "import-")
    try await tmux.leave()
  }

  /// 3. The mistake is set right in the editor, and the job runs again under a new name.
  @Test func setRightAndRunAgain() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("job.yaml", job("report", "exit 3"))
    let tmux = try await Tmux(
      ["--in-memory", "-f", file],
      environment: try editor(in: folder, replacing: "exit 3", with: "echo put right"), folder: folder)
    try await tmux.wait(for: "report", "BackoffLimit")
    try await tmux.press("a")
    try await tmux.wait(for: "report-r2", "Complete")
    try await tmux.press("/")
    try await tmux.type("r2")
    try await tmux.press("Enter", "l")
    try await tmux.wait(for: "put right")
    try await tmux.leave()
  }

  /// 4. Of a sweep, only the indexes that failed run again.
  @Test func onlyWhatFailedAgain() async throws {
    let folder = try TemporaryFolder()
    let flag = folder.path + "/flag"
    let file = try folder.file(
      "job.yaml",
      job(
        "sweep", "test -e \(flag) || test $JOB_COMPLETION_INDEX != 2",
        "completions: 4", "parallelism: 2", "completionMode: Indexed", "backoffLimitPerIndex: 0"))
    let tmux = try await Tmux(["--in-memory", "-f", file], folder: folder)
    try await tmux.wait(for: "sweep", "3/4", "FailedIndexes")
    try Data().write(to: URL(fileURLWithPath: flag))
    try await tmux.press("f")
    try await tmux.wait(for: "sweep-i2", "Complete")
    try await tmux.leave()
  }

  /// 5. A cron job runs now, is suspended, and the suspension undone.
  @Test func aCronJobByHand() async throws {
    let tmux = try await Tmux(["--in-memory", "-f", Program.root + "/Assets/cron-nightly.yaml"])
    try await tmux.wait(for: "in memory")
    try await tmux.type(":cronjobs\r")
    try await tmux.wait(for: "› CronJobs ─", "nightly")
    try await tmux.press("t")
    try await tmux.wait(for: "-manual-")
    try await tmux.press("s")
    try await tmux.wait(for: "Suspended")
    try await tmux.press("z")
    try await tmux.waitUntilGone("Suspended")
    try await tmux.press("Enter")
    try await tmux.wait(for: "CronJobs › ", "-manual-")
    try await tmux.leave()
  }

  /// 6. A file is applied by command, its job changed in the editor.
  @Test func fromAFileAndEdited() async throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("work.yaml", job("work", "sleep 300", "suspend: true", "parallelism: 1"))
    let tmux = try await Tmux(
      ["--in-memory"], environment: try editor(in: folder, replacing: "parallelism: 1", with: "parallelism: 3"),
      folder: folder)
    try await tmux.wait(for: "in memory")
    try await tmux.type(":apply work.yaml\r")
    try await tmux.wait(for: "work", "Suspended")
    try await tmux.press("e")
    try await tmux.wait(for: "Changed")
    try await tmux.press("y")
    try await tmux.wait(for: "parallelism: 3")
    try await tmux.leave()
  }

  /// 7. What is done with is found, marked and deleted, after a question that names it.
  @Test func cleaningUp() async throws {
    let folder = try TemporaryFolder()
    let names = ["old-1", "old-2", "old-3", "keep"]
    let file = try folder.file("jobs.yaml", names.map { job($0, "true") }.joined(separator: "---\n"))
    let tmux = try await Tmux(["--in-memory", "-f", file], folder: folder)
    try await tmux.wait(for: "old-1", "old-2", "old-3", "keep", "Complete")
    try await tmux.type("/old\r")
    try await tmux.waitUntilGone("keep")
    try await tmux.press("C-a", "C-d")
    try await tmux.wait(for: "Delete", "old-1", "3")
    try await tmux.press("y")
    try await tmux.waitUntilGone("old-1")
    try await tmux.press("Escape")
    try await tmux.wait(for: "keep", "Deleted 3 jobs")
    try await tmux.leave()
  }

  /// 8. In the merged log of all pods a line is looked for, only some lines are kept, and the log is saved.
  @Test func searchingALog() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file(
      "job.yaml",
      job(
        "sweep", "for i in $(seq 300); do echo step $i of $JOB_COMPLETION_INDEX; done; echo found it",
        "completionMode: Indexed", "completions: 2", "parallelism: 2"))
    let tmux = try await Tmux(["--in-memory", "-f", file], columns: 80, rows: 24, folder: folder)
    try await tmux.wait(for: "sweep", "2/2")
    try await tmux.press("l")
    try await tmux.wait(for: "found it")
    try await tmux.type("/step 17 of 1\r")
    try await tmux.wait(for: "[1] step 17 of 1")
    try await tmux.press("Escape")
    try await tmux.waitUntilGone("/step")
    try await tmux.type("&found\r")
    try await tmux.waitUntilGone("step 17")
    try await tmux.wait(for: "[0] found it", "[1] found it")
    let saved = folder.path + "/sweep.log"
    try await tmux.press("S")
    try await tmux.press("C-u")
    try await tmux.type("\(saved)\r")
    try await eventually("the log on disk") {
      let text = (try? String(contentsOfFile: saved, encoding: .utf8)) ?? ""
      return text.components(separatedBy: "found it").count == 3 && !text.contains("step")
    }
    try await tmux.leave()
  }

  /// 9. A node is emptied for maintenance: its pods go elsewhere, and the node takes none until it is uncordoned.
  @Test func aNodeIsDrained() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file(
      "job.yaml",
      job(
        "serve", "exec sleep 3600", "completions: 2", "parallelism: 2",
        // What is evicted is replaced, and counts as no failure.
        "podFailurePolicy: { rules: [{ action: Ignore, onPodConditions: [{ type: DisruptionTarget }] }] }"))
    let tmux = try await Tmux(["--in-memory", "--nodes", "2", "-f", file], folder: folder)
    try await tmux.wait(for: "serve", "Running")
    try await tmux.type(":nodes\r")
    try await tmux.wait(for: "› Nodes ─", "node-1", "node-2")
    try await tmux.press("r")
    try await tmux.wait(for: "Drain")
    try await tmux.press("y")
    try await tmux.wait(for: "SchedulingDisabled")
    try await tmux.type(":pods\r")
    try await eventually("both pods on the other node") {
      let pods = try await tmux.screen().split(separator: "\n").filter {
        $0.contains("serve-") && $0.contains("Running")
      }
      return pods.count == 2 && pods.allSatisfy { $0.contains("node-2") }
    }
    try await tmux.leave()
  }

  /// 10. The cluster is still there the next day: what was done, and what is due.
  @Test func theNextDay() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("job.yaml", job("once", "echo for the record"))
    do {
      let tmux = try await Tmux(["-f", file, "-f", Program.root + "/Assets/cron-nightly.yaml"], folder: folder)
      try await tmux.wait(for: "once", "Complete")
      try await tmux.leave()
    }
    let tmux = try await Tmux([], folder: folder)
    try await tmux.wait(for: "once", "Complete")
    try await tmux.press("l")
    try await tmux.wait(for: "for the record")
    try await tmux.press("Escape")
    try await tmux.waitUntilGone("for the record")
    try await tmux.type(":cronjobs\r")
    try await tmux.wait(for: "nightly", "in ")
    try await tmux.leave()
  }
}
