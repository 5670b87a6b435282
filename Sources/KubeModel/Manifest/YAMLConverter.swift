internal import Yams

/// YAML as JSON, the way kubectl converts it: go-yaml v2's scalars, keys as text, aliases and merge keys resolved.
struct YAMLConverter {
  let file: String
  /// Whether scalars stay the text that was written: `n` is no boolean and `1.10` no number then.
  let keepsText: Bool
  /// Values made so far: aliases of aliases of aliases must not fill the memory.
  private var made = 0
  private static let mostValues = 1_000_000
  private static let maximumDepth = 256

  init(file: String, keepsText: Bool = false) {
    self.file = file
    self.keepsText = keepsText
  }

  mutating func json(_ node: Yams.Node) throws(ManifestError) -> JSONValue { try json(node, depth: 0) }

  private mutating func json(_ node: Yams.Node, depth: Int) throws(ManifestError) -> JSONValue {
    made += 1
    if made > YAMLConverter.mostValues {
      throw error(node, "the document grows to more than \(YAMLConverter.mostValues) values through its aliases")
    }
    if depth > YAMLConverter.maximumDepth {
      throw error(node, "the document is nested deeper than \(YAMLConverter.maximumDepth) levels")
    }
    switch node {
    case .scalar(let scalar): return try value(of: scalar, node)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      elements.reserveCapacity(sequence.count)
      for element in sequence { elements.append(try json(element, depth: depth + 1)) }
      return .array(elements)
    case .mapping(let mapping):
      var object = JSONObject()
      var names: [String: Int] = [:]
      var merged: [Yams.Node] = []
      for (key, value) in mapping {
        if case .scalar(let scalar) = key, scalar.string == "<<", scalar.style == .plain {
          merged.append(value)
          continue
        }
        let name = try self.name(of: key)
        guard names[name] == nil else { throw error(key, "key \(goQuoted(name)) already set in map") }
        names[name] = object.members.count
        object.members.append(.init(name: name, value: try json(value, depth: depth + 1)))
      }
      // What stands in the mapping itself wins over what is merged into it; of several merges the first.
      for value in merged {
        for source in try mergeSources(value) {
          guard case .object(let members) = try json(source, depth: depth + 1) else { continue }
          for member in members.members where names[member.name] == nil {
            names[member.name] = object.members.count
            object.members.append(member)
          }
        }
      }
      return .object(object)
    case .alias: throw error(node, "found undefined alias")
    }
  }

  private func mergeSources(_ node: Yams.Node) throws(ManifestError) -> [Yams.Node] {
    switch node {
    case .mapping: return [node]
    case .sequence(let sequence):
      for element in sequence {
        guard case .mapping = element else {
          throw error(element, "map merge requires map or sequence of maps as the value")
        }
      }
      return Array(sequence)
    default: throw error(node, "map merge requires map or sequence of maps as the value")
    }
  }

  private func name(of key: Yams.Node) throws(ManifestError) -> String {
    guard case .scalar(let scalar) = key else {
      throw error(key, "a key must be text, not \(key.mapping == nil ? "a list" : "a mapping")")
    }
    switch try value(of: scalar, key) {
    case .string(let text): return text
    case .int(let value): return String(value)
    case .bool(let value): return value ? "true" : "false"
    case .double: return scalar.string
    default: throw error(key, "a key must not be null")
    }
  }

  private func value(of scalar: Yams.Node.Scalar, _ node: Yams.Node) throws(ManifestError) -> JSONValue {
    let text = scalar.string
    if keepsText {
      let isPlain = scalar.style == .plain || scalar.style == .any
      return isPlain && ["", "~", "null"].contains(text) ? .null : .string(text)
    }
    switch scalar.tag.description {
    case "tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp", "!": return .string(text)
    case "tag:yaml.org,2002:binary":
      guard let bytes = base64Decoded(text) else { throw error(node, "!!binary value contains invalid base64 data") }
      return .string(String(decoding: bytes, as: UTF8.self))
    case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null":
      let value = YAMLScalar.resolve(text)
      if case .string = value { throw error(node, "cannot decode !!str \(goQuoted(text)) as a \(scalar.tag)") }
      return value
    default:
      guard scalar.style == .plain || scalar.style == .any else { return .string(text) }
      return YAMLScalar.resolve(text)
    }
  }

