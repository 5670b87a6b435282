internal import KubeModel
internal import Terminal

extension Dashboard {
  /// Takes in what the user's files say now; what was before stays where something is wrong with them.
  mutating func take(_ settings: Settings, _ problems: [SettingsProblem]) {
    guard problems.isEmpty else {
      if problems.count > 5 { complain("\(problems.count - 5) more mistakes; see 'jobdeck settings'") }
      // The last word is the one that is seen.
      for problem in problems.prefix(5).reversed() { complain(problem.description) }
      return
    }
    let before = self.settings
    self.settings = settings
    if settings.look != before.look { chosenTheme = nil }
    for index in pages.indices {
      switch pages[index] {
      case .table(var page):
        let (old, new) = (before.views[page.view], settings.views[page.view])
        guard old != new else { continue }
        page.widths = [:]
        if old?.sort != new?.sort { page.setSort(new?.sort ?? page.definition.sort) }
        pages[index] = .table(page)
      case .text(var page):
        page.isStale = true
        pages[index] = .text(page)
      case .log, .drawn: break
      }
    }
    say("The settings were read again")
  }

  /// Goes where the settings want to begin.
  mutating func openDefaultView() {
    if !settings.defaultView.isEmpty { _ = perform(settings.defaultView) }
    // What the command line says goes before it, and all of it is nothing to talk about.
    if let chosen = options.namespace { shown = Shown(chosen) }
    unread.removeAll { !$0.isError }
    said = unread
  }

  /// A table as the settings want it at first, sorted as it was the last time.
  func newTable(_ view: ViewID, scope: Scope = .all, remembers: Bool = true) -> TablePage {
    var page = TablePage(view, scope: scope)
    let chosen = settings.views[view]
    if let sort = (remembers ? memory.sorts[page.sortKey] : nil) ?? chosen?.sort { page.setSort(sort) }
    if let chosen, scope == .all { page.setFilter(chosen.filter) }
    return page
  }

  /// The key that does an action, as people read it; its name after `:` where it has none.
  func keyLabel(_ action: String) -> String {
    guard let key = settings.actions.first(where: { $0.name == action && !$0.keys.isEmpty })?.keys.first else {
      return ":\(action)"
    }
    return Action.label(key)
  }
}
