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
    // Pods of a second each, 250 at a time: each is made, placed, started and ended, which is four changes, beside those
    // of its job and its events.
    terminal.write(":jobs\r/churn\r")
    terminal.read(until: .now + .seconds(2))
    terminal.write("s\u{1B}:pods\rG")
    terminal.read(until: .now + .seconds(5))
    let busy = keys(terminal, "\u{1B}OA", marker: "▌")
    terminal.end()
    var rows = [
      Row(
        what: "100,000 jobs, 150,000 running pods, in the terminal: Down to its first byte, median and p99",
        budget: "p99 16 ms", measured: ours.keys, isWithin: ours.high <= 16),
      Row(
        what: "the same: idle for 10 s, share of a core; resident memory", budget: "< 1 %",
        measured: "\(decimal(ours.share, 2)) %; \(ours.megabytes) MB", isWithin: ours.share < 1),
    ]
    rows.insert(
      Row(
        what: "the same while 250 pods a second come and end (over 1,000 changes): Up to the bar's new place, median "
          + "and p99", budget: "p99 16 ms", measured: "\(decimal(busy.median, 2)) ms; \(decimal(busy.high, 2)) ms",
        isWithin: busy.high <= 16), at: 1)
    guard access(htop, X_OK) == 0 else {
      rows.append(Row(what: "htop, for comparison", budget: "", measured: "is not installed", isWithin: true))
      return rows
    }
    let sleepers = sleepers(min(processes ?? .max, Machine.processesThatFit))
    defer {
      for process in sleepers { kill(process, SIGKILL) }
      for process in sleepers { end(process) }
    }
    let other = try Pseudoterminal(htop, [])
    rest(other, within: .seconds(20))
    let theirs = figures(other)
    other.end()
    rows.append(
      Row(
        what: "htop with \(sleepers.count) more processes, all that "
          + "\(processes == nil ? "this machine has room for" : "were asked for"): Down to its first byte, median and p99",
        budget: "",
        measured: theirs.keys, isWithin: true))
    rows.append(
      Row(
        what: "htop: idle for 10 s, share of a core; resident memory", budget: "",
        measured: "\(decimal(theirs.share, 2)) %; \(theirs.megabytes) MB", isWithin: true))
    return rows
  }

  /// How many processes htop is given, where fewer are wanted than the machine has room for: `htop=2000`.
  static let processes: Int? = CommandLine.arguments.lazy.compactMap { argument in
    argument.hasPrefix("htop=") ? Int(argument.dropFirst(5)) : nil
  }.first

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
    let times = keys(terminal, "\u{1B}OB")
    return Figures(
      share: share, megabytes: terminal.residentMemory >> 20, median: times.median, high: times.high)
  }

  /// The time from a key to the first byte after it, or to the first one that a marker is in: where something is drawn
  /// all the time, that is what tells that the key was answered.
  private static func keys(
    _ terminal: Pseudoterminal, _ key: String, marker: String? = nil
  ) -> (median: Double, high: Double) {
    var times: [Double] = []
    for _ in 0..<200 {
      let bytes = terminal.bytesWritten
      terminal.forgetText()
      let pressed = ContinuousClock.now
      terminal.write(key)
      terminal.read(until: pressed + .seconds(1)) {
        marker.map { terminal.text.contains($0) } ?? (terminal.bytesWritten > bytes)
      }
      times.append((.now - pressed).milliseconds)
      // At the pace of a key that is held down.
      terminal.read(until: .now + .milliseconds(30))
    }
    return (percentile(0.5, of: times), percentile(0.99, of: times))
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

  /// 99,849 suspended jobs, one that is to be busy, and 150 of a thousand pods each.
  private static func writeManifests(to folder: String) throws {
    let pod = #"{"restartPolicy":"Never","containers":[{"name":"main","image":"x","command":["true"]}]}"#
    func job(_ name: String, _ spec: String, _ annotations: String) -> String {
      """
      ---
      {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"\(name)"},"spec":{\(spec),
      "template":{"metadata":{"annotations":{\(annotations)}},"spec":\(pod)}}}

      """
    }
    var jobs = (0..<99_849).map { job("idle-\($0)", #""suspend":true"#, "") }
    jobs.append(
      job(
        "churn", #""suspend":true,"completions":1000000,"parallelism":250"#, #""jobdeck.dev/duration":"1s""#))
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

/// What the machine has room for.
private enum Machine {
  /// Bytes that an idle process takes, with what the kernel keeps for it; generously.
  private static let processSize = 400 << 10

  /// Processes that can be started beside those that run: within the limits of the user, of the control group and of
  /// the system, and in half of the memory that is free.
  static var processesThatFit: Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(6), &limit)  // RLIMIT_NPROC
    let running = Files.names(in: "/proc").count { Int($0) != nil }
    var room = [Int(clamping: limit.rlim_cur) - running, number("/proc/sys/kernel/pid_max") - running]
    room.append(number("/proc/sys/kernel/threads-max") - running)
    room.append(number("/sys/fs/cgroup/pids.max") - number("/sys/fs/cgroup/pids.current", or: 0))
    for line in Files.text("/proc/meminfo").split(separator: "\n") where line.hasPrefix("MemAvailable:") {
      let kilobytes = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      room.append(kilobytes * 1024 / 2 / processSize)
    }
    // Others want to start something too.
    return max(0, (room.min() ?? 0) * 9 / 10)
  }

  /// What a file says; where it says nothing, or `max`, there is no limit.
  private static func number(_ path: String, or usual: Int = .max / 2) -> Int {
    Int(Files.text(path).split(separator: "\n").first ?? "") ?? usual
  }
}
