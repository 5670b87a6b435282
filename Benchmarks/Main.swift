import Glibc

/// One line of the table: what was measured, what it may cost, and what it did cost.
struct Row {
  var what: String
  var budget: String
  var measured: String
  var isWithin: Bool
}

/// Measures what Docs/architecture.md promises. Run it through script/benchmark: figures of a debug build mean nothing.
@main
enum Benchmarks {
  static let all: [(name: String, measure: @Sendable () async throws -> [Row])] = [
    ("frame", Frame.measure),
    ("scale", Scale.measure),
    ("start", Start.measure),
    ("idle", Idle.measure),
    ("launch", Launch.measure),
    ("processes", Processes.measure),
    ("simulation", Simulation.measure),
    ("cron", CronYear.measure),
    ("memory", Memory.measure),
    ("api", ServedLoad.measure),
    ("htop", SideBySide.measure),
  ]

  static func main() async {
    if let status = await LoadClients.run(CommandLine.arguments) { exit(status) }
    // `htop=2000` is htop with so many processes, `api=10` the API under load for so many seconds.
    let wanted = CommandLine.arguments.dropFirst().map { $0.split(separator: "=").first.map(String.init) ?? $0 }
    if let unknown = wanted.first(where: { name in !all.contains { $0.name == name } }) {
      print("there is no measurement '\(unknown)'; there are: \(all.map(\.name).joined(separator: ", "))")
      exit(2)
    }
    print("| what | budget | measured | |")
    print("| --- | --- | --- | --- |")
    var failed = false
    for (name, measure) in all where wanted.isEmpty || wanted.contains(name) {
      do {
        for row in try await measure() {
          print("| \(row.what) | \(row.budget) | \(row.measured) | \(row.isWithin ? "ok" : "over") |")
          fflush(nil)
        }
      } catch {
        failed = true
        print("| \(name) | | could not be measured: \(error) | |")
      }
    }
    exit(failed ? 1 : 0)
  }
}

/// The release build of the program, next to this one.
let program: String = {
  var buffer = [CChar](repeating: 0, count: 4096)
  let count = readlink("/proc/self/exe", &buffer, buffer.count)
  let path = String(decoding: buffer[..<max(0, count)].map(UInt8.init(bitPattern:)), as: UTF8.self)
  return path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/jobdeck"
}()

extension Duration {
  var milliseconds: Double { self / .milliseconds(1) }
}

/// `1.23`
func decimal(_ value: Double, _ digits: Int = 1) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let rounded = Int64((value * scale).rounded())
  let (whole, fraction) = (rounded / Int64(scale), abs(rounded % Int64(scale)))
  let text = String(fraction)
  return digits == 0 ? "\(whole)" : "\(whole)." + String(repeating: "0", count: digits - text.count) + text
}

/// The value below which the given part of all values lies.
func percentile(_ part: Double, of values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return 0 }
  return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
}
