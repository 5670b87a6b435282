import ArgumentParser
import Dashboard

struct SettingsCommand: JobdeckSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "settings",
    abstract: "Check your settings.",
    discussion: """
      They are in $XDG_CONFIG_HOME/jobdeck (~/.config/jobdeck): config.yaml, aliases.yaml, hotkeys.yaml and \
      plugins.yaml, none of which need be there. Each mistake is a line on standard error; the exit code is 1 then.
      """)

  @Flag(help: "Print a config.yaml with every setting to start from, and check nothing.")
  var example = false

  func perform() async -> ExitStatus {
    let output = Output()
    guard !example else {
      output.line(Settings.example)
      return await output.flush() ? .success : output.closedStatus
    }
    let folder = SettingsFolder(path: SettingsFolder.usualPath)
    let problems = folder.read().problems
    for problem in problems { Diagnostics.line("\(folder.path)/\(problem)") }
    guard problems.isEmpty else { return .failure }
    output.line(Printable.line("\(folder.path): valid"))
    return await output.flush() ? .success : output.closedStatus
  }
}
