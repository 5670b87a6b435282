internal import KubeModel

// Events as events.k8s.io/v1 has them.
extension Event {
  /// Members of core/v1, and what events.k8s.io/v1 calls them.
  static let newNames = [
    ("count", "deprecatedCount"), ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"), ("source", "deprecatedSource"), ("message", "note"),
    ("involvedObject", "regarding"), ("reportingComponent", "reportingController"),
  ]

  /// An event in the other of its two forms.
  static func renamed(_ event: JSONValue, _ apiVersion: String, _ names: [(String, String)]) -> JSONValue {
    guard var object = event.object else { return event }
    for index in object.members.indices {
      if let pair = names.first(where: { $0.0 == object.members[index].name }) { object.members[index].name = pair.1 }
    }
    object["apiVersion"] = .string(apiVersion)
    return .object(JSONObject(object.members.sorted { $0.name < $1.name }))
  }
}
