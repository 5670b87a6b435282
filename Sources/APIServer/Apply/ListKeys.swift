internal import KubeModel

/// Which lists are merged element by element, and by which members their elements are told apart.
struct ListKeys: Sendable {
  /// By the member in which the list stands: no members for a list of plain values that is a set, `nil` for one that is
  /// replaced as a whole.
  let members: @Sendable (String) -> [String]?

  /// Of strategic merge patches: always one member.
  static let strategic = ListKeys { name in StrategicMerge.keys[name].map { $0.isEmpty ? [] : [$0] } }

  /// Of server-side apply, which knows ports of one number and two protocols from each other.
  static let applied = ListKeys { name in several[name] ?? strategic.members(name) }

  /// In the order in which paths show them.
  private static let several = [
    "ports": ["containerPort", "protocol"], "topologySpreadConstraints": ["topologyKey", "whenUnsatisfiable"],
  ]

  /// What a member is where an element leaves it out.
  private static let defaults: [String: JSONValue] = ["protocol": "TCP"]

  /// What an element has of the given members; `nil` where one is missing, unless it has a default.
  static func identity(of element: JSONValue, _ members: [String]) -> [JSONValue]? {
    var identity: [JSONValue] = []
    for member in members {
      guard let value = element[member] ?? (members.count > 1 ? defaults[member] : nil) else { return nil }
      identity.append(value)
    }
    return identity
  }

  /// As a path of Kubernetes' shows it: `[containerPort=80,protocol="TCP"]`.
  static func text(_ members: [String], _ identity: [JSONValue]) -> String {
    "[" + zip(members, identity).map { "\($0)=\($1.compactJSON)" }.joined(separator: ",") + "]"
  }
}
