/// Reads JSONPath templates.
struct JSONPathParser {
  private var rest: Substring

  init(_ text: String) { rest = text[...] }

  mutating func template() throws(JSONPathError) -> [JSONPath.Part] {
    let parts = try parts(isInRange: false)
    return parts
  }

  private mutating func parts(isInRange: Bool) throws(JSONPathError) -> [JSONPath.Part] {
    var parts: [JSONPath.Part] = []
    while !rest.isEmpty {
      guard rest.first == "{" else {
        let text = rest.prefix { $0 != "{" }
        rest = rest.dropFirst(text.count)
        parts.append(.text(String(text)))
        continue
      }
      rest = rest.dropFirst()
      skipBlanks()
      if isWord("end") {
        rest = rest.dropFirst(3)
        try close()
        guard isInRange else { throw JSONPathError(message: "not in range, nothing to end") }
        return parts
      }
      if isWord("range") {
        rest = rest.dropFirst(5)
        skipBlanks()
        let steps = try steps()
        try close()
        parts.append(.range(steps, try self.parts(isInRange: true)))
        continue
      }
      if let first = rest.first, first == "\"" || first == "'" {
        parts.append(.text(try quoted()))
      } else {
        parts.append(.path(try steps()))
      }
      try close()
    }
    if isInRange { throw JSONPathError(message: "unterminated range") }
    return parts
  }

  private func isWord(_ word: String) -> Bool {
    guard rest.hasPrefix(word) else { return false }
    let next = rest.dropFirst(word.count).first
    return next == nil || next == "}" || next == " "
  }

  private mutating func skipBlanks() { rest = rest.drop { $0 == " " || $0 == "\t" } }

  private mutating func close() throws(JSONPathError) {
    skipBlanks()
    guard rest.first == "}" else { throw JSONPathError(message: "unclosed action") }
    rest = rest.dropFirst()
  }

  private mutating func steps() throws(JSONPathError) -> [JSONPath.Step] {
    var steps: [JSONPath.Step] = []
    if let first = rest.first, first == "$" || first == "@" { rest = rest.dropFirst() }
    if let first = rest.first, first.isLetter || first == "_" { steps.append(.member(name())) }
    while let first = rest.first {
      if first == "." {
        rest = rest.dropFirst()
        if rest.first == "." {
          rest = rest.dropFirst()
          steps.append(.descent)
        }
        if rest.first == "*" {
          rest = rest.dropFirst()
          steps.append(.wildcard)
        } else if rest.first != "[" {
          let name = name()
          // `{.}` is the document.
          if !name.isEmpty { steps.append(.member(name)) }
        }
      } else if first == "[" {
        rest = rest.dropFirst()
        steps.append(try bracket())
      } else {
        break
      }
    }
    return steps
  }

  /// A member's name; a backslash takes what follows it as it is.
  private mutating func name() -> String {
    var name = ""
    while let next = rest.first {
      if next == "\\" {
        rest = rest.dropFirst()
        if let escaped = rest.popFirst() { name.append(escaped) }
        continue
      }
      guard next.isLetter || next.isNumber || next == "_" || next == "-" || next == "/" else { break }
      name.append(next)
      rest = rest.dropFirst()
    }
    return name
  }

  private mutating func quoted() throws(JSONPathError) -> String {
    guard let quote = rest.popFirst() else { throw JSONPathError(message: "unterminated quoted string") }
    var text = ""
    while let next = rest.popFirst() {
      if next == quote { return text }
      guard next == "\\", let escaped = rest.popFirst() else {
        text.append(next)
        continue
      }
      switch escaped {
      case "n": text.append("\n")
      case "t": text.append("\t")
      case "r": text.append("\r")
      default: text.append(escaped)
      }
    }
    throw JSONPathError(message: "unterminated quoted string")
  }

  /// What stands between brackets, of which the first has been read.
  private mutating func bracket() throws(JSONPathError) -> JSONPath.Step {
    skipBlanks()
    defer { if rest.first == "]" { rest = rest.dropFirst() } }
    switch rest.first {
    case "*":
      rest = rest.dropFirst()
      return try ended(.wildcard)
    case "?":
      rest = rest.dropFirst()
      guard rest.first == "(" else { throw JSONPathError(message: "unterminated filter") }
      rest = rest.dropFirst()
      let filter = try filter()
      skipBlanks()
      guard rest.first == ")" else { throw JSONPathError(message: "unterminated filter") }
      rest = rest.dropFirst()
      return try ended(.filter(filter))
    case "'", "\"":
      var names = [try quoted()]
      skipBlanks()
      while rest.first == "," {
        rest = rest.dropFirst()
        skipBlanks()
        names.append(try quoted())
        skipBlanks()
      }
      return try ended(names.count == 1 ? .member(names[0]) : .members(names))
    default:
      let text = rest.prefix { $0 != "]" }
      rest = rest.dropFirst(text.count)
      return try ended(try JSONPathParser.numbers(text))
    }
  }

  private func ended(_ step: JSONPath.Step) throws(JSONPathError) -> JSONPath.Step {
    guard rest.drop(while: { $0 == " " }).first == "]" else { throw JSONPathError(message: "unterminated array") }
    return step
  }

  private static func numbers(_ text: Substring) throws(JSONPathError) -> JSONPath.Step {
    func number(_ part: Substring) throws(JSONPathError) -> Int {
      guard let value = Int(String(part.filter { $0 != " " })) else {
        throw JSONPathError(message: "invalid array index \(text)")
      }
      return value
    }
    if text.contains(":") {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 3 else { throw JSONPathError(message: "invalid array index \(text)") }
      return .slice(
        from: parts[0].isEmpty ? nil : try number(parts[0]), to: parts[1].isEmpty ? nil : try number(parts[1]),
        step: parts.count == 3 && !parts[2].isEmpty ? try number(parts[2]) : 1)
    }
    var numbers: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) { numbers.append(try number(part)) }
    return numbers.count == 1 ? .index(numbers[0]) : .indexes(numbers)
  }

  private mutating func filter() throws(JSONPathError) -> JSONPath.Filter {
    let left = try operand()
    skipBlanks()
    for operation in ["==", "!=", "<=", ">=", "<", ">"] where rest.hasPrefix(operation) {
      rest = rest.dropFirst(operation.count)
      return JSONPath.Filter(left: left, operation: operation, right: try operand())
    }
    return JSONPath.Filter(left: left)
  }

  private mutating func operand() throws(JSONPathError) -> JSONPath.Filter.Operand {
    skipBlanks()
    switch rest.first {
    case "'", "\"": return .value(.string(try quoted()))
    case "@", "$", ".": return .path(try steps())
    default:
      let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_" }
      guard !word.isEmpty else { throw JSONPathError(message: "unrecognized character in filter") }
      rest = rest.dropFirst(word.count)
      if let value = Int64(word) { return .value(.int(value)) }
      if let value = Double(String(word)) { return .value(.double(value)) }
      switch word {
      case "true": return .value(true)
      case "false": return .value(false)
      default: return .value(.string(String(word)))
      }
    }
  }
}
