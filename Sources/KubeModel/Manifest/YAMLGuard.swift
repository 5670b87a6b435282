internal import Yams

/// What must be looked at before and after the YAML library.
enum YAMLGuard {
  /// Refuses text that the library could take very long over: keys that are aliases of big anchored values are
  /// compared in full.
  static func check(_ text: String, file: String) throws(ManifestError) {
    let bytes = Array(text.utf8)
    var anchors = 0
    var line = 1
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x0A { line += 1 }
      let startsToken = index == 0 || " \n\t,[{:-?".utf8.contains(bytes[index - 1])
      if byte == UInt8(ascii: "&"), startsToken { anchors += 1 }
      if byte == UInt8(ascii: "*"), startsToken, anchors > 8, isKey(bytes, alias: index) {
        throw ManifestError(file: file, line: line, message: "an alias as a key is not supported")
      }
      index += 1
    }
  }

  /// A parser of text that passed the check.
  static func parser(_ text: String, file: String) throws -> Yams.Parser {
    try check(text, file: file)
    // The parser keeps a pointer into the text; short strings live in registers and have none.
    let comment = (text.hasSuffix("\n") ? "" : "\n") + String(repeating: "#", count: 32)
    let padded = text.utf8.count < 32 ? text + comment : text
    return try Yams.Parser(yaml: padded, encoding: .utf8)
  }

  private static func isKey(_ bytes: [UInt8], alias start: Int) -> Bool {
    var index = start + 1
    while index < bytes.count, bytes[index] > 0x20, !",[]{}".utf8.contains(bytes[index]) { index += 1 }
    let touches = index > start + 1 && bytes[index - 1] == UInt8(ascii: ":")
    while index < bytes.count, bytes[index] == 0x20 { index += 1 }
    if touches || index < bytes.count && bytes[index] == UInt8(ascii: ":") { return true }
    var before = start - 1
    while before >= 0, bytes[before] == 0x20 { before -= 1 }
    return before >= 0 && bytes[before] == UInt8(ascii: "?")
  }

  static func manifestError(_ error: YamlError, in text: String, file: String) -> ManifestError {
    // An error at the end is not in what the text was padded with.
    let lines = text.utf8.count { $0 == 0x0A } + 1
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let prefix = context.map { "\($0.text), line \(min($0.mark.line, lines)): " } ?? ""
      return ManifestError(file: file, line: min(mark.line, lines), column: mark.column, message: "\(prefix)\(problem)")
    case .reader(let problem, let offset, _, let yaml):
      let line = offset.map { yaml.prefix($0).count { $0.isNewline } + 1 }
      return ManifestError(file: file, line: line, message: problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      return ManifestError(
        file: file, line: context.mark.line, column: context.mark.column,
        message: "key \(goQuoted(duplicates.first ?? "")) already set in map")
    case .memory: return ManifestError(file: file, message: "not enough memory")
    default: return ManifestError(file: file, message: "not YAML: \(error)")
    }
  }
}
