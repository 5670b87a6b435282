internal import KubeModel

/// A column of the tables of a ``FixedResource``.
struct FixedColumn: Sendable {
  var name: String
  var format = ""
  /// 0: always; 1: with `-o wide`.
  var priority = 0
  var description: String
  /// What stands in an object's row, at a time.
  var cell: @Sendable (JSONValue, Instant) -> String

  /// As a table's head has it.
  var definition: JSONValue {
    [
      "name": .string(name), "type": "string", "format": .string(format), "description": .string(description),
      "priority": .int(Int64(priority)),
    ]
  }

  static let name = FixedColumn(
    name: "Name", format: "name", description: "The object's name, unique within its kind and namespace."
  ) { object, _ in object["metadata"]?["name"]?.string ?? "" }

  static let age = FixedColumn(name: "Age", description: "How long ago the object was created.") { object, now in
    Column.age(of: object["metadata"]?["creationTimestamp"]?.string.flatMap { Instant(rfc3339: $0) }, now)
  }

  /// Of services, as Kubernetes' printers have them.
  static let ofServices = [
    name,
    FixedColumn(name: "Type", description: "How the service is reached.") { service, _ in
      service["spec"]?["type"]?.string ?? ""
    },
    FixedColumn(name: "Cluster-IP", description: "The service's address within the cluster.") { service, _ in
      service["spec"]?["clusterIP"]?.string ?? ""
    },
    FixedColumn(name: "External-IP", description: "Addresses from outside.") { _, _ in "<none>" },
    FixedColumn(name: "Port(s)", description: "The service's ports.") { service, _ in
      let ports = service["spec"]?["ports"]?.array ?? []
      let texts = ports.map { "\($0["port"]?.int ?? 0)/\($0["protocol"]?.string ?? "TCP")" }
      return texts.isEmpty ? "<none>" : texts.joined(separator: ",")
    },
    age,
    FixedColumn(name: "Selector", priority: 1, description: "The labels of the pods behind it.") { _, _ in "<none>" },
  ]
}
