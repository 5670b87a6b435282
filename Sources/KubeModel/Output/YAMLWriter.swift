extension KubeObject {
  /// As `kubectl get -o yaml` prints it, newline at the end.
  public func yaml() -> String { jsonValue.yaml() }
}

extension JSONValue {
  /// This value as YAML in the style of kubectl (sigs.k8s.io/yaml): members in natural order, lists not indented,
  /// text quoted where it would read as something else, lines wrapped at a space beyond column 80.
  public func yaml() -> String {
    var writer = YAMLWriter()
    writer.write(self)
    return writer.text
  }
}

/// Writes what go-yaml v2's emitter would.
private struct YAMLWriter {
  var text = ""
  /// Characters of the current line.
  private var column = 0

  private mutating func put(_ part: String) {
    text += part
    column += part.unicodeScalars.count
  }

  private mutating func newLine(indent: Int) {
    text += "\n"
    column = 0
    put(String(repeating: " ", count: indent))
  }

  mutating func write(_ value: JSONValue) {
    switch value {
    case .object(let object) where !object.members.isEmpty: write(object, indent: 0, isFresh: true)
    case .array(let values) where !values.isEmpty: write(values, indent: 0, isFresh: true)
    default: writeLeaf(value, indent: 0)
    }
    if !text.hasSuffix("\n") { text += "\n" }
  }

  /// `isFresh`: the cursor already stands where the first member goes.
  private mutating func write(_ object: JSONObject, indent: Int, isFresh: Bool) {
    var isFresh = isFresh
    let members = object.members.sorted { YAMLText.isNaturallyBefore($0.name, $1.name) }
    for member in members {
      if !isFresh { startLine(indent: indent) }
      isFresh = false
      put(YAMLText.key(member.name) + ":")
      switch member.value {
      case .object(let inner) where !inner.members.isEmpty: write(inner, indent: indent + 2, isFresh: false)
      case .array(let values) where !values.isEmpty: write(values, indent: indent, isFresh: false)
      default:
        put(" ")
        writeLeaf(member.value, indent: indent)
      }
    }
  }

  private mutating func write(_ values: [JSONValue], indent: Int, isFresh: Bool) {
    var isFresh = isFresh
    for value in values {
      if !isFresh { startLine(indent: indent) }
      isFresh = false
      put("- ")
      switch value {
      case .object(let inner) where !inner.members.isEmpty: write(inner, indent: indent + 2, isFresh: true)
      case .array(let inner) where !inner.isEmpty: write(inner, indent: indent + 2, isFresh: true)
      default: writeLeaf(value, indent: indent)
      }
    }
  }

  private mutating func startLine(indent: Int) {
    if text.hasSuffix("\n") {
      column = 0
      put(String(repeating: " ", count: indent))
    } else {
      newLine(indent: indent)
    }
  }

  private mutating func writeLeaf(_ value: JSONValue, indent: Int) {
    switch value {
    case .string(let string): write(string, indent: indent + 2)
    case .object: put("{}")
    case .array: put("[]")
    default: put(value.compactJSON)
    }
  }

  private mutating func write(_ string: String, indent: Int) {
    switch YAMLText.style(of: string) {
    case .plain: writeFolded(string, indent: indent)
    case .single:
      put("'")
      writeFolded(
        string.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"), indent: indent)
      put("'")
    case .double:
      put("\"")
      writeEscaped(string, indent: indent)
      put("\"")
    case .literal: writeLiteral(string, indent: indent)
    }
  }

  /// Breaks at single spaces beyond column 80; `put` writes every other scalar.
  private mutating func fold(_ string: String, indent: Int, _ put: (inout Self, Unicode.Scalar) -> Void) {
    let scalars = Array(string.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      let isLoneSpace =
        scalar == " " && index > 0 && index < scalars.count - 1 && scalars[index - 1] != " "
        && scalars[index + 1] != " "
      if isLoneSpace, column > 80 {
        newLine(indent: indent)
      } else {
        put(&self, scalar)
      }
    }
  }

  private mutating func writeFolded(_ string: String, indent: Int) {
    fold(string, indent: indent) { writer, scalar in
      writer.text.unicodeScalars.append(scalar)
      writer.column += 1
    }
  }

  private mutating func writeEscaped(_ string: String, indent: Int) {
    fold(string, indent: indent) { writer, scalar in writer.put(YAMLText.escaped(scalar)) }
  }

  private mutating func writeLiteral(_ string: String, indent: Int) {
    var header = "|"
    if let first = string.unicodeScalars.first, first == " " || first == "\n" { header += "2" }
    if !string.hasSuffix("\n") {
      header += "-"
    } else if string == "\n" || string.hasSuffix("\n\n") {
      header += "+"
    }
    put(header)
    var body = Substring(string)
    if body.hasSuffix("\n") { body = body.dropLast() }
    for line in body.split(separator: "\n", omittingEmptySubsequences: false) {
      text += "\n"
      column = 0
      if !line.isEmpty { put(String(repeating: " ", count: indent) + line) }
    }
    text += "\n"
    column = 0
  }
}

/// How text is written in YAML.
enum YAMLText {
  enum Style {
    case plain, single, double, literal
  }

