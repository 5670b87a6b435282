internal import KubeModel
internal import Terminal

/// Pages that draw themselves, told in lines: nothing is cut, and what a chart shows is said in numbers with names.
enum PlainWords {
  private static let names: [String: String] = [
    Standing.failed.sign: "failed", Standing.pending.sign: "waiting", Standing.running.sign: "running",
    Standing.retrying.sign: "retrying", Standing.ending.sign: "ending", Standing.suspended.sign: "suspended",
    Standing.succeeded.sign: "succeeded",
  ]

  /// A text with words for the signs before its numbers: `✗ 1 ✓ 2` is `failed 1 succeeded 2`.
  static func spoken(_ text: StyledText) -> String {
    text.plain.split(separator: " ").map { names[String($0)] ?? String($0) }.joined(separator: " ")
  }

  /// `3 selected, ` of the third row, if the cursor is there.
  static func number(_ index: Int, isSelected: Bool) -> String { "\(index + 1)\(isSelected ? " selected" : ""), " }

  /// What was told by a title with its sign, without it.
  static func unsigned(_ title: String) -> String {
    guard let first = title.split(separator: " ").first, Standing.signs.contains(String(first)) else { return title }
    return String(title.dropFirst(first.count).drop { $0 == " " })
  }
}

extension WhyPage {
  func plainLines(_ context: RowContext) -> [String]? {
    steps.enumerated().flatMap { index, step -> [String] in
      let item = step.object.flatMap { context.store[$0] }
      let way = step.way.map { " (open: \($0.title(item)))" } ?? ""
      return [PlainWords.number(index, isSelected: index == position) + step.title + way]
        + step.evidence.map { "  " + $0.plain }
    }
  }

  /// What became known of the log that it reads.
  var plainTail: [String] {
    steps.filter { $0.isOfTail }.flatMap { [$0.title + ":"] + $0.evidence.map { "  " + $0.plain } }
  }
}

extension PulsePage {
  func plainLines(_ context: RowContext) -> [String]? {
    let charts = PulseCharts(context, shown).words
    guard !entries.isEmpty else {
      return charts + [context.store.isLoaded ? "Nothing needs attention." : "Reading the cluster."]
    }
    let listed = top..<min(entries.count, top + height)
    let rows = listed.compactMap { index -> String? in
      let entry = entries[index]
      guard let item = context.store[entry.object] else { return nil }
      let space = item.namespace.isEmpty ? "" : ", namespace \(item.namespace)"
      let details = entry.details(item, context)
      let age = humanDuration(max(.zero, context.now - entry.since))
      return PlainWords.number(index, isSelected: index == position)
        + "\(entry.concern.word): \(TableView.noun(of: item.kind)) \(item.name)\(space)"
        + (details.isEmpty ? "" : ", \(details)") + ", for \(age)"
    }
    let more = entries.count - listed.upperBound
    return charts + ["Needs attention, the most urgent first:"] + rows
      + (more > 0 ? ["\(Format.count(more)) more: page-down."] : [])
  }
}

extension PulseCharts {
  /// `Pods running: 12 now; in the last 10m at least 3, at most 15; 1m ago 11, 5m ago 4.`
  var words: [String] {
    charts.map { chart in
      let name = PlainWords.unsigned(chart.title)
      guard let now = chart.values.last, let least = chart.values.min(), let most = chart.values.max() else {
        return "\(name): nothing known yet."
      }
      let of = chart.top.map { " of \(chart.format($0))" } ?? ""
      let known = humanDuration(.seconds(chart.values.count))
      let earlier = [60, 300].filter { chart.values.count > $0 }.map { seconds in
        "\(humanDuration(.seconds(seconds))) ago \(chart.format(chart.values[chart.values.count - 1 - seconds]))"
      }
      return "\(name): \(chart.format(now))\(of) now; in the last \(known) at least \(chart.format(least)), "
        + "at most \(chart.format(most))" + (earlier.isEmpty ? "." : "; \(earlier.joined(separator: ", ")).")
    }
  }
}

