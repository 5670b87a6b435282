internal import KubeModel

/// A column of the tables that kubectl prints.
struct Column: Sendable {
  var name: String
  var type = "string"
  var format = ""
  /// 0: always; 1: with `-o wide`.
  var priority = 0
  var description: String
  /// What stands in an object's row, at a time.
  var cell: @Sendable (KubeObject, Instant) -> JSONValue

  init(
    _ name: String, type: String = "string", format: String = "", wide: Bool = false, _ description: String,
    cell: @escaping @Sendable (KubeObject, Instant) -> JSONValue
  ) {
    self.name = name
    self.type = type
    self.format = format
    priority = wide ? 1 : 0
    self.description = description
    self.cell = cell
  }

  /// As a table's head has it.
  var definition: JSONValue {
    [
      "name": .string(name), "type": .string(type), "format": .string(format), "description": .string(description),
      "priority": .int(Int64(priority)),
    ]
  }

  /// The name of the object, which opens most rows.
  static let name = Column("Name", format: "name", "The object's name, unique within its kind and namespace.") {
    object, _ in .string(object.metadata.name)
  }

  /// How long ago the object was created.
  static let age = Column("Age", "How long ago the object was created.") { object, now in
    .string(age(of: object.metadata.creationTimestamp, now))
  }

  static func age(of time: Instant?, _ now: Instant) -> String {
    time.map { humanDuration(now - $0) } ?? "<unknown>"
  }
}
