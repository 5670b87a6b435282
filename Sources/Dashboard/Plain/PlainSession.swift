internal import Cluster
internal import KubeModel
internal import Terminal

/// The dashboard as a conversation in lines: what is typed is answered, and what happens meanwhile is told.
///
/// It is the same dashboard with the same pages, actions and commands; only nothing is drawn. A value, as that is.
struct PlainSession: Sendable {
  private(set) var dashboard: Dashboard
  /// What is to be written, each one line; may hold any characters.
  private var lines: [String] = []
  /// The page that was told last.
  private var told = ""
  /// The log whose last lines were told.
  private var toldTail: LogID?
  /// Lines of logs whose end is still to come.
  private var unfinished: [LogID: [LogLine.Stream: LogText]] = [:]
  /// What was told last of work that goes on, and when.
  private var progress: (text: String, at: Instant)?

  init(_ dashboard: Dashboard) { self.dashboard = dashboard }

  /// How the conversation begins.
  static let greeting = [
    "jobdeck in plain lines. Type a view (jobs, pods, nodes), the number of a row, or an action (open, logs, why, back).",
    "/text filters, help lists everything, an empty line repeats the page, quit leaves.",
  ]

  /// Whether lines can be answered: not before there is something to tell.
  var isReady: Bool { dashboard.store.isLoaded }

  /// The lines since the last call, safe to write.
  mutating func takeLines() -> [String] {
    defer { lines = [] }
    return lines.map { TextWidth.displayed($0) }
  }

  // MARK: What happens

  mutating func take(_ event: DashboardEvent) -> [Command] {
    let before = dashboard.said
    let ended = endedJobs(event)
    let commands = dashboard.handle(event)
    tellEnds(ended)
    tellMessages(since: before)
    tellProgress()
    switch event {
    case .log(let id, let event):
      tell(event, from: id)
      tellTail(of: id)
    case .shutdownProgress(let text):
      // Leaving somebody else's cluster stops nothing.
      if let info = dashboard.info, info.isLocal, !info.isAttached { lines.append(text) }
    default: break
    }
    return commands
  }

  /// The jobs of which changes say that they have ended, and which had not yet.
  private func endedJobs(_ event: DashboardEvent) -> [String] {
    guard case .changes(let changes) = event, dashboard.store.isLoaded else { return [] }
    return changes.compactMap { change in
      guard case .job(let job) = change.object, let known = dashboard.store.job(job.metadata.uid) else { return nil }
      return known.isFinished ? nil : job.metadata.uid
    }
  }

  private mutating func tellEnds(_ uids: [String]) {
    let ended = uids.compactMap { dashboard.store.job($0) }.filter(\.isFinished)
    // Of many only how many.
    guard ended.count <= 10 else {
      let failed = ended.count(where: \.hasFailed)
      lines.append("\(ended.count - failed) jobs completed, \(failed) failed.")
      return
    }
    for job in ended {
      lines.append("Job \(job.namespace)/\(job.name): \(TableView.jobStatus(job, dashboard.context).text).")
    }
  }

  private mutating func tellMessages(since before: [Dashboard.Message]) {
    let new = dashboard.said.count - before.count
    // The oldest are let go when there are many; then the last one tells.
    let messages =
      new > 0 ? dashboard.said.suffix(new) : dashboard.said.last == before.last ? [] : dashboard.said.suffix(1)
    for message in messages {
      // Commands have no colon here.
      lines.append((message.isError ? "Error: " : "") + message.text.replacing("(see :help)", with: "(see help)"))
    }
  }

  /// Long work is told of as it goes on, but not more often than one wants to hear.
  private mutating func tellProgress() {
    guard let text = dashboard.progress else { return progress = nil }
    let now = dashboard.now
    if let progress, progress.text == text || now - progress.at < .seconds(3) { return }
    progress = (text, now)
    lines.append(text.replacing("Esc stops", with: "back stops") + ".")
  }

  /// The last lines of the container that tells most come after the reasons were told.
  private mutating func tellTail(of id: LogID) {
    guard case .drawn(let page)? = dashboard.pages.last, let why = page as? WhyPage, let tail = why.tail, tail.id == id,
      tail.isComplete, toldTail != id
    else { return }
    toldTail = id
    dashboard.updatePage()
    if case .drawn(let page)? = dashboard.pages.last, let why = page as? WhyPage { lines += why.plainTail }
  }

  private mutating func tell(_ event: LogEvent, from id: LogID) {
    guard case .log(let page)? = dashboard.pages.last, let source = page.sources.first(where: { $0.id == id }) else {
      return
    }
    let label = page.sources.count > 1 ? "\(source.label): " : ""
    switch event {
    case .lines(let new):
      if new.count > 200 { lines.append("\(Format.count(new.count - 200)) lines before these are left out.") }
      for line in new.suffix(200) {
        // Read out once, when its end has come.
        var whole = unfinished[id]?[line.stream] ?? LogText([])
        whole.append(LogText(line.bytes, after: whole))
        if line.isPartial, whole.size < 64 << 10 {
          unfinished[id, default: [:]][line.stream] = whole
        } else {
          unfinished[id]?[line.stream] = nil
          lines.append(label + whole.text)
        }
      }
    case .ended:
      lines += (unfinished.removeValue(forKey: id) ?? [:]).values.map { label + $0.text }
      lines.append("\(label)The log has ended.")
    case .failed(let error): lines.append("\(label)Error: \(error)")
    }
  }

