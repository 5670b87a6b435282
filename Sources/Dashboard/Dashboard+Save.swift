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
}

/// What was written.
public struct LogSaveEnd: Hashable, Sendable {
  var lines = 0
  var bytes = 0
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
    return startPrompt(.command, text: "save \(name)\(page.previous ? "-previous" : "").log")
  }

  /// Writes the whole log to a file, however long it is: what the filter and the time let through.
  mutating func saveLog(_ typed: String) -> [Command] {
    guard case .log(let page) = pages.last else {
      complain("There is no log here; open one with \(keyLabel("logs"))")
      return []
    }
    guard !typed.isEmpty else { return askSave() }
    let sources = page.sources.compactMap { source -> LogSave.Source? in
      if case .failed = source.state { return nil }
      var request = source.request
      (request.follow, request.tailLines, request.from, request.before) = (false, nil, nil, nil)
      return LogSave.Source(label: request.pod, request: request)
    }
    guard !sources.isEmpty else {
      complain("There is nothing to save")
      return []
    }
    let id = LogID(number: nextNumber())
    saves[id] = Save(path: typed, omitted: page.omitted.count)
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
      let rest = save.omitted > 0 ? "; \(Format.plural(save.omitted, "older pod")) left out" : ""
      say("Saved \(Format.plural(end.lines, "line")), \(Format.bytes(end.bytes))B, to \(save.path)\(rest)")
    case .failed(let error):
      saves[id] = nil
      complain(error.message)
    }
  }

  /// Stops writing; what was written goes.
  mutating func stopSaves() -> [Command] {
    let stopped = saves.keys.sorted { $0.number < $1.number }
    for id in stopped { if let save = saves.removeValue(forKey: id) { say("Stopped: \(save.path) was not kept") } }
    return stopped.map { .closeLog($0) }
  }
}

/// A log on its way to a file.
struct Save: Hashable, Sendable {
  let path: String
  let omitted: Int
  var bytes = 0

  /// Nothing for one that is over before one could read it.
  var progress: String? { bytes > 0 ? "Saving \(path): \(Format.bytes(bytes))B; Esc stops" : nil }
}
