import ArgumentParser
import Glibc

/// Mistakes on the command line of which can be said what would be right.
enum UsageMistake {
  /// The words of other programs for what a command of jobdeck does.
  private static let otherWords = [
    "ls": "get jobs", "list": "get jobs", "ps": "get pods", "status": "get jobs", "show": "describe", "rm": "delete",
    "remove": "delete", "kill": "delete", "stop": "suspend", "pause": "suspend", "start": "run", "submit": "run",
    "exec": "run", "restart": "rerun", "retry": "rerun", "continue": "resume", "daemon": "serve", "server": "serve",
    "ui": "dashboard", "tui": "dashboard", "check": "validate", "lint": "validate", "config": "settings",
    "tail": "logs",
  ]
  /// What kubectl does and jobdeck leaves to it.
  private static let kubectls: Set<String> = [
    "annotate", "api-resources", "api-versions", "attach", "auth", "autoscale", "certificate", "cluster-info", "cordon",
    "cp", "debug", "diff", "drain", "edit", "explain", "expose", "kustomize", "label", "patch", "port-forward", "proxy",
    "replace", "rollout", "scale", "set", "taint", "uncordon",
  ]

  private static var commands: [String] {
    let configuration = Jobdeck.configuration
    let all = configuration.subcommands + configuration.groupedSubcommands.flatMap { $0.subcommands }
    // Not by a key path: of a metatype, the compiler (6.3) breaks down over it.
    return all.compactMap { $0.configuration.commandName } + ["help"]
  }

  /// What is wrong with arguments whose first is no command of jobdeck's; `nil` where it is one, or an option.
  static func unknownCommand(_ arguments: [String]) -> String? {
    // Help on what is not there is no help.
    let arguments = arguments.first == "help" && arguments.count > 1 ? Array(arguments.dropFirst()) : arguments
    guard let word = arguments.first, !word.isEmpty, !word.hasPrefix("-"), !commands.contains(word) else { return nil }
    let unknown = "there is no command '\(word)'"
    if isFile(word) { return "\(unknown); files go with -f: jobdeck run -f \(word)" }
    if kubectls.contains(word) {
      return "\(unknown); kubectl has it: 'jobdeck help kubeconfig' says how to let it work on this cluster"
    }
    if let meant = otherWords[word] ?? Suggestion.nearest(to: word, among: commands) {
      return "\(unknown); did you mean 'jobdeck \(meant)'?"
    }
    return "\(unknown), 'jobdeck help' lists all; to run a program as a job: jobdeck run -- \(quoted(arguments))"
  }

  /// What would be right where the parser found an argument that has no place; `nil` where nothing is known of it.
  static func advice(_ arguments: [String], _ message: String) -> String? {
    if message.hasPrefix("Missing value for"), let number = arguments.first(where: { Int($0) ?? 0 < 0 }) {
      return "\(number) is less than any number that may stand there"
    }
    if arguments.first == "--", arguments.count > 1 {
      return "to run a program as a job: jobdeck run -- \(quoted(Array(arguments.dropFirst())))"
    }
    let signs = ["unexpected argument", "unknown option", "nothing to ", "must specify one of -f"]
    guard signs.contains(where: { message.lowercased().contains($0) }), let command = arguments.first,
      !arguments.contains("--")
    else { return nil }
    guard commands.contains(command) else {
      // The dashboard's options came first.
      let known = Set(commands)
      return arguments.first { known.contains($0) }.map { "options go behind the command: jobdeck \($0) …" }
    }
    guard let stray = arguments.dropFirst().first, !stray.hasPrefix("-") else { return nil }
    switch command {
    case "run":
      guard isFile(stray), !isProgram(stray) else {
        return "a program goes behind --: jobdeck run -- \(quoted(Array(arguments.dropFirst())))"
      }
      return "files go with -f: jobdeck run -f \(stray)"
    case "validate", "apply", "serve", "dashboard": return "files go with -f: jobdeck \(command) -f \(stray)"
    default: return nil
    }
  }

  private static func isFile(_ word: String) -> Bool {
    if [".yaml", ".yml", ".json"].contains(where: { word.hasSuffix($0) }) { return true }
    return word.contains("/") && access(word, F_OK) == 0
  }

  /// Whether it is a file that can be executed; directories are none.
  private static func isProgram(_ word: String) -> Bool {
    var status = stat()
    guard stat(word, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    return access(word, X_OK) == 0
  }

  /// As a shell would have to be given the words.
  private static func quoted(_ words: [String]) -> String {
    words.map { word in
      let isPlain =
        !word.isEmpty
        && word.unicodeScalars.allSatisfy { scalar in
          scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_./:=,+@%".unicodeScalars.contains(scalar)
        }
      return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }.joined(separator: " ")
  }
}
