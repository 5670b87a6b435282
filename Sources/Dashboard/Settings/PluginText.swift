internal import KubeModel
internal import Terminal

/// The variables in a plugin's arguments: `$NAME`, `${NAME}`, and `$!NAME` for the opposite of true or false.
enum PluginText {
  /// Why a command line cannot be made.
  struct Problem: Error, Hashable, Sendable {
    var message: String
  }

  /// What the variables stand for; `COL-STATUS` stands for the cell of a column, by its title.
  static let variables: [(name: String, help: String)] = [
    ("NAMESPACE", "the namespace of the selected object"),
    ("NAME", "its name"),
    ("UID", "its UID"),
    ("JOB", "the job, or the job of a pod"),
    ("POD", "the pod, or the pod of a container"),
    ("CONTAINER", "the container, or a pod's only one"),
    ("NODE", "the node, or the node of a pod"),
    ("RESOURCE_GROUP", "`batch` for jobs and cron jobs"),
    ("RESOURCE_VERSION", "`v1`"),
    ("RESOURCE_NAME", "`jobs`, `pods`, …"),
    ("CONTEXT", "what kind of cluster it is"),
    ("CLUSTER", "the same"),
    ("COL-SUSPEND", "of a job or a cron job, whether it is suspended"),
    ("KUBECONFIG", "as in the environment"),
    ("USER", "as in the environment"),
    ("FILTER", "the filter of the table"),
  ]

  /// A piece of an argument.
  private enum Piece {
    case text(Substring)
    case variable(String, isOpposite: Bool, source: Substring)
  }

  static func isShell(_ command: String) -> Bool {
    let name = command.split(separator: "/").last ?? ""
    return ["sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "pwsh", "powershell"].contains(name)
  }

  /// Whether the argument after this one is read as a program: `sh -c`, `bash -lc`, `pwsh -Command`, `perl -e`.
  static func announcesProgram(_ argument: String, of command: String) -> Bool {
    guard argument.hasPrefix("-"), argument.count > 1 else { return false }
    if ["-command", "--command", "--eval"].contains(argument.lowercased()) { return true }
    let name = command.split(separator: "/").last ?? ""
    return !argument.hasPrefix("--")
      && (argument.hasSuffix("c") || argument.hasSuffix("e") && ["perl", "ruby", "node"].contains(name))
  }

  /// The variables that mean something on these pages.
  static func names(_ contexts: Contexts) -> [String] {
    let views = TableView.all.filter { contexts.contains(Contexts($0.id)) }
    return variables.map(\.name) + Set(views.flatMap(\.columns).map { "COL-\($0.title)" }).sorted()
  }

  /// Complains of what is no variable, but looks like one. Anything else may mean something to the program.
  static func check(_ text: String, _ names: [String], isShell: Bool, _ reader: inout SettingsReader) {
    for case .variable(let name, _, let source) in pieces(of: text) where longest(name, among: names) == nil {
      let isColumn = name.uppercased().hasPrefix("COL-")
      let near = name.count >= 4 && !isShell || isColumn ? Suggestion.nearest(to: name, among: names) : nil
      guard isColumn || near != nil else { continue }
      reader.complain("there is no variable '\(source)'" + (near.map { "; did you mean '$\($0)'?" } ?? ""))
    }
  }

  /// An argument with the variables' values in it; a value is never looked through for variables again. What is no
  /// variable stays as it is.
  ///
  /// What is read as a program takes no value that could be read as more than a word.
  static func filled(
    _ text: String, _ values: [String: String], names: [String], asProgram: Bool
  ) -> Result<String, Problem> {
    var result = ""
    for piece in pieces(of: text) {
      switch piece {
      case .text(let text): result += text
      case .variable(let name, let isOpposite, let source):
        guard let (name, rest) = longest(name, among: names) else {
          result += source
          continue
        }
        guard var value = values[name] else { return .failure(Problem(message: "There is no \(name) here")) }
        if isOpposite, ["true", "false"].contains(value.lowercased()) {
          value = value.lowercased() == "true" ? "false" : "true"
        }
        guard !asProgram || isPlain(value) else {
          return .failure(
            Problem(message: "The shell could read '\(value)' as a command: give \(source) as an argument of its own"))
        }
        result += value + rest
      }
    }
    return .success(result)
  }

  /// Whether a shell reads a value as words and nothing more.
  private static func isPlain(_ value: String) -> Bool {
    value.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || " ._:/@%+=,-".unicodeScalars.contains(scalar)
    }
  }

  /// The longest part of a name, up to a dash, that is known: `$NAME-log` is `$NAME` and `-log`.
  private static func longest(_ name: String, among names: [String]) -> (name: String, rest: Substring)? {
    var part = name[...]
    while true {
      let upper = part.uppercased()
      if names.contains(upper) { return (upper, name[part.endIndex...]) }
      guard let dash = part.lastIndex(of: "-") else { return nil }
      part = part[..<dash]
    }
  }

  private static func pieces(of text: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      if dollar > rest.startIndex { pieces.append(.text(rest[..<dollar])) }
      var tail = rest[rest.index(after: dollar)...]
      let isBraced = tail.first == "{"
      if isBraced { tail = tail.dropFirst() }
      let isOpposite = tail.first == "!"
      if isOpposite { tail = tail.dropFirst() }
      let name = tail.prefix { character in
        character.isASCII && (character.isLetter || character.isNumber || "_-".contains(character))
          || isBraced && "%/: ".contains(character)
      }
      tail = tail[name.endIndex...]
      let isClosed = !isBraced || tail.first == "}"
      guard !name.isEmpty, isClosed else {
        pieces.append(.text("$"))
        rest = rest[rest.index(after: dollar)...]
        continue
      }
      if isBraced { tail = tail.dropFirst() }
      pieces.append(.variable(String(name), isOpposite: isOpposite, source: rest[dollar..<tail.startIndex]))
      rest = tail
    }
    if !rest.isEmpty { pieces.append(.text(rest)) }
    return pieces
  }
}