  // MARK: What is typed

  /// Answers a line.
  mutating func answer(_ line: String) -> [Command] {
    let text = String(line.drop { $0 == " " })
    let before = dashboard.said
    dashboard.layOutPlainly()
    // What was said has been read, as far as it was told.
    dashboard.unread = []
    let form = form
    let commands = carryOut(text)
    tellMessages(since: before)
    dashboard.layOutPlainly()
    guard !dashboard.isQuitting else { return commands }
    if let form, let now = self.form, !text.isEmpty || form.current != now.current {
      told = place
      lines += now.plainChanges(since: form)
      return commands
    }
    // What was wrong is the answer; the page is as it was.
    if dashboard.said.count > before.count, dashboard.said.last?.isError == true, place == told { return commands }
    tellPage(always: text.isEmpty && dashboard.overlay == nil)
    return commands
  }

  private var form: JobForm? { if case .form(let form) = dashboard.overlay { form } else { nil } }

  private mutating func carryOut(_ text: String) -> [Command] {
    switch dashboard.overlay {
    case .confirmation: return press(Self.answerKey(text))
    case .form(let form):
      if !text.isEmpty,
        form.fields[form.current].choices.contains(where: { $0.lowercased().contains(text.lowercased()) })
      {
        return choose(text)
      }
      if let key = Key(parsing: text), ["esc", "ctrl-s", "tab", "backtab", "up", "down"].contains(key) {
        return press(key)
      }
      return (text.isEmpty ? [] : press("ctrl-u") + dashboard.handle(.terminal(.paste(text)))) + press("tab")
    case nil: break
    }
    if dashboard.prompt != nil { return enter(text) }
    if text.isEmpty { return [] }
    if let number = Int(text) {
      dashboard.withTable { $0.select(number - 1) }
      dashboard.withDrawn { $0.choose(number - 1) }
      return []
    }
    if text.hasPrefix("/") { return press("/") + enter(String(text.dropFirst())) }
    if text.hasPrefix(":") { return dashboard.perform(String(text.dropFirst())) }
    // A letter is a key; else a name goes before one: `up` is both, and `delete` must not be the key of that name.
    if text.count == 1 || !isName(text), let key = Key(parsing: text),
      dashboard.actions.contains(where: { $0.keys.contains(key) })
    {
      return press(key)
    }
    return dashboard.perform(text)
  }

  /// Chooses one of a field's values by its name or a part of it, and goes on to the next field.
  private mutating func choose(_ text: String) -> [Command] {
    for _ in form?.fields[form?.current ?? 0].choices ?? [] {
      guard let form, !form.fields[form.current].value.lowercased().contains(text.lowercased()) else { break }
      _ = press("right")
    }
    return press("tab")
  }

  private func isName(_ text: String) -> Bool {
    let first = text.split(separator: " ").first.map { $0.lowercased() } ?? ""
    return dashboard.opensView(text) || dashboard.settings.actions.contains { $0.name == first }
      || Dashboard.plainCommands.contains { $0.names.contains(first) }
  }

  private mutating func press(_ key: Key) -> [Command] { dashboard.handle(.terminal(.key(key))) }

  /// Puts a text in place of what stands in the line at the bottom, and enters it.
  private mutating func enter(_ text: String) -> [Command] {
    guard let prompt = dashboard.prompt else { return [] }
    // What an input of a plugin usually is stands there already.
    if case .input(let question) = prompt.purpose, text.isEmpty {
      return press("ctrl-u") + dashboard.handle(.terminal(.paste(question.input.usual))) + press("enter")
    }
    // So does the usual name of a file.
    if prompt.purpose == .save, text.isEmpty { return press("enter") }
    return press("ctrl-u") + dashboard.handle(.terminal(.paste(text))) + press("enter")
  }

  /// Nothing but a clear yes is one.
  private static func answerKey(_ text: String) -> Key { ["y", "yes"].contains(text.lowercased()) ? "y" : "n" }

  /// Tells the page where it is another one, or else the row where the cursor has moved to another.
  private mutating func tellPage(always: Bool) {
    let now = place
    defer { told = now }
    if always || now != told {
      lines += dashboard.plainLines()
    } else if let page = dashboard.table, !page.order.isEmpty {
      lines.append(dashboard.plainRow(page.position, of: page, dashboard.plainColumns(page)))
    } else if dashboard.overlay == nil, dashboard.table == nil {
      lines += dashboard.plainLines()
    }
  }

  /// What makes a page another one for somebody who reads it.
  private var place: String {
    var words = dashboard.crumbTexts
    if let page = dashboard.table {
      words += [page.filter.source, page.sort.column, "\(page.sort.isDescending)", "\(page.top)"]
    }
    switch dashboard.overlay {
    case .confirmation(let question): words.append(question.title)
    case .form(let form): words.append("form \(form)")
    case nil: words.append(dashboard.prompt.map { "prompt \($0.purpose.sign)\($0.error ?? "")" } ?? "")
    }
    return words.joined(separator: "\n")
  }
}
