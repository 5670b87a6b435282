/// Why a selector cannot be read, in the words of Kubernetes (apimachinery, labels and fields).
public struct SelectorError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Kubernetes' words, in one line.
  public var message: String
  public var description: String { message }
}

/// A label selector as users write it: `a=b,c!=d,e in (f,g),!h,i>3`. All requirements must hold.
public struct Selector: Hashable, Sendable {
  /// One condition on a label.
  public struct Requirement: Hashable, Sendable {
    /// How a label's value is compared; the raw values are how selectors write it.
    public enum Operator: String, Hashable, Sendable {
      /// Whether there is such a label at all, whatever its value.
      case exists, doesNotExist = "!"
      /// Equal to the one value; `notEquals` also where there is no such label.
      case equals = "=", notEquals = "!="
      /// Among the values; `notIn` also where there is no such label.
      case isIn = "in", notIn = "notin"
      /// An integer beyond the one value; what is no integer does not match.
      case greaterThan = ">", lessThan = "<"
    }
    /// A qualified name: `app`, `batch.kubernetes.io/job-name`.
    public var key: String
    /// How its value is compared with `values`.
    public var `operator`: Operator
    /// Sorted.
    public var values: [String]
  }

  /// Sorted by key.
  public var requirements: [Requirement] = []

  /// Selects everything.
  public init() {}

  /// Reads kubectl's `-l` grammar; empty text selects everything.
  public init(_ text: String) throws(SelectorError) {
    var parser = SelectorParser(text)
    requirements = try parser.parse().sorted { $0.key < $1.key }
  }

  /// Whether `labels` fulfil every requirement.
  public func matches(_ labels: StringMap) -> Bool { requirements.allSatisfy { $0.matches(labels) } }

  /// Whether everything is selected.
  public var isEmpty: Bool { requirements.isEmpty }
}

extension Selector: CustomStringConvertible {
  public var description: String { requirements.map(\.description).joined(separator: ",") }
}

extension Selector.Requirement: CustomStringConvertible {
  /// Whether `labels` fulfil this requirement.
  public func matches(_ labels: StringMap) -> Bool {
    let value = labels[key]
    switch self.operator {
    case .exists: return value != nil
    case .doesNotExist: return value == nil
    case .equals, .isIn: return value.map(values.contains) ?? false
    case .notEquals, .notIn: return value.map { !values.contains($0) } ?? true
    case .greaterThan, .lessThan:
      guard let value, let number = Int64(value), let bound = values.first.flatMap({ Int64($0) }) else { return false }
      return self.operator == .greaterThan ? number > bound : number < bound
    }
  }

  public var description: String {
    switch self.operator {
    case .exists: key
    case .doesNotExist: "!\(key)"
    case .equals, .notEquals, .greaterThan, .lessThan: "\(key)\(self.operator.rawValue)\(values.first ?? "")"
    case .isIn, .notIn: "\(key) \(self.operator.rawValue) (\(values.joined(separator: ",")))"
    }
  }
}

/// Kubernetes' lexer and parser of label selectors, with its error texts.
private struct SelectorParser {
  enum Token: Hashable {
    case open, close, comma, not, equals, doubleEquals, notEquals, greater, less, isIn, notIn, end
    case identifier(String)

    var literal: String {
      switch self {
      case .open: "("
      case .close: ")"
      case .comma: ","
      case .not: "!"
      case .equals: "="
      case .doubleEquals: "=="
      case .notEquals: "!="
      case .greater: ">"
      case .less: "<"
      case .isIn: "in"
      case .notIn: "notin"
      case .end: ""
      case .identifier(let text): text
      }
    }
  }

  private var tokens: [Token] = []
  private var position = 0

