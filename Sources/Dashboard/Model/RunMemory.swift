internal import KubeModel

/// The part of a ``Memory`` that is about runs: how long they took, and how those of cron jobs ended.
struct RunMemory: Hashable, Sendable {
  var works: [WorkDigest: RunHistory] = [:]
  /// By the cron job's UID, the oldest run first.
  var cronJobs: [String: [PastRuns.Run]] = [:]

  /// More works and more cron jobs are not remembered.
  static let limit = 1_000
  /// A name or a UID in Kubernetes is no longer.
  private static let nameLimit = 253

  /// Reads a line that ``lines`` wrote; false where it can't have.
  mutating func read(_ key: String, _ rest: String) -> Bool {
    let words = rest.split(separator: " ")
    guard words.count > 1 else { return false }
    switch key {
    case "work":
      guard let digest = WorkDigest(words[0]), works[digest] == nil, works.count < Self.limit,
        words.count - 1 <= RunHistory.limit
      else { return false }
      var history = RunHistory()
      for word in words.dropFirst() {
        guard let run = Self.run(word) else { return false }
        history.note(run)
      }
      works[digest] = history
    case "cron":
      guard words[0].utf8.count <= Self.nameLimit, cronJobs[String(words[0])] == nil, cronJobs.count < Self.limit,
        words.count - 1 <= PastRuns.limit
      else { return false }
      let runs = words.dropFirst().compactMap(Self.pastRun)
      guard runs.count == words.count - 1, zip(runs, runs.dropFirst()).allSatisfy({ $0.created <= $1.created })
      else { return false }
      cronJobs[String(words[0])] = runs
    default: return false
    }
    return true
  }

  /// A line for each work and each cron job.
  var lines: [String] {
    works.sorted { $0.key < $1.key }.map { digest, history in
      "work \(digest.text) "
        + history.runs.map { "\(Digest.text($0.job)):\($0.ended.microseconds):\($0.took.inMicroseconds)" }
        .joined(separator: " ")
    }
      + cronJobs.sorted { $0.key < $1.key }.compactMap { uid, runs in
        let runs = runs.filter { Self.isName($0.name) }
        guard Self.isName(uid), !runs.isEmpty else { return nil }
        return "cron \(uid) "
          + runs.map { "\($0.name):\($0.created.microseconds):\($0.hasFailed ? "failed" : "complete")" }
          .joined(separator: " ")
      }
  }

  /// `JOB:ENDED:TOOK`, in microseconds.
  private static func run(_ word: Substring) -> RunHistory.Run? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 16, let job = UInt64(parts[0], radix: 16),
      let ended = instant(parts[1]), let took = Int64(parts[2]), 0...longest ~= took
    else { return nil }
    return RunHistory.Run(job: job, ended: ended, took: .microseconds(took))
  }

  private static func pastRun(_ word: Substring) -> PastRuns.Run? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, parts[0].utf8.count <= nameLimit, let created = instant(parts[1]),
      ["failed", "complete"].contains(parts[2])
    else { return nil }
    return PastRuns.Run(name: String(parts[0]), created: created, hasFailed: parts[2] == "failed")
  }

  /// Whether it is what Kubernetes gives as names and UIDs, and so one word of a line: a server can say anything.
  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= nameLimit
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// Before the year 10,000.
  private static func instant(_ text: Substring) -> Instant? {
    guard let number = Int64(text), 0...253_402_300_799_000_000 ~= number else { return nil }
    return Instant(microseconds: number)
  }

  /// A hundred years.
  private static let longest: Int64 = 100 * 366 * 86_400 * 1_000_000
}
