/// Why a text is no JSONPath template.
public struct JSONPathError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, in one line.
  public var message: String
  public var description: String { message }
}

/// A template of kubectl's JSONPath: text with expressions in braces, `{.items[*].metadata.name}`.
///
/// Follows k8s.io/client-go/util/jsonpath: members, indexes, slices, wildcards, unions, recursive descent, filters with
/// one comparison, `range` … `end`, and text in quotes. What is not there gives nothing, as kubectl's `get` has it.
public struct JSONPath: Hashable, Sendable {
  indirect enum Step: Hashable, Sendable {
    /// A member; of a list, that of each element is not meant.
    case member(String)
    case members([String])
    case wildcard
    case descent
    case index(Int)
    case indexes([Int])
    /// As Go slices lists, with negative numbers from the end.
    case slice(from: Int?, to: Int?, step: Int)
    case filter(Filter)
  }

  struct Filter: Hashable, Sendable {
    enum Operand: Hashable, Sendable {
      case path([Step])
      case value(JSONValue)
    }

    var left: Operand
    /// Empty: whether the left side is there.
    var operation = ""
    var right = Operand.value(.null)
  }

  indirect enum Part: Hashable, Sendable {
    case text(String)
    case path([Step])
    case range([Step], [Part])
  }

  let parts: [Part]

  /// Reads a template; what stands outside braces is text.
  public init(template: String) throws(JSONPathError) {
    var parser = JSONPathParser(template)
    parts = try parser.template()
  }

  /// Reads one expression as custom columns have it: `.metadata.name`, `metadata.name` or `{.metadata.name}`.
  public init(relaxed text: String) throws(JSONPathError) {
    var body = Substring(text)
    if body.hasPrefix("{"), body.hasSuffix("}") { body = body.dropFirst().dropLast() }
    if body.hasPrefix(".") { body = body.dropFirst() }
    guard !body.isEmpty, !body.contains("{"), !body.contains("}") else {
      throw JSONPathError(
        message: "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or "
          + "'{.name1.name2}'")
    }
    try self.init(template: "{\(body.hasPrefix("[") ? "" : ".")\(body)}")
  }

  /// What the template's first expression leads to.
  public func values(in document: JSONValue) -> [JSONValue] {
    for part in parts {
      switch part {
      case .path(let steps): return JSONPath.follow(steps, [document], root: document)
      case .range(let steps, _): return JSONPath.follow(steps, [document], root: document)
      case .text: continue
      }
    }
    return []
  }

  /// The template, filled in.
  public func text(of document: JSONValue) -> String {
    var result = ""
    JSONPath.write(parts, document, root: document, to: &result)
    return result
  }

  private static func write(_ parts: [Part], _ current: JSONValue, root: JSONValue, to result: inout String) {
    for part in parts {
      switch part {
      case .text(let text): result += text
      case .path(let steps):
        result += follow(steps, [current], root: root).map(\.jsonPathText).joined(separator: " ")
      case .range(let steps, let body):
        for value in follow(steps, [current], root: root) { write(body, value, root: root, to: &result) }
      }
    }
  }

  static func follow(_ steps: [Step], _ values: [JSONValue], root: JSONValue) -> [JSONValue] {
    var values = values
    for step in steps { values = values.flatMap { take(step, $0, root) } }
    return values
  }

  private static func take(_ step: Step, _ value: JSONValue, _ root: JSONValue) -> [JSONValue] {
    switch step {
    case .member(let name): return value[name].map { [$0] } ?? []
    case .members(let names): return names.compactMap { value[$0] }
    case .wildcard: return value.array ?? value.object?.members.map(\.value) ?? []
    case .descent: return descendants(value)
    case .index(let index): return element(index, value).map { [$0] } ?? []
    case .indexes(let indexes): return indexes.compactMap { element($0, value) }
    case .slice(let from, let to, let step):
      guard let list = value.array, step > 0 else { return [] }
      func place(_ index: Int) -> Int { min(max(index < 0 ? index + list.count : index, 0), list.count) }
      let start = place(from ?? 0)
      let end = place(to ?? list.count)
      return start < end ? Swift.stride(from: start, to: end, by: step).map { list[$0] } : []
    case .filter(let filter): return (value.array ?? []).filter { matches(filter, $0, root) }
    }
  }

  private static func element(_ index: Int, _ value: JSONValue) -> JSONValue? {
    guard let list = value.array else { return nil }
    let place = index < 0 ? index + list.count : index
    return list.indices.contains(place) ? list[place] : nil
  }

  private static func descendants(_ value: JSONValue) -> [JSONValue] {
    let children = value.array ?? value.object?.members.map(\.value) ?? []
    return [value] + children.flatMap(descendants)
  }

  private static func matches(_ filter: Filter, _ value: JSONValue, _ root: JSONValue) -> Bool {
    func values(_ operand: Filter.Operand) -> [JSONValue] {
      switch operand {
      case .path(let steps): follow(steps, [value], root: root)
      case .value(let value): [value]
      }
    }
    let left = values(filter.left)
    if filter.operation.isEmpty { return !left.isEmpty }
    guard let first = left.first, let second = values(filter.right).first else { return false }
    switch filter.operation {
    case "==": return first == second
    case "!=": return first != second
    default:
      guard let order = first.compared(to: second) else { return false }
      switch filter.operation {
      case "<": return order < 0
      case "<=": return order <= 0
      case ">": return order > 0
      default: return order >= 0
      }
    }
  }
}

extension JSONValue {
  /// Negative, zero or positive for less, the same or more; `nil` where the two are not of a kind.
  public func compared(to other: JSONValue) -> Int? {
    func number(_ value: JSONValue) -> Double? {
      switch value {
      case .int(let value): Double(value)
      case .double(let value): value
      default: nil
      }
    }
    if let left = number(self), let right = number(other) { return left < right ? -1 : left > right ? 1 : 0 }
    if let left = string, let right = other.string { return left < right ? -1 : left > right ? 1 : 0 }
    return nil
  }

  /// As kubectl's JSONPath prints it: text as it is, lists and objects as JSON.
  var jsonPathText: String { string ?? compactJSON }

  /// As Go's `fmt` prints it: `map[a:b]`, `[a b]`.
  public var goText: String {
    switch self {
    case .string(let text): text
    case .null: "<nil>"
    case .array(let values): "[\(values.map(\.goText).joined(separator: " "))]"
    case .object(let object):
      "map[\(object.members.sorted { $0.name < $1.name }.map { "\($0.name):\($0.value.goText)" }.joined(separator: " "))]"
    default: compactJSON
    }
  }
}
