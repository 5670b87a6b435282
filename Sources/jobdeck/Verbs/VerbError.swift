import KubeModel

/// Why a verb cannot be carried out, as kubectl tells it on standard error.
struct VerbError: Error {
  var lines: [String]

  /// Something that this side noticed: `error: …`.
  init(_ message: String) { lines = ["error: \(message)"] }

  /// As it stands.
  init(lines: [String]) { self.lines = lines }

  /// The server's refusal in kubectl's words.
  init(_ error: StatusError) {
    if error.reason == "Invalid", !error.causes.isEmpty {
      // A request's parameters are no object.
      let what =
        error.kind.map { "The \($0.rawValue) \"\(error.name)\" is invalid" } ?? "The request is invalid"
      var texts: [String] = []
      for text in error.causes.map(\.description) where !texts.contains(text) { texts.append(text) }
      lines = texts.count == 1 ? ["\(what): \(texts[0])"] : ["\(what): "] + texts.map { "* \($0)" }
    } else if error.reason.isEmpty {
      lines = ["Error from server: \(error.message)"]
    } else {
      lines = ["Error from server (\(error.reason)): \(error.message)"]
    }
  }

  /// What to print of any error.
  static func lines(of error: any Error) -> [String] {
    switch error {
    case let error as VerbError: error.lines
    case let error as StatusError: VerbError(error).lines
    case let error as InputFiles.Failure: ["error: \(error.description)"]
    case let error as ManifestError: ["error: \(error)"]
    case let error as JSONPathError: ["error: \(error)"]
    case let error as SelectorError: ["error: \(error.message)"]
    default: ["error: \(error)"]
    }
  }

  /// `error when creating "FILE": …`
  static func about(_ what: String, _ error: StatusError) -> StatusError {
    var error = error
    error.message = "error when \(what): \(error.message)"
    return error
  }
}
