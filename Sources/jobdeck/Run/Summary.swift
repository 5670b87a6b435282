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

  /// kubectl's word for the job's state, and the reason where it failed.
  static func state(of job: Job) -> (status: String, reason: String) {
    let conditions = job.status.conditions
    if conditions.isTrue("Complete") { return ("Complete", "") }
    if conditions.isTrue("Failed") { return ("Failed", conditions["Failed"]?.reason ?? "") }
    if job.metadata.deletionTimestamp != nil { return ("Terminating", "") }
    if conditions.isTrue("Suspended") { return ("Suspended", "") }
    if conditions.isTrue("FailureTarget") { return ("FailureTarget", conditions["FailureTarget"]?.reason ?? "") }
    if conditions.isTrue("SuccessCriteriaMet") { return ("SuccessCriteriaMet", "") }
    return ("Running", "")
  }

  /// As kubectl's column: `3/4`, and `1/1 of 3` for a work queue of three.
  static func completions(of job: Job) -> String {
    if let completions = job.spec.completions { return "\(job.status.succeeded)/\(completions)" }
    let parallelism = job.spec.parallelism ?? 1
    return parallelism > 1 ? "\(job.status.succeeded)/1 of \(parallelism)" : "\(job.status.succeeded)/1"
  }

  /// From the job's start to its completion or failure; `nil` before it has started, or while it runs and no present
  /// time is given.
  static func duration(of job: Job, at now: Instant? = nil) -> String? {
    guard let start = job.status.startTime else { return nil }
    let failure = job.status.conditions["Failed"].flatMap { $0.isTrue ? $0.lastTransitionTime : nil }
    guard let end = job.status.completionTime ?? failure ?? now else { return nil }
    return text(end - start)
  }

  /// `12ms` below a second, `9.8s` below ten, then as kubectl writes durations: `42s`, `3m20s`, `5h`, `12d`.
  static func text(_ duration: Duration) -> String {
    let microseconds = max(duration.inMicroseconds, 0)
    let seconds = microseconds / 1_000_000
    if microseconds == 0 { return "0s" }
    if seconds < 1 { return "\(max(microseconds / 1_000, 1))ms" }
    if seconds < 10 {
      let tenths = microseconds / 100_000
      return tenths % 10 == 0 ? "\(tenths / 10)s" : "\(tenths / 10).\(tenths % 10)s"
    }
    func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
      small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
    }
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400)
    if seconds < 120 { return "\(seconds)s" }
    if minutes < 10 { return pair(minutes, "m", seconds % 60, "s") }
    if hours < 3 { return "\(minutes)m" }
    if hours < 8 { return pair(hours, "h", minutes % 60, "m") }
    if hours < 48 { return "\(hours)h" }
    if days < 8 { return pair(days, "d", hours % 24, "h") }
    return "\(days)d"
  }
}
