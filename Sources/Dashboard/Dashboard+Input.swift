internal import KubeModel
internal import Terminal

extension Dashboard {
  mutating func handle(_ event: TerminalEvent) -> [Command] {
    switch event {
    case .key(let key): return handle(key)
    case .mouse(let mouse): return handle(mouse)
    case .paste(let text): return paste(text)
    case .pasteTruncated(let dropped):
      complain("The paste was too long: \(Format.count(dropped)) bytes were left out")
    case .resize(let size): layout.size = size
    case .terminate, .hangup:
      guard !isQuitting else { return [.quitNow] }
      isQuitting = true
      return [.quit]
    case .background(let isLight): self.isLight = isLight
    case .wake, .resumed: break
    }
    return []
  }

  mutating func handle(_ key: Key) -> [Command] {
    // While everything is being stopped a second Ctrl-C waits no longer.
    guard !isQuitting else { return key == "ctrl-c" ? [.quitNow] : [] }
    // A terminal sends Alt as an Escape in front. Where nothing is bound to that, Escape and the key were typed fast.
    if key.modifiers == .alt, !takesAlt(key) {
      switch key.code {
      case .character, .enter, .tab, .backspace: return handle(Key(.escape)) + handle(Key(key.code))
      default: return []
      }
    }
    acknowledge()
    switch overlay {
    case .confirmation(var question):
      let answer = question.handle(key, layout.size)
      overlay = .confirmation(question)
      return self.answer(question, answer)
    case .form(let form): return handle(key, form: form)
    case nil: break
    }
    if prompt != nil { return handlePrompt(key) }
    updatePage()
    if let action = actions.first(where: { $0.keys.contains(key) }) { return run(action) }
    if let letter = key.typed, letter.isUppercase { sort(by: letter) }
    if options.isReadOnly, let action = settings.actions.first(where: { isRefused($0) && $0.keys.contains(key) }) {
      complain("This dashboard is read-only: no \(action.title)")
    } else if key.typed?.isUppercase != true, let action = elsewhere(key) {
      // A key that does nothing without a word looks broken.
      let tables = action.contexts.intersection(.tables)
      let places = tables.isEmpty ? action.contexts : tables
      note("\(Action.label(key)) (\(action.title)) goes with \(places.description)")
    } else if isMeantForSomething(key) {
      note("\(Action.label(key)) does nothing here: \(keyLabel("help")) lists keys")
    }
    return []
  }

  /// Whether a key is one that somebody presses for something to happen: a letter that sorts nothing here, with Ctrl
  /// or without, or one of those above the letters, which mean much in other programs.
  private func isMeantForSomething(_ key: Key) -> Bool {
    if case .function = key.code { return true }
    if case .character = key.code, key.modifiers == .control { return true }
    guard let letter = key.typed else { return false }
    return !letter.isUppercase
      || table.map { table in
        !settings.letters(of: table.definition).contains { $0.letter == letter }
      } ?? true
  }

  /// What a key does somewhere else, where something is that it could go with.
  private func elsewhere(_ key: Key) -> Action? {
    settings.actions.first { $0.group == .act && $0.keys.contains(key) && !(options.isReadOnly && $0.changesThings) }
  }

  /// Whether an action would be there if the dashboard were not read-only.
  private func isRefused(_ action: Action) -> Bool {
    action.changesThings && !action.contexts.isDisjoint(with: currentContexts) && action.isAvailable(self)
  }

  private func takesAlt(_ key: Key) -> Bool {
    switch overlay {
    case .form: LineEditor.altKeys.contains(key)
    case .confirmation: false
    case nil: prompt != nil ? LineEditor.altKeys.contains(key) : actions.contains { $0.keys.contains(key) }
    }
  }

  private mutating func paste(_ text: String) -> [Command] {
    if case .form(var form) = overlay {
      form.paste(text)
      overlay = .form(form)
      return []
    }
    guard overlay == nil, prompt != nil else { return [] }
    prompt?.editor.insert(text)
    return promptChanged()
  }

  // MARK: The mouse

