/// What becomes of fields that a type does not have (the API's `fieldValidation`).
public enum FieldValidation: String, Hashable, Sendable {
  /// They are an error.
  case strict = "Strict"
  /// They are dropped, and a warning says so; the API's default.
  case warn = "Warn"
  /// They are dropped.
  case ignore = "Ignore"
}

/// An object that was read, and what there was to say about it.
public struct DecodedObject: Hashable, Sendable {
  /// What was read, without defaults and not yet validated.
  public var object: KubeObject
  /// `unknown field "spec.bogus"`, `duplicate field "spec.x"`
  public var warnings: [String]

  /// Creates a result with what there was to say.
  public init(object: KubeObject, warnings: [String] = []) {
    self.object = object
    self.warnings = warnings
  }
}

/// Why JSON is no object of its kind.
public struct UnreadableObject: Error, Hashable, Sendable {
  /// In the words of Kubernetes' reader of JSON.
  public var message: String
  /// In the words of its conversion of maps to objects, through which a strategic merge patch goes.
  public var conversion: String

  init(message: String, conversion: String) {
    self.message = message
    self.conversion = conversion
  }

  init(_ message: String) { self.init(message: message, conversion: message) }
}

extension KubeObject {
  /// This object as JSON, members in alphabetical order. `keepsMicroseconds` is for storage: Kubernetes' own
  /// instants have whole seconds.
  public func json(keepsMicroseconds: Bool = false) -> [UInt8] {
    // Room for most pods, so that the bytes do not move again and again.
    var writer = JSONWriter(keepsMicroseconds: keepsMicroseconds, capacity: 4000)
    encode(to: &writer)
    return writer.bytes
  }

  /// This object as a JSON value, instants in whole seconds.
  public var jsonValue: JSONValue { (try? JSONParser.parse(json())) ?? .null }

