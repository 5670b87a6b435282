/// Where a decoding stands, and what it found wrong so far.
public struct ModelDecoder: Sendable {
  /// One thing that cannot be read, in the words of Kubernetes' API server.
  public struct Failure: Hashable, Sendable {
    /// Kubernetes' words: `json: cannot unmarshal number into Go struct field …`.
    public var message: String
    /// The same where Kubernetes does not read JSON, but converts what it has read before (a strategic merge patch).
    public var conversion: String
    /// Where it stands.
    public var path: [PathElement]
  }

  /// The path of the value being read, as `spec.template.spec.containers[0].image`.
  public private(set) var path: [PathElement] = []
  /// What made the object unreadable; Kubernetes reports the first.
  public private(set) var failures: [Failure] = []
  /// The paths of fields that the type does not have; an error under strict validation, else a warning.
  public private(set) var unknownFields: [String] = []
  /// The same paths, element by element.
  public private(set) var unknownPaths: [[PathElement]] = []
  private(set) var structName = ""
  /// Whether it looks into fields that are kept as they stand. What was looked at when it came need not be again.
  let checksKeptFields: Bool

  /// One step from a value to one inside it.
  public enum PathElement: Hashable, Sendable {
    /// A field of a struct, by its JSON name.
    case field(String)
    /// An element of a list, from 0.
    case index(Int)
    /// An entry of a map.
    case key(String)
  }

  /// Creates a decoder that stands at the root and has found nothing wrong.
  ///
  /// - Parameter checksKeptFields: whether it looks into fields that models keep as they stand.
  public init(checksKeptFields: Bool = true) { self.checksKeptFields = checksKeptFields }

  /// Runs `body` with `element` at the end of the path.
  public mutating func at<Result>(_ element: PathElement, _ body: (inout ModelDecoder) -> Result) -> Result {
    path.append(element)
    defer { path.removeLast() }
    return body(&self)
  }

  mutating func inStruct<Result>(_ name: String, _ body: (inout ModelDecoder) -> Result) -> Result {
    let outer = structName
    structName = name
    defer { structName = outer }
    return body(&self)
  }

  /// Reports that `json` is not of the Go type `goType`.
  ///
  /// - Parameter isText: whether that type is text by another name.
  public mutating func mismatch(_ json: JSONValue, goType: String, isText: Bool = false) {
    let found: String
    switch json {
    case .int(let value) where goType.hasPrefix("int"): found = "number \(value)"
    case .double(let value) where goType.hasPrefix("int"): found = "number \(value)"
    default: found = json.goKind
    }
    let fields = path.compactMap { element -> String? in
      if case .field(let name) = element { name } else { nil }
    }
    failures.append(
      Failure(
        message: "json: cannot unmarshal \(found) into Go struct field "
          + "\(structName).\(fields.joined(separator: ".")) of type \(goType)",
        conversion: ModelDecoder.conversion(json, goType, isText: isText || goType == "string"), path: path))
  }

  /// What Go's reflection says of a value that does not become `goType` (runtime.DefaultUnstructuredConverter).
  private static func conversion(_ json: JSONValue, _ goType: String, isText: Bool) -> String {
    let kind: String
    switch json {
    case .null: kind = "invalid"
    case .bool: kind = "bool"
    case .int: kind = "int64"
    case .double: kind = "float64"
    case .string: kind = "string"
    case .array: kind = "slice"
    case .object: kind = "map"
    }
    if goType.hasPrefix("[]") { return "cannot restore slice from \(kind)" }
    if goType.hasPrefix("map[") || goType == "v1.ResourceList" { return "cannot restore map from \(kind)" }
    // Numbers can become each other, and text; Kubernetes forbids what Go does not.
    switch (goType, json) {
    case (_, .int) where isText: return "cannot convert \(kind) to \(goType)"
    case _ where isText: return "unrecognized type: string"
    case ("int32", .double), ("int64", .double): return "cannot convert \(kind) to \(goType)"
    case ("int32", _), ("int64", _), ("bool", _): return "unrecognized type: \(goType)"
    default: return "cannot restore struct from: \(kind)"
    }
  }

  /// Reports an error that is not about the type of a value.
  public mutating func fail(_ message: String) {
    failures.append(Failure(message: message, conversion: message, path: path))
  }

  mutating func unknownField(_ name: String) {
    let full = path + [.field(name)]
    unknownFields.append(ModelDecoder.text(of: full))
    unknownPaths.append(full)
  }

  /// A path as Kubernetes writes it: `spec.containers[0].image`.
  public static func text(of path: [PathElement]) -> String {
    var text = ""
    for element in path {
      switch element {
      case .field(let name): text += text.isEmpty ? name : ".\(name)"
      case .index(let index): text += "[\(index)]"
      case .key(let key): text += text.isEmpty ? key : ".\(key)"
      }
    }
    return text
  }
}

/// Reads the fields of one object.
struct DecodingVisitor: FieldVisitor {
  let object: JSONObject
  let goName: String
  var decoder: ModelDecoder
  private var seen: Set<Int> = []

  init(object: JSONObject, goName: String, decoder: ModelDecoder) {
    self.object = object
    self.goName = goName
    self.decoder = decoder
  }

  private mutating func take(_ name: StaticString) -> (String, JSONValue)? {
    let text = name.description
    guard let index = object.members.lastIndex(where: { $0.name == text }) else { return nil }
    seen.insert(index)
    if case .null = object.members[index].value { return nil }
    return (text, object.members[index].value)
  }

  private mutating func read<T: Model>(_ name: StaticString, as type: T.Type) -> T? {
    guard let (text, json) = take(name) else { return nil }
    let goName = goName
    return decoder.inStruct(goName) { decoder in
      decoder.at(.field(text)) { decoder in
        if T.self == JSONValue.self { return decoder.checked(json, field: text, of: goName) as? T }
        // Bytes are kept as the text that they come as.
        if T.self == StringMap.self, goName == "Secret" || goName == "ConfigMap" {
          _ = decoder.checked(json, field: text, of: goName)
        }
        return T.decode(json, &decoder)
      }
    }
  }

  mutating func field<T: Model>(_ name: StaticString, _ value: inout T?) {
    if let read = read(name, as: T.self) { value = read }
  }

  mutating func field<T: Model>(_ name: StaticString, _ value: inout T) {
    if let read = read(name, as: T.self) { value = read }
  }

  mutating func required<T: Model>(_ name: StaticString, _ value: inout T) {
    field(name, &value)
  }

  mutating func int32(_ name: StaticString, _ value: inout Int?) {
    guard let (text, json) = take(name) else { return }
    value = decoder.inStruct(goName) { decoder in
      decoder.at(.field(text)) { decoder in
        guard case .int(let number) = json, let exact = Int32(exactly: number) else {
          decoder.mismatch(json, goType: "int32")
          return nil
        }
        return Int(exact)
      }
    }
  }

  mutating func int32(_ name: StaticString, _ value: inout Int) {
    var read: Int? = nil
    int32(name, &read)
    if let read { value = read }
  }

  mutating func reportUnknownFields() {
    var known = Set<String>()
    for index in seen { known.insert(object.members[index].name) }
    for member in object.members
    where !known.contains(member.name) && !FieldTypes.isLeftOut(member.name, in: goName) {
      decoder.unknownField(member.name)
    }
  }
}
