public import Terminal

extension Dashboard {
  /// What to draw with: what was chosen last, at the start, in the settings, or what suits the terminal.
  public var theme: Theme { chosenTheme ?? options.theme ?? settings.look ?? .automatic(isLight: isLight) }

  /// Changes the theme by its name; one that does not come with the program is looked for by the run loop.
  mutating func chooseTheme(_ words: ArraySlice<String>) -> [Command] {
    guard let name = words.first, words.count == 1 else {
      note("Which theme? This is \(theme.name); there are \(themeNames.joined(separator: ", "))")
      return []
    }
    guard let theme = Theme.named(name) else { return [.findTheme(name)] }
    take(theme)
    return []
  }

  mutating func finishTheme(_ result: Result<Theme, ThemeProblem>) {
    switch result {
    case .success(let theme): take(theme)
    case .failure(let problem): complain(problem.description)
    }
  }

  private mutating func take(_ theme: Theme) {
    chosenTheme = theme
    say("Theme \(theme.name)")
  }

  func themeCompletions(_ before: String, _ typed: String) -> [Completion] {
    themeNames.filter { $0.hasPrefix(typed) }.map { name in
      Completion(before + name, label: name, StyledText(name == theme.name ? "this one" : "theme", .muted))
    }
  }

  private var themeNames: [String] { Theme.builtIn.map(\.name) + options.skins }
}
