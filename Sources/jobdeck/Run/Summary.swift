import KubeModel

/// The table at the end of a run, and the words in it.
enum Summary {
  /// One line a job, columns aligned, as kubectl lays them out; with a NAMESPACE column where there are several.
  static func table(of jobs: [Job], at now: Instant) -> [String] {
    guard !jobs.isEmpty else { return [] }
    let severalNamespaces = Set(jobs.map(\.metadata.namespace)).count > 1
    var rows = [["NAME", "STATUS", "COMPLETIONS", "FAILED", "DURATION", "REASON"]]
    if severalNamespaces { rows[0].insert("NAMESPACE", at: 0) }
    for job in jobs {
      let (status, reason) = state(of: job)
      var row = [
        job.metadata.name, status, completions(of: job), "\(job.status.failed)",
        duration(of: job, at: now) ?? "", reason,
      ]
      if severalNamespaces { row.insert(job.metadata.namespace, at: 0) }
      rows.append(row)
    }
    return aligned(rows)
  }

  /// Columns three blanks apart; nothing trails.
  static func aligned(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, text) in row.enumerated() {
        line += text
        let rest = row[(column + 1)...].contains { !$0.isEmpty }
        guard rest else { break }
        line += String(repeating: " ", count: widths[column] - text.count + 3)
      }
      return line
    }
  }

  /// kubectl's word for the job's state, and the reason where it fails.
  static func state(of job: Job) -> (status: String, reason: String) {
    let status = JobDisplay.status(job)
    let failure = job.status.conditions["Failed"] ?? job.status.conditions["FailureTarget"]
    return (status, failure?.isTrue == true && status != "Complete" ? failure?.reason ?? "" : "")
  }

  /// As kubectl's column: `3/4`, and `1/1 of 3` for a work queue of three.
  static func completions(of job: Job) -> String { JobDisplay(job).completions }

  /// From the job's start to its completion or failure, or to the given present time; `nil` before it has started.
  static func duration(of job: Job, at now: Instant) -> String? {
    JobDisplay.duration(job, now: now).map(text)
  }

  /// `12ms` below a second, `9.8s` below ten, then as kubectl writes durations: `42s`, `3m20s`, `5h`, `12d`.
  static func text(_ duration: Duration) -> String {
    let microseconds = max(duration.inMicroseconds, 0)
    if microseconds == 0 { return "0s" }
    if microseconds < 1_000_000 { return "\(max(microseconds / 1_000, 1))ms" }
    guard microseconds < 10_000_000 else { return humanDuration(duration) }
    let tenths = microseconds / 100_000
    return tenths % 10 == 0 ? "\(tenths / 10)s" : "\(tenths / 10).\(tenths % 10)s"
  }
}