  private mutating func handle(_ mouse: MouseEvent) -> [Command] {
    guard !isQuitting else { return [] }
    switch mouse.kind {
    case .wheelUp, .wheelDown:
      let step = mouse.kind == .wheelUp ? -3 : 3
      if case .confirmation(var question) = overlay {
        question.scroll(by: step, layout.size)
        overlay = .confirmation(question)
      }
      guard overlay == nil else { return [] }
      updatePage()
      if table != nil { withTable { $0.scroll(by: step) } } else { _ = scroll(by: step) }
    case .press, .doubleClick:
      guard mouse.button == .left else { return [] }
      let click = layout.clicks.last { $0.rect.contains(mouse.position) }
      let before = clicked
      clicked = click
      // What the first of two quick clicks has brought up is not meant by the second.
      if mouse.kind == .doubleClick, let before, before != click { return [] }
      if let click { return perform(click, at: mouse.position) }
      guard overlay == nil, prompt == nil else { return [] }
      updatePage()
      if case .drawn = pages.last {
        var isSelected = false
        withDrawn { isSelected = $0.select(at: mouse.position) }
        return isSelected && mouse.kind == .doubleClick ? drillIn() : []
      }
      guard table != nil else { return [] }
      if mouse.position.row == layout.headerRow {
        // Columns may have moved under the mouse between its two clicks.
        if mouse.kind == .doubleClick { return reverseSort() }
        if let column = layout.columns.first(where: { $0.range.contains(mouse.position.column) }) {
          sort(byColumn: column.id)
        }
      } else if layout.body.contains(mouse.position) {
        var isRow = false
        let row = mouse.position.row - layout.body.origin.row
        withTable { page in
          guard page.top + row < page.order.count else { return }
          isRow = true
          page.select(page.top + row)
        }
        if isRow, mouse.kind == .doubleClick { return drillIn() }
      }
    case .release: break
    }
    return []
  }

  // MARK: The line at the bottom

  mutating func startPrompt(_ purpose: Prompt.Purpose, text: String = "") -> [Command] {
    var text = text
    if purpose == .filter { text = filter.source }
    if purpose == .lines, case .log(let page) = pages.last { text = page.filter?.source ?? "" }
    prompt = Prompt(purpose, text: text)
    return promptChanged()
  }

  private mutating func handlePrompt(_ key: Key) -> [Command] {
    guard let current = prompt else { return [] }
    switch key {
    case "esc", "ctrl-c":
      prompt = nil
      if current.purpose == .filter { restoreFilter(current.before) }
    case "enter": return enterPrompt(current)
    case "tab", "backtab":
      // From the only one there is, it goes on: into a directory, to the next word.
      if prompt?.choose(key == "tab" ? 1 : -1) == true { return promptChanged() }
    case "right" where current.editor.isAtEnd && !current.ghost.isEmpty:
      prompt?.complete()
      return promptChanged()
    case "up" where current.purpose == .command: prompt?.recall(1, history: memory.history)
    case "down" where current.purpose == .command: prompt?.recall(-1, history: memory.history)
    case "backspace" where current.editor.isEmpty:
      prompt = nil
      if current.purpose == .filter { restoreFilter("") }
    default:
      _ = prompt?.editor.handle(key)
      return promptChanged()
    }
    return []
  }

  private mutating func restoreFilter(_ source: String) {
    setFilter((try? Filter(source)) ?? .none)
  }

  /// Filters as one types; completes commands.
  mutating func promptChanged() -> [Command] {
    guard var current = prompt else { return [] }
    current.error = nil
    switch current.purpose {
    case .command: current.offer(completions(for: current.editor.text))
    case .filter:
      do throws(FilterError) {
        setFilter(try Filter(current.editor.text))
      } catch {
        current.error = error.message
        // Rows of the half that could be read would pass for those of all of it.
        setFilter(.none)
      }
    case .save: current.offer(saveCompletions(current.editor.text))
    case .search, .lines: break
    case .input(let question):
      let typed = current.editor.text
      current.offer(question.input.choices.filter { $0.hasPrefix(typed) }.map { Completion($0) })
    }
    prompt = current
    return readTypedDirectory()
  }

  private mutating func enterPrompt(_ current: Prompt) -> [Command] {
    let text = current.editor.text
    switch current.purpose {
    case .command:
      prompt = nil
      guard !text.isEmpty else { return [] }
      memory.remember(command: text)
      return perform(text)
    case .filter:
      // A selector that is wrong is not left behind as if it were one.
      if current.error != nil { return [] }
      prompt = nil
    case .input(let question): return answer(question, text)
    case .save:
      prompt = nil
      let path = text.drop { $0 == " " }
      guard !path.isEmpty else {
        complain("Not saved: no file was named")
        return []
      }
      return saveLog(String(path))
    case .lines:
      prompt = nil
      return setLogFilter(text)
    case .search:
      prompt = nil
      let search = TextSearch(text)
      withText { $0.find(search) }
      withLog { $0.find(search) }
      withDrawn { $0.find(search) }
      if let search, !hasHit { complain("'\(search.source)' is nowhere in this text") }
    }
    return []
  }

  private var hasHit: Bool {
    switch pages.last {
    case .text(let page): page.hit != nil
    case .log: true
    case .drawn(let page): page.hasHit
    default: true
    }
  }

  mutating func searchNext(_ step: Int) -> [Command] {
    var found = true
    withText { found = $0.findNext(step) }
    withLog { found = $0.findNext(step) }
    withDrawn { found = $0.findNext(step) }
    if !found { return startPrompt(.search) }
    return []
  }
}
