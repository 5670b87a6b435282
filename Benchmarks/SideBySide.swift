import Glibc

/// The dashboard with 100,000 jobs and 150,000 running pods beside htop with as many processes as this machine gives.
enum SideBySide {
  private static let htop = "/usr/bin/htop"

  static func measure() async throws -> [Row] {
    let folder = try Files.temporaryFolder()
    defer { Files.remove(folder) }
    try writeManifests(to: folder)
    let terminal = try Pseudoterminal(
      program, ["--in-memory", "--simulate", "--nodes", "1500", "--node-cpu", "1024", "-f", folder])
    rest(terminal, within: .seconds(180))
    terminal.write(":pods\r")
    terminal.read(until: .now + .seconds(3))
    let ours = figures(terminal)
    terminal.end()
    var rows = [
      Row(
        what: "100,000 jobs, 150,000 running pods, in the terminal: Down to its first byte, median and p99",
        budget: "p99 16 ms", measured: ours.keys, isWithin: ours.high <= 16),
      Row(
        what: "the same: idle for 10 s, share of a core; resident memory", budget: "< 1 %",
        measured: "\(decimal(ours.share, 2)) %; \(ours.megabytes) MB", isWithin: ours.share < 1),
    ]
    guard access(htop, X_OK) == 0 else {
      rows.append(Row(what: "htop, for comparison", budget: "", measured: "is not installed", isWithin: true))
      return rows
    }
    let sleepers = sleepers(2_000)
    defer { for process in sleepers { end(process) } }
    let other = try Pseudoterminal(htop, [])
    other.read(until: .now + .seconds(4))
    let theirs = figures(other)
    other.end()
    rows.append(
      Row(
        what: "htop with \(sleepers.count) more processes: Down to its first byte, median and p99", budget: "",
        measured: theirs.keys, isWithin: true))
    rows.append(
      Row(
        what: "htop: idle for 10 s, share of a core; resident memory", budget: "",
        measured: "\(decimal(theirs.share, 2)) %; \(theirs.megabytes) MB", isWithin: true))
    return rows
  }

  private struct Figures {
    var share: Double
    var megabytes: Int
    var median: Double
    var high: Double
    var keys: String { "\(decimal(median, 2)) ms; \(decimal(high, 2)) ms" }
  }

  private static func figures(_ terminal: Pseudoterminal) -> Figures {
    let time = terminal.processorTime
    terminal.read(until: .now + .seconds(10))
    let share = Double(terminal.processorTime - time) / 1e9 / 10 * 100
    var times: [Double] = []
    for _ in 0..<200 {
      let bytes = terminal.bytesWritten
      let pressed = ContinuousClock.now
      terminal.write("\u{1B}OB")
      terminal.read(until: pressed + .seconds(1)) { terminal.bytesWritten > bytes }
      times.append((.now - pressed).milliseconds)
      // At the pace of a key that is held down.
      terminal.read(until: .now + .milliseconds(30))
    }
    return Figures(
      share: share, megabytes: terminal.residentMemory >> 20, median: percentile(0.5, of: times),
      high: percentile(0.99, of: times))
  }

  /// Waits until the processor is hardly used for a second.
  private static func rest(_ terminal: Pseudoterminal, within limit: Duration) {
    let end = ContinuousClock.now + limit
    terminal.read(until: .now + .seconds(5))
    var time = terminal.processorTime
    while ContinuousClock.now < end {
      terminal.read(until: .now + .seconds(1))
      let now = terminal.processorTime
      if now - time < 50_000_000 { return }
      time = now
    }
  }

  /// 99,850 suspended jobs, and 150 of a thousand pods each.
  private static func writeManifests(to folder: String) throws {
    let pod = #"{"restartPolicy":"Never","containers":[{"name":"main","image":"x","command":["true"]}]}"#
    func job(_ name: String, _ spec: String, _ annotations: String) -> String {
      """
      ---
      {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"\(name)"},"spec":{\(spec),
      "template":{"metadata":{"annotations":{\(annotations)}},"spec":\(pod)}}}

      """
    }
    var jobs = (0..<99_850).map { job("idle-\($0)", #""suspend":true"#, "") }
    jobs += (0..<150).map {
      job("busy-\($0)", #""completions":1000,"parallelism":1000"#, #""jobdeck.dev/duration":"10h""#)
    }
    // A file has its limit.
    for start in stride(from: 0, to: jobs.count, by: 20_000) {
      try Memory.write(jobs[start..<min(start + 20_000, jobs.count)].joined(), to: "\(folder)/jobs-\(start).yaml")
    }
  }

  private static func sleepers(_ count: Int) -> [pid_t] {
    var processes: [pid_t] = []
    for _ in 0..<count {
      var words: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/sleep"), strdup("600"), nil]
      defer { for word in words { free(word) } }
      var process = pid_t()
      guard posix_spawn(&process, "/bin/sleep", nil, nil, &words, nil) == 0 else { break }
      processes.append(process)
    }
    return processes
  }

  private static func end(_ process: pid_t) {
    kill(process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }
}
