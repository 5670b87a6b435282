internal import KubeModel
internal import Terminal

extension Dashboard {
  /// Draws the footer: the keys of what lies on top.
  mutating func drawHints(_ canvas: inout Canvas, row: Int) {
    let room = canvas.size.columns - 1
    let hints: [KeyHint]
    switch overlay {
    case .confirmation(let question): hints = question.hints
    case .form(let form): hints = form.hints
    case nil: hints = pageHints(in: room)
    }
    layout.clicks += KeyHint.draw(hints, on: &canvas, at: Point(column: 1, row: row), room)
  }

  /// The page's most important keys, as many as there is room for, in the order of help: so each keeps its place among
  /// its neighbours when others join it.
  private func pageHints(in columns: Int) -> [KeyHint] {
    let useful = actions.enumerated().filter {
      $0.element.hint > 0 && !$0.element.keys.isEmpty && isUseful($0.element)
    }
    let byWorth = useful.sorted { ($1.element.hint, $0.offset) < ($0.element.hint, $1.offset) }
    let hints = byWorth.map { (_, action) in
      KeyHint(Action.label(action.keys[0]), hintTitle(action), press: action.keys[0])
    }
    let shown = zip(byWorth, KeyHint.fitting(hints, in: columns))
    return shown.sorted { $0.0.offset < $1.0.offset }.map(\.1)
  }

  /// Whether an action would do something now, as far as a glance tells.
  private func isUseful(_ action: Action) -> Bool {
    switch action.name {
    case "back":
      if pages.count > 1 { return true }
      return !filter.isEmpty || table.map { !$0.marks.isEmpty } ?? false
    case "next":
      switch pages.last {
      case .text(let page): return page.search != nil
      case .log(let page): return page.search != nil
      case .drawn(let page): return page.search != nil
      default: return false
      }
    case "follow":
      if case .log(let page) = pages.last { return !page.follows && page.openCount > 0 }
      return false
    case "run-failed": return (selectedItem as? JobItem).map(JobCopy.hasFailedIndexes) ?? false
    case "fail": return (selectedItem as? NodeItem)?.isReady ?? false
    case "recover": return (selectedItem as? NodeItem).map { !$0.isReady } ?? false
    case "help":
      if case .text(let page) = pages.last { return page.subject != .help }
      return true
    default: break
    }
    // What goes with a row means nothing in an empty table.
    guard let table, table.order.isEmpty else { return true }
    return ["new", "command", "help", "quit", "back", "filter"].contains(action.name)
      && (action.name != "filter" || !table.filter.isEmpty)
  }

  private func hintTitle(_ action: Action) -> String {
    switch action.name {
    case "suspend":
      let isSuspended = (selectedItem as? JobItem)?.isSuspended ?? (selectedItem as? CronJobItem)?.isSuspended
      return isSuspended == true ? "resume" : action.title
    case "cordon": return (selectedItem as? NodeItem)?.node.spec.unschedulable == true ? "uncordon" : action.title
    case "cause": return whyStep?.way?.title(selectedItem) ?? action.title
    case "wrap":
      switch pages.last {
      case .text(let page) where page.wraps: return "unwrap"
      case .log(let page) where page.wraps: return "unwrap"
      default: return action.title
      }
    default: return action.title
    }
  }
}
