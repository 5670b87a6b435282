import ArgumentParser
import Dashboard
import Glibc

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
    if let named = getenv("XDG_CONFIG_HOME").map({ String(cString: $0) }), !named.isEmpty, !named.hasPrefix("/") {
      Diagnostics.line("warning: $XDG_CONFIG_HOME is '\(named)', which is no absolute path, and is ignored")
    }
    if let code = Self.hindrance(folder.path) {
      guard code == ENOENT else {
        Diagnostics.line("\(folder.path): \(String(cString: strerror(code)))")
        return .failure
      }
      output.line(Printable.line("\(folder.path): not there, so everything is as it comes"))
      return await output.flush() ? .success : output.closedStatus
    }
    let problems = folder.read().problems
    for problem in problems { Diagnostics.line("\(folder.path)/\(problem)") }
    guard problems.isEmpty else { return .failure }
    output.line(Printable.line("\(folder.path): valid"))
    return await output.flush() ? .success : output.closedStatus
  }

  /// The error number of what keeps files in a folder from being looked for; `nil` where nothing does.
  private static func hindrance(_ path: String) -> Int32? {
    var status = stat()
    guard stat(path, &status) == 0 else { return errno }
    guard status.st_mode & S_IFMT == S_IFDIR else { return ENOTDIR }
    return access(path, X_OK) == 0 ? nil : errno
  }
}
