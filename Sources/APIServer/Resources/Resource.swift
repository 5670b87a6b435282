internal import KubeModel

/// Everything that the API says of one kind of object: routes, discovery, tables and documents come from this.
struct Resource: Sendable {
  var kind: Kind
  var group: String
  var version: String
  var plural: String
  var singular: String
  var shortNames: [String] = []
  /// Under which names `kubectl get` finds it together with others.
  var categories: [String] = []
  var isNamespaced: Bool
  /// Sorted.
  var verbs: [String]
  var subresources: [Subresource] = []
  /// What a table shows, behind which `encode` hides nothing.
  var columns: [Column]
  /// The object in this group and version; `nil` for that of the model.
  var convert: (@Sendable (KubeObject) -> JSONValue)?

  /// A part of an object that has a path of its own.
  struct Subresource: Sendable {
    var name: String
    /// Of what goes in and out.
    var kind: String
    var group = ""
    var version = ""
    var verbs: [String]
  }

  /// `batch/v1`, `v1`
  var groupVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  static let everyVerb = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]

  init(
    _ kind: Kind, categories: [String] = [], verbs: [String] = Resource.everyVerb,
    subresources: [Subresource] = [], columns: [Column]
  ) {
    self.kind = kind
    group = kind.group
    version = kind.version
    plural = kind.plural
    singular = kind.rawValue.lowercased()
    shortNames = kind.shortNames
    self.categories = categories
    isNamespaced = kind.isNamespaced
    self.verbs = verbs
    self.subresources = subresources
    self.columns = columns
  }

  /// All resources that are stored, by group and name.
  static let all: [Resource] = [
    Resource(.configMap, columns: Column.configMap),
    Resource(.event, columns: Column.event),
    Resource(
      .namespace, verbs: everyVerb.filter { $0 != "deletecollection" },
      columns: Column.namespace),
    Resource(
      .node, subresources: [Subresource(name: "status", kind: "Node", verbs: ["get", "patch", "update"])],
      columns: Column.node),
    Resource(
      .pod, categories: ["all"],
      subresources: [
        Subresource(name: "attach", kind: "PodAttachOptions", verbs: ["create", "get"]),
        Subresource(name: "binding", kind: "Binding", verbs: ["create"]),
        Subresource(name: "eviction", kind: "Eviction", group: "policy", version: "v1", verbs: ["create"]),
        Subresource(name: "exec", kind: "PodExecOptions", verbs: ["create", "get"]),
        Subresource(name: "log", kind: "Pod", verbs: ["get"]),
        Subresource(name: "portforward", kind: "PodPortForwardOptions", verbs: ["create", "get"]),
        Subresource(name: "status", kind: "Pod", verbs: ["get"]),
      ],
      columns: Column.pod),
    Resource(.secret, columns: Column.secret),
    Resource(
      .cronJob, categories: ["all"],
      subresources: [Subresource(name: "status", kind: "CronJob", verbs: ["get", "patch", "update"])],
      columns: Column.cronJob),
    Resource(
      .job, categories: ["all"],
      subresources: [Subresource(name: "status", kind: "Job", verbs: ["get", "patch", "update"])],
      columns: Column.job),
    eventsGroup,
    Resource(.priorityClass, columns: Column.priorityClass),
  ]

  /// Events once more, in their newer form.
  private static var eventsGroup: Resource {
    var resource = Resource(
      .event, verbs: ["delete", "deletecollection", "get", "list", "watch"], columns: Column.event)
    resource.group = "events.k8s.io"
    resource.convert = { object in
      guard case .event(let event) = object else { return object.jsonValue }
      return event.newer
    }
    return resource
  }

  /// `nil` where there is no such resource.
  static func find(group: String, version: String, plural: String) -> Resource? {
    all.first { $0.group == group && $0.version == version && $0.plural == plural }
  }
}

extension Event {
  /// This event as events.k8s.io/v1 has it.
  fileprivate var newer: JSONValue {
    guard var object = KubeObject.event(self).jsonValue.object else { return .null }
    object["apiVersion"] = "events.k8s.io/v1"
    let renamed = [
      ("count", "deprecatedCount"), ("firstTimestamp", "deprecatedFirstTimestamp"),
      ("lastTimestamp", "deprecatedLastTimestamp"), ("source", "deprecatedSource"), ("message", "note"),
      ("involvedObject", "regarding"), ("reportingComponent", "reportingController"),
    ]
    for index in object.members.indices {
      if let pair = renamed.first(where: { $0.0 == object.members[index].name }) {
        object.members[index].name = pair.1
      }
    }
    return .object(JSONObject(object.members.sorted { $0.name < $1.name }))
  }
}
