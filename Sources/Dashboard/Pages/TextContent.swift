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
    case .describe(let kind, let uid, _), .yaml(let kind, let uid, _), .why(let kind, let uid, _):
      guard let item = store[kind, uid], let object = item.object else {
        return [StyledText("It is no longer there.", .muted)]
      }
      switch subject {
      case .yaml: return Highlight.yaml(ObjectText.yaml(object, forEditing: false))
      case .why: return Why.lines(of: item, tail: tails[uid], context)
      default: return Highlight.describe(store.description(of: item, now: now))
      }
    }
  }

  private func helpLines() -> [StyledText] {
    // Help is about where it was called from, but tells of everything.
    let here = pages.dropLast().last.map(contexts) ?? .jobs
    var lines: [StyledText] = []
    for group in Action.Group.allCases {
      let actions = Action.all.filter { $0.group == group && isAllowed($0) }
      guard !actions.isEmpty else { continue }
      if !lines.isEmpty { lines.append("") }
      lines.append(StyledText(group.rawValue, .title, .bold))
      for action in actions {
        let isHere = !action.contexts.isDisjoint(with: here)
        let keys = TextWidth.fit(action.keyText, to: 14)
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
        Span("  " + TextWidth.fit("Shift+letter", to: 14), .key, .bold),
        Span("sort by a column; again: the other way round"),
      ]))
    for view in TableView.all where view.columns.contains(where: { $0.letter != nil }) {
      let columns = view.columns.compactMap { column in column.letter.map { "\($0) \(column.title.lowercased())" } }
      lines.append(
        StyledText([
          Span("  " + TextWidth.fit(view.title, to: 14), .muted), Span(columns.joined(separator: " · "), .muted),
        ]))
    }
    lines.append("")
    lines.append(StyledText("Commands", .title, .bold))
    for (text, what) in [
      (":jobs :pods …", "a view; also :pods NAMESPACE /filter"), (":ns NAME", "one namespace; :ns all for all of them"),
      (":ACTION", "any action above by its name, such as :suspend"),
    ] {
      lines.append(StyledText([Span("  " + TextWidth.fit(text, to: 14), .key, .bold), Span(what)]))
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

  private func contexts(_ page: Page) -> Contexts {
    switch page {
    case .table(let table): Contexts(table.view)
    case .text: .text
    case .log: .log
    }
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