  /// Reads back an object that `json` wrote; unknown fields, of a newer jobdeck, are dropped.
  public static func decodeObject(_ bytes: [UInt8]) throws(StatusError) -> KubeObject {
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONParser.parse(bytes)
    } catch {
      throw .badRequest("json parse error: \(error.message) (\(summary(of: bytes)))")
    }
    let kind = try kind(of: json, expecting: nil)
    do throws(UnreadableObject) {
      return try read(json, as: kind, fieldValidation: .ignore, checksKeptFields: false).object
    } catch {
      throw refusal(kind, error.message)
    }
  }

  /// Reads the body of a request as Kubernetes' API server does; every refusal has its words.
  ///
  /// - Parameter expecting: the kind that the request's path is about; `nil` where any kind will do.
  public static func read(
    _ bytes: [UInt8], expecting: Kind?, fieldValidation: FieldValidation = .strict
  ) throws(StatusError) -> DecodedObject {
    var parser = JSONParser(bytes)
    let json: JSONValue
    do {
      json = try parser.parseDocument()
    } catch {
      let kind = expecting.map { " (must be of type \($0.rawValue))" } ?? ""
      throw .badRequest(
        "the object provided is unrecognized\(kind): couldn't get version/kind; json parse error: "
          + "\(error.message) (\(summary(of: bytes)))")
    }
    return try read(
      json, expecting: expecting, fieldValidation: fieldValidation, duplicates: parser.duplicates)
  }

  /// Reads an object whose JSON has been parsed; `duplicates` are the paths of members that stood twice.
  public static func read(
    _ json: JSONValue, expecting: Kind?, fieldValidation: FieldValidation = .strict, duplicates: [String] = []
  ) throws(StatusError) -> DecodedObject {
    let kind = try kind(of: json, expecting: expecting)
    do throws(UnreadableObject) {
      return try read(json, as: kind, fieldValidation: fieldValidation, duplicates: duplicates)
    } catch {
      throw refusal(kind, error.message)
    }
  }

  /// Reads an object of the given kind, whatever its JSON says of its kind.
  ///
  /// - Parameter checksKeptFields: whether fields that models keep as they stand are looked into.
  public static func read(
    _ json: JSONValue, as kind: Kind, fieldValidation: FieldValidation, duplicates: [String] = [],
    checksKeptFields: Bool = true
  ) throws(UnreadableObject) -> DecodedObject {
    var decoder = ModelDecoder(checksKeptFields: checksKeptFields)
    let object = decode(json, kind: kind, &decoder)
    var complaints = duplicates.map { "duplicate field \(goQuoted($0))" }
    complaints += decoder.unknownFields.map { "unknown field \(goQuoted($0))" }
    if fieldValidation == .ignore { complaints = [] }
    if let failure = decoder.failures.first {
      throw UnreadableObject(message: failure.message, conversion: failure.conversion)
    }
    if fieldValidation == .strict, !complaints.isEmpty {
      throw UnreadableObject("strict decoding error: \(complaints.joined(separator: ", "))")
    }
    guard let object else { throw UnreadableObject("unreadable") }
    return DecodedObject(object: object, warnings: complaints)
  }

  /// `Job in version "v1" cannot be handled as a Job: …`
  static func refusal(_ kind: Kind, _ message: String) -> StatusError {
    .badRequest(
      "\(kind.rawValue) in version \(goQuoted(kind.version)) cannot be handled as a \(kind.rawValue): \(message)")
  }

  private static func kind(of json: JSONValue, expecting: Kind?) throws(StatusError) -> Kind {
    guard case .object(let object) = json else {
      throw .badRequest(
        "couldn't get version/kind; json parse error: json: cannot unmarshal \(json.goKind) into Go value of type "
          + "struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
          + "\"json:\\\"kind,omitempty\\\"\" }")
    }
    let kindName = object["kind"]?.string ?? expecting?.rawValue ?? ""
    let apiVersion = object["apiVersion"]?.string ?? expecting?.apiVersion ?? ""
    if kindName.isEmpty { throw .badRequest("Object 'Kind' is missing in '\(summary(of: json))'") }
    if apiVersion.isEmpty { throw .badRequest("Object 'apiVersion' is missing in '\(summary(of: json))'") }
    if let kind = Kind(rawValue: kindName), kind.apiVersion == apiVersion, expecting == nil || expecting == kind {
      return kind
    }
    if let expecting, let kind = Kind(rawValue: kindName), kind.apiVersion == apiVersion, kind != expecting {
      throw .badRequest(
        kind.apiVersion == expecting.apiVersion
          ? "\(kindName) in version \(goQuoted(kind.version)) cannot be handled as a \(expecting.rawValue): "
            + "converting (v1.\(kindName)) to (\(expecting.goPackage).\(expecting.rawValue)): unknown conversion"
          : "the API version in the data (\(apiVersion)) does not match the expected API version "
            + "(\(expecting.apiVersion))")
    }
    let version = apiVersion.split(separator: "/").last.map(String.init) ?? apiVersion
    throw .badRequest(
      "\(kindName) in version \(goQuoted(version)) cannot be handled as a \((expecting?.rawValue) ?? kindName): no "
        + "kind \(goQuoted(kindName)) is registered for version \(goQuoted(apiVersion)) in scheme "
        + "\"pkg/runtime/scheme.go:111\"")
  }

  /// Bytes as Kubernetes quotes a body that it cannot read: text where it looks like JSON, else hexadecimal.
  private static func summary(of bytes: [UInt8]) -> String {
    guard let first = bytes.first else { return "<empty>" }
    let head = bytes.prefix(1024)
    let tail = bytes.count > head.count ? " ..." : ""
    if first == UInt8(ascii: "{") { return String(decoding: head, as: UTF8.self) + tail }
    return head.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + tail
  }

  private static func summary(of json: JSONValue) -> String {
    var writer = JSONWriter()
    json.encode(to: &writer)
    return summary(of: writer.bytes)
  }
}

extension Kind {
  /// The version without its group: `v1`.
  public var version: String { apiVersion.split(separator: "/").last.map(String.init) ?? apiVersion }
}