  init(_ text: String) {
    let symbols: [String: Token] = [
      "(": .open, ")": .close, ",": .comma, "!": .not, "=": .equals, "==": .doubleEquals, "!=": .notEquals,
      ">": .greater, "<": .less,
    ]
    let special = Set("=!(),><".utf8)
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A {
        index += 1
      } else if special.contains(byte) {
        var symbol = String(Unicode.Scalar(byte))
        index += 1
        while index < bytes.count, special.contains(bytes[index]),
          symbols[symbol + String(Unicode.Scalar(bytes[index]))] != nil
        {
          symbol += String(Unicode.Scalar(bytes[index]))
          index += 1
        }
        tokens.append(symbols[symbol] ?? .end)
      } else {
        let start = index
        while index < bytes.count, !special.contains(bytes[index]), bytes[index] > 0x20 { index += 1 }
        if index == start { index += 1 }
        let word = String(decoding: bytes[start..<index], as: UTF8.self)
        tokens.append(word == "in" ? .isIn : word == "notin" ? .notIn : .identifier(word))
      }
    }
    tokens.append(.end)
  }

  /// The token ahead. `in` and `notin` are keywords only where an operator may stand.
  private func peek(asValue: Bool) -> Token {
    let token = position < tokens.count ? tokens[position] : .end
    return asValue && (token == .isIn || token == .notIn) ? .identifier(token.literal) : token
  }

  private mutating func next(asValue: Bool) -> Token {
    let token = peek(asValue: asValue)
    position += 1
    return token
  }

  mutating func parse() throws(SelectorError) -> [Selector.Requirement] {
    var requirements: [Selector.Requirement] = []
    while true {
      switch peek(asValue: true) {
      case .identifier, .not:
        do throws(SelectorError) {
          requirements.append(try requirement())
        } catch {
          throw SelectorError(message: "unable to parse requirement: \(error.message)")
        }
        let token = next(asValue: false)
        switch token {
        case .end: return requirements
        case .comma:
          switch peek(asValue: true) {
          case .identifier, .not: continue
          case let found: throw SelectorError(message: "found '\(found.literal)', expected: identifier after ','")
          }
        default: throw SelectorError(message: "found '\(token.literal)', expected: ',' or 'end of string'")
        }
      case .end: return requirements
      case let found:
        throw SelectorError(message: "found '\(found.literal)', expected: !, identifier, or 'end of string'")
      }
    }
  }

  private mutating func requirement() throws(SelectorError) -> Selector.Requirement {
    var token = next(asValue: true)
    var isNegated = false
    if token == .not {
      isNegated = true
      token = next(asValue: true)
    }
    guard case .identifier(let key) = token else {
      throw SelectorError(message: "found '\(token.literal)', expected: identifier")
    }
    let complaints = NameRules.qualifiedName(key)
    if !complaints.isEmpty {
      // A key has no field here, and that is how Kubernetes says it.
      throw SelectorError(
        message: "<nil>: Invalid value: \(goQuoted(key)): \(complaints.joined(separator: "; "))")
    }
    if isNegated { return .init(key: key, operator: .doesNotExist, values: []) }
    if peek(asValue: false) == .end || peek(asValue: false) == .comma {
      return .init(key: key, operator: .exists, values: [])
    }
    let found = next(asValue: false)
    switch found {
    case .isIn: return try checked(key, .isIn, try list())
    case .notIn: return try checked(key, .notIn, try list())
    case .equals, .doubleEquals: return try checked(key, .equals, [try exactValue()])
    case .notEquals: return try checked(key, .notEquals, [try exactValue()])
    case .greater: return try checked(key, .greaterThan, [try exactValue()])
    case .less: return try checked(key, .lessThan, [try exactValue()])
    default:
      throw SelectorError(message: "found '\(found.literal)', expected: in, notin, =, ==, !=, gt, lt")
    }
  }

  private func checked(
    _ key: String, _ operation: Selector.Requirement.Operator, _ values: [String]
  ) throws(SelectorError) -> Selector.Requirement {
    if operation == .greaterThan || operation == .lessThan, Int64(values.first ?? "") == nil {
      throw SelectorError(
        message: "values[0]: Invalid value: \(goQuoted(values.first ?? "")): for 'Gt', 'Lt' operators, the value must "
          + "be an integer")
    }
    let values = values.sorted()
    for (index, value) in values.enumerated() {
      let complaints = NameRules.labelValue(value)
      guard !complaints.isEmpty else { continue }
      throw SelectorError(
        message: "values[\(index)][\(key)]: Invalid value: \(goQuoted(value)): \(complaints.joined(separator: "; "))")
    }
    return .init(key: key, operator: operation, values: values)
  }

  private mutating func exactValue() throws(SelectorError) -> String {
    switch peek(asValue: true) {
    case .end, .comma: return ""
    case .identifier(let text):
      position += 1
      return text
    case let found: throw SelectorError(message: "found '\(found.literal)', expected: identifier")
    }
  }

  private mutating func list() throws(SelectorError) -> [String] {
    guard next(asValue: true) == .open else {
      throw SelectorError(message: "found '\(tokens[position - 1].literal)', expected: '('")
    }
    var values: [String] = []
    while true {
      switch next(asValue: true) {
      case .identifier(let text):
        values.append(text)
        switch next(asValue: true) {
        case .comma: if peek(asValue: true) == .close { values.append("") }
        case .close: return Array(Set(values))
        case let found: throw SelectorError(message: "found '\(found.literal)', expected: ',' or ')'")
        }
      case .comma: values.append("")
      case .close: return Array(Set(values.isEmpty ? [""] : values))
      case let found: throw SelectorError(message: "found '\(found.literal)', expected: ',', ')' or identifier")
      }
    }
  }
}