extension TreePage {
  func plainLines(_ context: RowContext) -> [String]? {
    guard !rows.isEmpty else { return nil }
    let listed = top..<min(rows.count, top + height)
    let lines = listed.compactMap { index -> String? in
      let row = rows[index]
      guard let item = row.item(context.store) else { return nil }
      let name = (item as? ContainerItem)?.container.name ?? item.name
      let noun = item is ContainerItem ? "container" : TableView.noun(of: item.kind)
      let state = row.canOpen ? (isOpen(row) ? ", open" : ", closed") : ""
      let details = PlainWords.spoken(TreeRow.details(item, context))
      return PlainWords.number(index, isSelected: index == position)
        + "level \(row.depth + 1), \(noun) \(name)\(state), \(TreeRow.status(item, context).text)"
        + (details.isEmpty ? "" : ", \(details)")
    }
    let more = rows.count - listed.upperBound
    return lines + (more > 0 ? ["\(Format.count(more)) more: page-down."] : [])
  }
}

extension TimelinePage {
  func plainLines(_ context: RowContext) -> [String]? {
    guard !listed.isEmpty else { return nil }
    let lines = listed.map { index, item in
      let status = (item as? PodItem)?.status.text ?? (item as? JobItem).map { TableView.jobStatus($0, context).text }
      let node =
        (item as? PodItem).map { $0.pod.spec.nodeName.isEmpty ? ", no node" : ", \($0.pod.spec.nodeName)" } ?? ""
      let words = detailWords(item, context)
      return PlainWords.number(index, isSelected: index == position) + (words.first ?? item.name) + node
        + (status.map { ", \($0)" } ?? "") + words.dropFirst().map { ", " + $0 }.joined()
    }
    let more = count - (listed.last.map { $0.index + 1 } ?? 0)
    let next =
      nextRetry(context).map { ["The next attempt is in \(humanDuration(max(.zero, $0 - context.now)))."] } ?? []
    return lines + (more > 0 ? ["\(Format.count(more)) more: page-down."] : []) + next
  }
}

extension Dashboard {
  /// What can be typed here; keys mean what they do on the screen, but most have to do with seeing it.
  func plainHelp() -> [String] {
    let here = pages.dropLast().last.map(contexts) ?? .jobs
    let unseen: Set = [
      "left", "right", "wrap", "json", "timestamps", "mark-line", "follow", "zoom-in", "zoom-out", "zoom-all", "group",
      "sort-left", "sort-right", "command", "filter", "search", "next", "previous", "cause", "copy", "copy-all", "dump",
      "theme",
    ]
    func lines(_ actions: [Action]) -> [String] {
      actions.map { "  \($0.name): \($0.help.filter { $0 != "`" })" }
    }
    let known = settings.actions.filter { !unseen.contains($0.name) && isAllowed($0) }
    let views = TableView.all.map(\.commands[0]) + DrawnView.all.map(\.commands[0])
    var told: Set<String> = []
    let useful = known.filter { !$0.contexts.isDisjoint(with: here) && told.insert($0.name).inserted }
    let others = known.filter { told.insert($0.name).inserted }
    return [
      "What is typed, each in a line of its own:", "  a number: goes to that row",
      "  an empty line: tells the page again",
      "  /text: only rows with a text, /!text those without, /-l app=x by label; / alone takes the filter away",
      "  \(views.joined(separator: ", ")): views; after a view a namespace, a name, a /filter",
      "  an action, such as why; with a name after it, such as why NAME, it goes to what has that name",
    ]
      + Self.plainCommands.filter { !($0.changesThings && options.isReadOnly) && !unseen.contains($0.name) }.map {
        "  \($0.name): \($0.help.filter { $0 != "`" })"
      }
      + ["Actions on \(here.description):"] + lines(useful)
      + ["Actions elsewhere:"]
      + others.map { "  \($0.name) (\($0.contexts.description)): \($0.help.filter { $0 != "`" })" }
  }
}
