import Glibc

/// From the start of the program to its first whole frame, on an empty cluster.
enum Start {
  static func measure() async throws -> [Row] {
    var times: [Double] = []
    for _ in 0..<21 {
      let started = ContinuousClock.now
      let terminal = try Pseudoterminal(program, ["--in-memory"])
      // The frame's last row is its footer.
      terminal.read(until: started + .seconds(10)) { terminal.text.contains("quit") }
      guard let shown = terminal.latestByte, terminal.text.contains("quit") else {
        terminal.end()
        throw Failure("no first frame within 10 s")
      }
      times.append((shown - started).milliseconds)
      terminal.end()
    }
    let median = percentile(0.5, of: times)
    return [
      Row(
        what: "start to first frame, empty cluster, median of 21", budget: "30 ms",
        measured: "\(decimal(median)) ms", isWithin: median <= 30)
    ]
  }
}

/// What a dashboard costs while nothing changes.
enum Idle {
  static func measure() async throws -> [Row] {
    let terminal = try Pseudoterminal(program, ["--in-memory"])
    defer { terminal.end() }
    terminal.read(until: .now + .seconds(2))
    let (bytes, time) = (terminal.bytesWritten, terminal.processorTime)
    terminal.read(until: .now + .seconds(10))
    let share = Double(terminal.processorTime - time) / 1e9 / 10 * 100
    let written = terminal.bytesWritten - bytes
    return [
      Row(
        what: "idle for 10 s: share of a core", budget: "< 0.5 %", measured: "\(decimal(share, 3)) %",
        isWithin: share < 0.5),
      Row(
        what: "idle for 10 s: bytes written", budget: "0", measured: "\(written)", isWithin: written == 0),
    ]
  }
}

/// What a dashboard with ten thousand running pods takes up.
enum Memory {
  static func measure() async throws -> [Row] {
    let folder = try Files.temporaryFolder()
    defer { Files.remove(folder) }
    let manifest = folder + "/job.yaml"
    try write(
      """
      apiVersion: batch/v1
      kind: Job
      metadata: { name: many }
      spec:
        completions: 10000
        parallelism: 10000
        template:
          metadata: { annotations: { jobdeck.dev/duration: 10h } }
          spec:
            restartPolicy: Never
            containers: [{ name: main, image: x, command: ["true"] }]
      """, to: manifest)
    let terminal = try Pseudoterminal(
      program, ["--in-memory", "--simulate", "--nodes", "100", "--node-cpu", "64", "-f", manifest])
    defer { terminal.end() }
    // Until it has come to rest: the processor is hardly used for a second.
    let end = ContinuousClock.now + .seconds(120)
    terminal.read(until: .now + .seconds(3))
    var time = terminal.processorTime
    while ContinuousClock.now < end {
      terminal.read(until: .now + .seconds(1))
      let now = terminal.processorTime
      if now - time < 50_000_000 { break }
      time = now
    }
    terminal.write(":pods\r")
    terminal.read(until: .now + .seconds(2))
    let megabytes = Double(terminal.residentMemory) / 1e6
    return [
      Row(
        what: "resident memory, dashboard with 10,000 pods", budget: "< 100 MB",
        measured: "\(decimal(megabytes, 0)) MB", isWithin: megabytes < 100)
    ]
  }

  static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw Failure("\(path) cannot be written") }
    defer { fclose(file) }
    fputs(text, file)
  }
}
