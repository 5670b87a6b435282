internal import KubeModel
internal import Terminal

extension Dashboard {
  /// Makes the lines of the top text page anew where that is needed.
  mutating func updateText() {
    guard case .text(let page) = pages.last, page.isStale else { return }
    let lines = textLines(page.subject)
    withText { $0.setLines(lines) }
  }

  private func textLines(_ subject: TextSubject) -> [StyledText] {
    switch subject {
    case .help: return helpLines()
    case .messages:
      guard !said.isEmpty else { return [StyledText("Nothing has been said so far.", .muted)] }
      return said.map { message in
        StyledText([
          Span(Format.clock(message.at, offset: options.localOffset(message.at)) + "  ", .muted),
          Span(message.isError ? "✗ " : "  ", .error), Span(message.text, message.isError ? .error : .text),
        ])
      }
    case .describe(let kind, let uid, _), .yaml(let kind, let uid, _):
      guard let item = store[kind, uid], let object = item.object else {
        return [StyledText("It is no longer there.", .muted)]
      }
      if case .yaml = subject { return Highlight.yaml(ObjectText.yaml(object, forEditing: false)) }
      return Highlight.describe(store.description(of: item, context))
    }
  }

  private func helpLines() -> [StyledText] {
    // Help is about where it was called from, but tells of everything.
    let here = pages.dropLast().last.map(contexts) ?? .jobs
    // The usual keys are short; those of the settings get what they need.
    let longest = settings.actions.map { TextWidth.columns(of: $0.keyText) }.max() ?? 0
    let width = max(14, min(longest + 1, 24))
    var lines: [StyledText] = []
    // On a page that is no table its own keys come first: those of tables are known by then, or wanted elsewhere.
    func isOwn(_ action: Action) -> Bool {
      here.isDisjoint(with: .tables) && !action.contexts.isDisjoint(with: here)
        && action.contexts.isDisjoint(with: .tables)
    }
    // First those that it alone has.
    let own =
      settings.actions.filter { isOwn($0) && here.isSuperset(of: $0.contexts) }
      + settings.actions.filter { isOwn($0) && !here.isSuperset(of: $0.contexts) }
    let sections =
      [
        (
          title: here.description.prefix(1).uppercased() + here.description.dropFirst(),
          actions: own
        )
      ]
      + Action.Group.allCases.map { group in
        (title: group.rawValue, actions: settings.actions.filter { $0.group == group && !isOwn($0) })
      }
    for (title, all) in sections {
      let actions = all.filter(isAllowed)
      guard !actions.isEmpty else { continue }
      if !lines.isEmpty { lines.append("") }
      lines.append(StyledText(title, .title, .bold))
      for action in actions {
        let isHere = !action.contexts.isDisjoint(with: here)
        let keys = TextWidth.fit(action.keyText, to: width)
        // The backquotes are the documentation's.
        let help = String(action.help.filter { $0 != "`" })
        lines.append(
          StyledText([
            Span("  " + keys, isHere ? .key : .muted, isHere ? .bold : []), Span(help, isHere ? .text : .muted),
            Span(isHere ? "" : "  (\(action.contexts.description))", .muted),
          ]))
      }
    }
    lines.append("")
    lines.append(StyledText("Sorting", .title, .bold))
    lines.append(
      StyledText([
        Span("  " + TextWidth.fit("Shift+letter", to: width), .key, .bold),
        Span("sort by a column; again: the other way round"),
      ]))
    for view in TableView.all {
      let columns = settings.letters(of: view).map { "\($0.letter) \($0.column.title.lowercased())" }
      lines.append(
        StyledText([
          Span("  " + TextWidth.fit(view.title, to: width), .muted), Span(columns.joined(separator: " · "), .muted),
        ]))
    }
    if settings.usesMouse {
      lines.append("")
      lines.append(StyledText("Mouse", .title, .bold))
      for (what, does) in Action.mouse {
        lines.append(StyledText([Span("  " + TextWidth.fit(what, to: width), .key, .bold), Span(does)]))
      }
    }
    lines.append("")
    lines.append(StyledText("Commands", .title, .bold))
    for (text, what) in [
      (":jobs :pods …", "a view; also :pods NAMESPACE NAME /filter"),
      (":why NAME …", "an action on what has that name; Tab goes through what there is"),
      (":ns A,B", "these namespaces; :ns all for all of them"),
      (":ACTION", "any action above by its name, such as :suspend"),
    ] {
      lines.append(StyledText([Span("  " + TextWidth.fit(text, to: width), .key, .bold), Span(what)]))
    }
    lines.append("")
    lines.append(StyledText("Signs", .title, .bold))
    let signs: [(Standing, String)] = [
      (.running, "running"), (.succeeded, "complete"), (.failed, "failed"), (.pending, "waiting"),
      (.retrying, "waiting to retry"), (.suspended, "suspended"), (.ending, "ending"),
      (.idle, "not due yet"),
    ]
    for start in stride(from: 0, to: signs.count, by: 4) {
      var spans = [Span("  ")]
      for (standing, word) in signs[start..<min(start + 4, signs.count)] {
        spans += [Span(standing.sign, standing.role), Span(" " + TextWidth.fit(word, to: 18), .muted)]
      }
      lines.append(StyledText(spans))
    }
    return lines
  }
}

/// Colours for text of known shape.
enum Highlight {
  /// Keys, comments and list dashes of YAML.
  static func yaml(_ text: String) -> [StyledText] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let indent = line.prefix { $0 == " " || $0 == "-" }
      let rest = line[indent.endIndex...]
      if rest.hasPrefix("#") { return StyledText(String(line), .muted) }
      guard let colon = rest.firstIndex(of: ":") else { return StyledText(String(line)) }
      let after = rest.index(after: colon)
      guard after == rest.endIndex || rest[after] == " ",
        !rest.hasPrefix("\"") || rest[..<colon].dropFirst().contains("\"")
      else { return StyledText(String(line)) }
      return StyledText([
        Span(String(indent), .muted), Span(String(rest[..<colon]), .fieldName), Span(":", .muted),
        Span(String(rest[after...])),
      ])
    }
  }

  /// The names of kubectl describe: what stands before a colon, and headings.
  static func describe(_ lines: [String]) -> [StyledText] {
    lines.map { line in
      let indent = line.prefix { $0 == " " }
      let rest = line[indent.endIndex...]
      guard indent.utf8.count <= 6, let colon = rest.firstIndex(of: ":"), colon != rest.startIndex,
        rest[..<colon].allSatisfy({ $0.isLetter || $0 == " " || $0 == "-" || $0.isNumber })
      else { return StyledText(line) }
      let after = rest.index(after: colon)
      guard after == rest.endIndex || rest[after] == " " else { return StyledText(line) }
      return StyledText([
        Span(String(indent)), Span(String(rest[..<colon]) + ":", .fieldName), Span(String(rest[after...])),
      ])
    }
  }
}
