internal import KubeModel

/// How a log shows when its lines were written.
enum LogTimes: Hashable, Sendable, CaseIterable {
  case hidden, local, utc, relative

  var next: LogTimes {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }

  /// As the status line names it.
  var title: String {
    switch self {
    case .hidden: "No times"
    case .local: "Local times"
    case .utc: "Times in UTC"
    case .relative: "Times before now"
    }
  }

  func text(_ time: Instant, now: Instant, localOffset: @Sendable (Instant) -> Int) -> String? {
    switch self {
    case .hidden: return nil
    case .local: return Format.timestamp(time, offset: localOffset(time), date: now - time > .seconds(43_200))
    case .utc: return Format.timestamp(time, offset: 0, date: now - time > .seconds(43_200)) + "Z"
    case .relative:
      let text = humanDuration(max(.zero, now - time))
      return String(repeating: " ", count: max(0, 6 - text.count)) + text
    }
  }
}
