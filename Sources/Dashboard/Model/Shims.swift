internal import KubeModel

/// kubectl's pod status and human durations.
enum PodStatusWord {
  static func of(_ pod: Pod) -> String {
    var word = pod.status.reason.isEmpty ? pod.status.phase.rawValue : pod.status.reason
    if word.isEmpty { word = "Pending" }
    for status in pod.status.containerStatuses.reversed() {
      if let waiting = status.state.waiting, !waiting.reason.isEmpty {
        word = waiting.reason
      } else if let ended = status.state.terminated {
        word =
          !ended.reason.isEmpty
          ? ended.reason : ended.signal != 0 ? "Signal:\(ended.signal)" : "ExitCode:\(ended.exitCode)"
      }
    }
    if pod.metadata.deletionTimestamp != nil, !pod.status.phase.isTerminal { word = "Terminating" }
    return word
  }
}

func humanDuration(_ duration: Duration) -> String {
  let seconds = duration.inMicroseconds / 1_000_000
  if seconds < -1 { return "<invalid>" }
  if seconds < 0 { return "0s" }
  if seconds < 120 { return "\(seconds)s" }
  let minutes = seconds / 60
  if minutes < 10 { return seconds % 60 == 0 ? "\(minutes)m" : "\(minutes)m\(seconds % 60)s" }
  if minutes < 180 { return "\(minutes)m" }
  let hours = seconds / 3600
  if hours < 8 { return minutes % 60 == 0 ? "\(hours)h" : "\(hours)h\(minutes % 60)m" }
  if hours < 48 { return "\(hours)h" }
  if hours < 192 { return hours % 24 == 0 ? "\(hours / 24)d" : "\(hours / 24)d\(hours % 24)h" }
  let days = hours / 24
  if days < 730 { return "\(days)d" }
  if days < 8 * 365 { return days % 365 == 0 ? "\(days / 365)y" : "\(days / 365)y\(days % 365)d" }
  return "\(days / 365)y"
}
