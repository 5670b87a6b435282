/// What kind of JSON stands for a model.
public indirect enum ModelSchema: Sendable {
  /// Text, and text of a form: a moment, an amount.
  case string, dateTime, quantity
  case boolean
  /// An integer of 32 or 64 bits.
  case integer(bits: Int)
  /// Members by any name, all alike.
  case map(ModelSchema)
  case list(ModelSchema)
  /// A struct with the fields that its type lists.
  case object(any ObjectModel.Type)
  /// Whatever stands there is kept.
  case any
}

/// A field of a struct, for documents about it.
public struct FieldSchema: Sendable {
  /// The member's name in JSON.
  public var name: String
  /// What stands there.
  public var schema: ModelSchema
  /// Whether it is always written.
  public var isRequired: Bool
}

extension ObjectModel {
  public static var schema: ModelSchema { .object(Self.self) }

  /// The fields of this type, as it lists them.
  public static var fields: [FieldSchema] {
    var visitor = SchemaVisitor()
    var value = Self()
    value.visitFields(&visitor)
    return visitor.fields
  }
}

/// Collects the fields that an `ObjectModel` shows to it.
private struct SchemaVisitor: FieldVisitor {
  var fields: [FieldSchema] = []

  private mutating func add(_ name: StaticString, _ schema: ModelSchema, isRequired: Bool = false) {
    fields.append(FieldSchema(name: name.description, schema: schema, isRequired: isRequired))
  }

  mutating func field<T: Model>(_ name: StaticString, _ value: inout T?) { add(name, T.schema) }
  mutating func field<T: Model>(_ name: StaticString, _ value: inout T) { add(name, T.schema) }
  mutating func required<T: Model>(_ name: StaticString, _ value: inout T) { add(name, T.schema, isRequired: true) }
  mutating func int32(_ name: StaticString, _ value: inout Int?) { add(name, .integer(bits: 32)) }
  mutating func int32(_ name: StaticString, _ value: inout Int) { add(name, .integer(bits: 32)) }
}

extension Model {
  public static var schema: ModelSchema { .any }
}

extension String {
  public static var schema: ModelSchema { .string }
}

extension Bool {
  public static var schema: ModelSchema { .boolean }
}

extension Int {
  public static var schema: ModelSchema { .integer(bits: 64) }
}

extension Instant {
  public static var schema: ModelSchema { .dateTime }
}

extension Array where Element: Model {
  public static var schema: ModelSchema { .list(Element.schema) }
}

extension StringMap {
  public static var schema: ModelSchema { .map(.string) }
}

extension Shared where Value: Model {
  public static var schema: ModelSchema { Value.schema }
}

extension Word {
  public static var schema: ModelSchema { .string }
}

extension Quantity {
  public static var schema: ModelSchema { .quantity }
}

extension ResourceList {
  public static var schema: ModelSchema { .map(.quantity) }
}

extension NullableTime {
  static var schema: ModelSchema { .dateTime }
}

extension PodConditions {
  static var schema: ModelSchema { .list(Condition.schema) }
}
