internal import Cluster
public import KubeModel
internal import Terminal

/// Logs that are to be written to a file.
public struct LogSave: Hashable, Sendable {
  struct Source: Hashable, Sendable {
    let label: String
    let request: LogRequest
  }

  /// As it was typed; never empty.
  let path: String
  let sources: [Source]
  let filter: LogFilter?
  let showsTimes: Bool

  /// Logs that are read at the same time, each of which may take a file descriptor and a batch of lines.
  static let sourceLimit = LogPage.sourceLimit
}

/// What was written.
public struct LogSaveEnd: Hashable, Sendable {
  var lines = 0
  var bytes = 0
  /// Logs that could not be read.
  var unread = 0
  /// Where the file is, from the root or the home directory on; empty where that is not known.
  var place = ""
}

/// How far writing a log has come.
public enum LogSaveEvent: Sendable {
  case bytes(Int)
  case ended(LogSaveEnd)
  case failed(StatusError)
}

extension Dashboard {
  /// Asks where to, with a name that fits.
  mutating func askSave() -> [Command] {
    guard case .log(let page) = pages.last else { return [] }
    let name: String
    switch page.subject {
    case .container(_, let pod, let container): name = pod + (container.map { "-" + $0 } ?? "")
    case .job(_, let job): name = job
    case .marked: name = "jobdeck"
    }
    return startPrompt(.save, text: "\(name)\(page.previous ? "-previous" : "").log")
  }

  /// Writes the whole log to a file, however long it is: what the filter and the time let through, of those pods too
  /// that the page had to leave out.
  mutating func saveLog(_ typed: String) -> [Command] {
    guard case .log(let page) = pages.last else {
      complain("There is no log here; open one with \(keyLabel("logs"))")
      return []
    }
    guard !typed.isEmpty else { return askSave() }
    let all = logs(of: page)
    let newest = newest(all, limit: LogSave.sourceLimit)
    let since = page.sources.first?.request.since
    let sources = newest.flatMap { logs in
      logs.containers.compactMap { container -> LogSave.Source? in
        let pod = logs.pod
        guard page.failedSource(LogPage.Part(pod: pod.uid, container: container)) == nil else { return nil }
        let request = LogRequest(
          namespace: pod.namespace, pod: pod.name, container: container, previous: page.previous, since: since)
        return LogSave.Source(label: pod.name + (container.map { "/" + $0 } ?? ""), request: request)
      }
    }
    guard !sources.isEmpty else {
      complain("There is nothing to save")
      return []
    }
    let id = LogID(number: nextNumber())
    let gone = Set(page.sources.map(\.podUID)).count { store.pod($0) == nil }
    saves[id] = Save(path: typed, omitted: all.count - newest.count, gone: gone)
    return [
      .saveLog(id, LogSave(path: typed, sources: sources, filter: page.filter, showsTimes: page.times != .hidden))
    ]
  }

  mutating func take(_ event: LogSaveEvent, of id: LogID) {
    guard let save = saves[id] else { return }
    switch event {
    case .bytes(let bytes): saves[id]?.bytes = bytes
    case .ended(let end):
      saves[id] = nil
      var rest = save.omitted > 0 ? "; \(Format.plural(save.omitted, "older pod")) left out" : ""
      if save.gone > 0 { rest += "; \(Format.plural(save.gone, "pod")) no longer there" }
      if end.unread > 0 { rest += "; \(Format.plural(end.unread, "log")) could not be read" }
      say(
        "Saved \(Format.plural(end.lines, "line")), \(Format.bytes(end.bytes))B, to \(end.place.isEmpty ? save.path : end.place)\(rest)"
      )
    case .failed(let error):
      saves[id] = nil
      complain(error.message)
    }
  }

  /// Stops writing; what was written goes.
  mutating func stopSaves() -> [Command] {
    let stopped = saves.keys.sorted { $0.number < $1.number }
    for id in stopped { if let save = saves.removeValue(forKey: id) { note("Stopped: \(save.path) was not kept") } }
    return stopped.map { .closeLog($0) }
  }
}

/// A log on its way to a file.
struct Save: Hashable, Sendable {
  let path: String
  /// Pods that are too many to be read at the same time.
  let omitted: Int
  /// Pods that the page showed, and whose logs went with them.
  let gone: Int
  var bytes = 0

  /// Nothing for one that is over before one could read it.
  var progress: String? { bytes > 0 ? "Saving \(path): \(Format.bytes(bytes))B; Esc stops" : nil }
}