  static func style(of string: String) -> Style {
    let scalars = Array(string.unicodeScalars)
    var hasSpecial = false
    var hasBreak = false
    var hasTab = false
    var spaceBeforeBreak = false
    for (index, scalar) in scalars.enumerated() {
      if scalar == "\n" {
        hasBreak = true
        if index > 0, scalars[index - 1] == " " { spaceBeforeBreak = true }
      } else if scalar == "\t" {
        hasTab = true
      } else if !isPrintable(scalar) {
        hasSpecial = true
      }
    }
    if hasSpecial { return .double }
    if hasBreak { return spaceBeforeBreak || scalars.last == " " ? .double : .literal }
    if readsAsOther(string) || hasTab { return .double }
    return isPlainAllowed(scalars) ? .plain : .single
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF:
      // Line separators end a YAML line; a byte order mark is no text.
      return ![0x2028, 0x2029, 0xFEFF].contains(scalar.value)
    default: return false
    }
  }

  /// Whether go-yaml reads the bare text as anything but a string.
  static func readsAsOther(_ string: String) -> Bool {
    if case .string = YAMLScalar.resolve(string) {} else { return true }
    let lower = string.lowercased()
    if ["<<", ".nan", ".inf", "+.inf", "-.inf"].contains(lower) { return true }
    return isBase60(string) || isTimestamp(string)
  }

  /// `1:20`, which YAML 1.1 takes for a number to the base of 60.
  private static func isBase60(_ string: String) -> Bool {
    var rest = Substring(string)
    if rest.first == "+" || rest.first == "-" { rest = rest.dropFirst() }
    let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count >= 2, let first = parts.first, let digit = first.utf8.first, (0x30...0x39).contains(digit),
      first.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x5F })
    else { return false }
    for (index, part) in parts.enumerated().dropFirst() {
      var digits = part
      if index == parts.count - 1, let point = part.firstIndex(of: ".") { digits = part[..<point] }
      guard (1...2).contains(digits.count), let value = Int(digits), (0..<60).contains(value) else { return false }
    }
    return true
  }

  private static func isTimestamp(_ string: String) -> Bool {
    let bytes = Array(string.utf8)
    guard bytes.count >= 8, bytes.prefix(4).allSatisfy({ (0x30...0x39).contains($0) }), bytes[4] == 0x2D else {
      return false
    }
    let date = string.prefix { $0 != "T" && $0 != "t" && $0 != " " }
    let parts = date.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month),
      (1...31).contains(day)
    else { return false }
    let rest = string.dropFirst(date.count)
    if rest.isEmpty { return true }
    let clock = rest.dropFirst().prefix { $0 != "Z" && $0 != "+" && $0 != "-" }.split(separator: ":")
    return clock.count == 3 && clock.allSatisfy { Double($0) != nil }
  }

  private static func isPlainAllowed(_ scalars: [Unicode.Scalar]) -> Bool {
    guard let first = scalars.first, let last = scalars.last, first != " ", last != " " else { return false }
    if scalars.starts(with: "---".unicodeScalars) || scalars.starts(with: "...".unicodeScalars) { return false }
    if "#,[]{}&*!|>'\"%@`".unicodeScalars.contains(first) { return false }
    let isFollowedBySpace = scalars.count == 1 || scalars[1] == " "
    if "-?:".unicodeScalars.contains(first), isFollowedBySpace { return false }
    for index in scalars.indices.dropFirst() {
      if scalars[index] == ":", index + 1 == scalars.count || scalars[index + 1] == " " { return false }
      if scalars[index] == "#", scalars[index - 1] == " " { return false }
    }
    return true
  }

  static func key(_ name: String) -> String {
    switch style(of: name) {
    case .plain: name
    case .single: "'" + name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    case .double, .literal: "\"" + name.unicodeScalars.map(escaped).joined() + "\""
    }
  }

  /// A character inside double quotes.
  static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\t": return "\\t"
    case "\r": return "\\r"
    case "\0": return "\\0"
    case "\u{7}": return "\\a"
    case "\u{8}": return "\\b"
    case "\u{B}": return "\\v"
    case "\u{C}": return "\\f"
    case "\u{1B}": return "\\e"
    case "\u{85}": return "\\N"
    case "\u{2028}": return "\\L"
    case "\u{2029}": return "\\P"
    default:
      if isPrintable(scalar) { return String(scalar) }
      let hex = String(scalar.value, radix: 16, uppercase: true)
      let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
      return "\\" + letter + String(repeating: "0", count: max(0, width - hex.count)) + hex
    }
  }

  /// go-yaml's order of keys: numbers inside by value, letters after everything else.
  static func isNaturallyBefore(_ left: String, _ right: String) -> Bool {
    let a = Array(left.unicodeScalars)
    let b = Array(right.unicodeScalars)
    var afterDigits = false
    for index in 0..<min(a.count, b.count) {
      if a[index] == b[index] {
        afterDigits = isDigit(a[index])
        continue
      }
      let isLetterA = a[index].properties.isAlphabetic
      let isLetterB = b[index].properties.isAlphabetic
      if isLetterA, isLetterB { return a[index] < b[index] }
      if isLetterA || isLetterB { return afterDigits ? isLetterA : isLetterB }
      var numberA = 0.0
      var numberB = 0.0
      if a[index] == "0" || b[index] == "0" {
        var before = index - 1
        while before >= 0, isDigit(a[before]) {
          if a[before] != "0" {
            (numberA, numberB) = (1, 1)
            break
          }
          before -= 1
        }
      }
      var endA = index
      while endA < a.count, isDigit(a[endA]) {
        numberA = numberA * 10 + Double(a[endA].value - 48)
        endA += 1
      }
      var endB = index
      while endB < b.count, isDigit(b[endB]) {
        numberB = numberB * 10 + Double(b[endB].value - 48)
        endB += 1
      }
      if numberA != numberB { return numberA < numberB }
      if endA != endB { return endA < endB }
      return a[index] < b[index]
    }
    return a.count < b.count
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { (48...57).contains(scalar.value) }
}
