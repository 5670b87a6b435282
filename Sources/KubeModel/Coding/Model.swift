/// A value that stands in a Kubernetes object and can be read from and written as JSON.
public protocol Model: Hashable, Sendable {
  /// Reads `json`; reports what is wrong to `decoder` and returns `nil` where it cannot be read.
  static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> Self?
  /// Appends this value as JSON.
  func encode(to writer: inout JSONWriter)
  /// Whether Go's `omitempty` would leave this value out.
  var isOmitted: Bool { get }
  /// What Go's encoding/json calls this type in an error: `string`, `[]string`, `v1.JobSpec`.
  static var goTypeName: String { get }
  /// What kind of JSON it is.
  static var schema: ModelSchema { get }
}

extension Model {
  public var isOmitted: Bool { false }
  public static var goTypeName: String { "v1.\(self)" }
}

/// A Kubernetes struct: it lists its fields once, and reading, writing and strict checks follow from that list.
///
/// Fields are listed in alphabetical order, as kubectl prints them.
public protocol ObjectModel: Model {
  /// Go's name of the type, which stands in decoding errors: `JobSpec`.
  static var goName: String { get }
  /// An object whose fields all have Go's zero values; absent fields stay as they are in it.
  init()
  /// Shows every field to `visitor`, which reads or writes it.
  mutating func visitFields(_ visitor: inout some FieldVisitor)
}

/// Reads or writes the fields that an `ObjectModel` shows to it.
public protocol FieldVisitor {
  /// An optional field: absent where `nil`.
  mutating func field<T: Model>(_ name: StaticString, _ value: inout T?)
  /// A plain field: absent where Go's `omitempty` would leave it out.
  mutating func field<T: Model>(_ name: StaticString, _ value: inout T)
  /// A field that is written even when empty.
  mutating func required<T: Model>(_ name: StaticString, _ value: inout T)
  /// A field of Go's type `int32`: larger numbers are refused.
  mutating func int32(_ name: StaticString, _ value: inout Int?)
  /// A plain field of Go's type `int32`.
  mutating func int32(_ name: StaticString, _ value: inout Int)
}

extension ObjectModel {
  public static var goTypeName: String { "v1.\(goName)" }

  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> Self? {
    if case .null = json { return Self() }
    guard case .object(let object) = json else {
      decoder.mismatch(json, goType: goTypeName)
      return nil
    }
    var result = Self()
    var visitor = DecodingVisitor(object: object, goName: goName, decoder: decoder)
    result.visitFields(&visitor)
    visitor.reportUnknownFields()
    decoder = visitor.decoder
    return result
  }

  public func encode(to writer: inout JSONWriter) {
    writer.beginObject()
    var copy = self
    var visitor = EncodingVisitor(writer: writer)
    writer = JSONWriter.placeholder
    copy.visitFields(&visitor)
    writer = visitor.writer
    writer.endObject()
  }
}
