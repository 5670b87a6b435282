import ArgumentParser
import KubeModel

/// How objects are printed: kubectl's `-o`.
enum OutputFormat: Sendable {
  case table, wide, json, yaml, name
  case customColumns([Column])
  case jsonPath(JSONPath)

  struct Column: Sendable {
    var title: String
    var path: JSONPath
  }

  /// Whether the server's table is what is printed.
  var isTable: Bool {
    switch self {
    case .table, .wide: true
    default: false
    }
  }

  /// Whether each object is printed as it is.
  var isDocument: Bool {
    switch self {
    case .json, .yaml: true
    default: false
    }
  }

  init(_ text: String?) throws {
    switch text {
    case nil, ""?: self = .table
    case "wide"?: self = .wide
    case "json"?: self = .json
    case "yaml"?: self = .yaml
    case "name"?: self = .name
    case let text?:
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      switch (parts[0], parts.count) {
      case ("custom-columns", 2) where !parts[1].isEmpty: self = .customColumns(try OutputFormat.columns(parts[1]))
      case ("custom-columns", _): throw VerbError("custom-columns format specified but no custom columns given")
      case ("jsonpath", 2): self = .jsonPath(try JSONPath(template: OutputFormat.template(parts[1])))
      case ("jsonpath", 1):
        throw VerbError("template format specified but no template given")
      default:
        throw VerbError(
          "unable to match a printer suitable for the output format \"\(text)\", allowed formats are: "
            + "custom-columns,json,jsonpath,name,wide,yaml")
      }
    }
  }

  /// kubectl also takes an expression without its braces.
  private static func template(_ text: String) -> String {
    text.contains("{") ? text : text.hasPrefix(".") ? "{\(text)}" : text
  }

  private static func columns(_ text: String) throws -> [Column] {
    try text.split(separator: ",").map { part in
      guard let colon = part.firstIndex(of: ":"), colon != part.startIndex else {
        throw VerbError("unexpected custom-columns spec: \(part), expected <header>:<json-path-expr>")
      }
      return Column(
        title: String(part[..<colon]), path: try JSONPath(relaxed: String(part[part.index(after: colon)...])))
    }
  }
}

/// Prints objects that are not tables.
enum ObjectText {
  /// What a person has no use for.
  static func cleaned(_ object: JSONValue, showsOwners: Bool = false) -> JSONValue {
    guard !showsOwners, var members = object.object, var metadata = members["metadata"]?.object else { return object }
    metadata["managedFields"] = nil
    members["metadata"] = .object(metadata)
    return .object(members)
  }

  /// One object, or a `List` of several, as kubectl writes it.
  static func document(_ value: JSONValue, _ format: OutputFormat) -> String {
    if case .yaml = format { return value.yaml() }
    return escaped(sorted(value).prettyJSON()) + "\n"
  }

  static func list(_ objects: [JSONValue]) -> JSONValue {
    ["apiVersion": "v1", "items": .array(objects), "kind": "List", "metadata": ["resourceVersion": ""]]
  }

  /// Members by their names, as Go writes maps.
  static func sorted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let values): .array(values.map(sorted))
    case .object(let object):
      .object(
        JSONObject(object.members.sorted { $0.name < $1.name }.map { .init(name: $0.name, value: sorted($0.value)) }))
    default: value
    }
  }

  /// As Go's encoder has it, which thinks of web pages.
  static func escaped(_ json: String) -> String {
    guard json.utf8.contains(where: { $0 == 0x3C || $0 == 0x3E || $0 == 0x26 }) else { return json }
    var bytes: [UInt8] = []
    for byte in json.utf8 {
      switch byte {
      case UInt8(ascii: "<"): bytes += "\\u003c".utf8
      case UInt8(ascii: ">"): bytes += "\\u003e".utf8
      case UInt8(ascii: "&"): bytes += "\\u0026".utf8
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func row(_ object: JSONValue, _ columns: [OutputFormat.Column]) -> [String] {
    columns.map { column in
      let values = column.path.values(in: object)
      return values.isEmpty ? "<none>" : values.map { $0 == .null ? "<nil>" : $0.goText }.joined(separator: ",")
    }
  }
}

/// Aligns rows as kubectl does: columns six wide at least, three blanks between.
struct TableText {
  private var widths: [Int] = []

  /// The rows in lines. Columns are never narrower than in rows before, so that a watch stays aligned.
  mutating func lines(_ rows: [[String]]) -> String {
    for row in rows {
      for (index, cell) in row.dropLast().enumerated() {
        let width = max(6, cell.unicodeScalars.count + 3)
        if index < widths.count {
          widths[index] = max(widths[index], width)
        } else {
          widths.append(width)
        }
      }
    }
    var text = ""
    for row in rows {
      for (index, cell) in row.enumerated() {
        text += cell
        if index < row.count - 1 {
          text += String(repeating: " ", count: max(0, widths[index] - cell.unicodeScalars.count))
        }
      }
      text += "\n"
    }
    return text
  }

  /// A cell in one line, without what steers a terminal.
  static func cell(_ value: JSONValue) -> String {
    guard let text = value.string else { return value.goText }
    if let end = text.firstIndex(where: { $0.isNewline || $0 == "\u{C}" }) {
      return Printable.line(String(text[..<end])) + "..."
    }
    return Printable.line(text)
  }
}