  private func error(_ node: Yams.Node, _ message: String) -> ManifestError {
    ManifestError(file: file, line: node.mark?.line, column: node.mark?.column, message: message)
  }

  /// Where in the text `path` stands: the key of its last element.
  static func place(of path: [ModelDecoder.PathElement], in root: Yams.Node) -> (line: Int, column: Int)? {
    var node = root
    var mark = root.mark
    for element in path {
      switch element {
      case .field(let name), .key(let name):
        guard case .mapping(let mapping) = node else { break }
        for (key, value) in mapping {
          guard case .scalar(let scalar) = key, scalar.string == name else { continue }
          mark = scalar.mark ?? mark
          node = value
          break
        }
      case .index(let index):
        guard case .sequence(let sequence) = node, index < sequence.count else { break }
        node = sequence[index]
        mark = node.mark ?? mark
      }
    }
    return mark.map { ($0.line, $0.column) }
  }
}

/// What go-yaml v2 makes of a plain scalar.
enum YAMLScalar {
  static func resolve(_ text: String) -> JSONValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return .bool(true)
    case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return .bool(false)
    default: break
    }
    guard let first = text.utf8.first, (0x30...0x39).contains(first) || "+-.".utf8.contains(first) else {
      return .string(text)
    }
    if let number = number(text) { return number }
    return .string(text)
  }

  private static func number(_ text: String) -> JSONValue? {
    let plain = text.split(separator: "_", omittingEmptySubsequences: false).joined()
    if let value = integer(plain) { return .int(value) }
    guard isFloat(plain), let value = Double(plain), value.isFinite else { return nil }
    // Go writes a float without a fraction as an integer, and reads it as one.
    return value == value.rounded() && abs(value) < 1e15 ? .int(Int64(value)) : .double(value)
  }

  /// `strconv.ParseInt(text, 0, 64)`: a leading zero is octal.
  private static func integer(_ text: String) -> Int64? {
    var digits = Substring(text)
    var sign = ""
    if let first = digits.first, first == "-" || first == "+" {
      sign = first == "-" ? "-" : ""
      digits = digits.dropFirst()
    }
    guard let first = digits.utf8.first, (0x30...0x39).contains(first) else { return nil }
    let lower = digits.prefix(2).lowercased()
    let radix = lower == "0x" ? 16 : lower == "0o" ? 8 : lower == "0b" ? 2 : 0
    if radix > 0 {
      let rest = digits.dropFirst(2)
      return rest.first == "-" || rest.first == "+" ? nil : Int64(sign + rest, radix: radix)
    }
    if digits.count > 1, first == 0x30 { return Int64(sign + digits.dropFirst(), radix: 8) }
    return Int64(sign + digits)
  }

  /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
  private static func isFloat(_ text: String) -> Bool {
    var bytes = Array(text.utf8)[...]
    func digits() -> Int {
      let count = bytes.prefix { (0x30...0x39).contains($0) }.count
      bytes = bytes.dropFirst(count)
      return count
    }
    if let first = bytes.first, first == 0x2B || first == 0x2D { bytes = bytes.dropFirst() }
    let whole = digits()
    if bytes.first == 0x2E {
      bytes = bytes.dropFirst()
      if digits() == 0, whole == 0 { return false }
    } else if whole == 0 {
      return false
    }
    if let first = bytes.first, first | 0x20 == 0x65 {
      bytes = bytes.dropFirst()
      if let sign = bytes.first, sign == 0x2B || sign == 0x2D { bytes = bytes.dropFirst() }
      if digits() == 0 { return false }
    }
    return bytes.isEmpty
  }
}
