internal import KubeModel
internal import Terminal

/// Objects as text for the editor, and back.
enum ObjectText {
  /// What the lines begin with that say what was wrong with the last try.
  static let errorMark = "# error: "

  static func yaml(_ object: KubeObject, forEditing: Bool) -> String { "" }

  static func parse(_ text: String, namespace: String) throws(StatusError) -> [KubeObject] { [] }

  /// The text without the comments at its top.
  static func withoutHead(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    while let first = lines.first, first.hasPrefix("#") || first.isEmpty { lines.removeFirst() }
    return lines.joined(separator: "\n")
  }

  static func withError(_ error: StatusError, above text: String) -> String {
    let lines = error.causes.isEmpty ? [error.message] : error.causes.map(\.description)
    let head = lines.flatMap { TextWidth.wrap($0, columns: 100) }.map { "\(errorMark)\($0)\n" }.joined()
    return head + "# To give up, leave the text as it is, or empty it.\n\n" + withoutHead(text)
  }
}

/// What the editor starts with for a new job.
enum Template {
  static func text(for object: KubeObject?, _ namespace: String) -> String { "" }
}
