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
  /// How this group and version has the object; `nil` where it is as the model has it.
  var conversion: Conversion?

  /// Between the model's form of an object and another.
  struct Conversion: Sendable {
    var outward: @Sendable (KubeObject) -> JSONValue
    var inward: @Sendable (JSONValue) -> JSONValue
    /// What is wrong with a new object here beyond what would be wrong with it in the model's version.
    var validate: @Sendable (KubeObject) -> [FieldError]
  }

  /// The object in this group and version.
  func outward(_ object: KubeObject) -> JSONValue { conversion?.outward(object) ?? object.jsonValue }

  /// What a client sent, in the model's form.
  func inward(_ json: JSONValue) -> JSONValue { conversion?.inward(json) ?? json }

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
      .serviceAccount,
      subresources: [
        Subresource(
          name: "token", kind: "TokenRequest", group: "authentication.k8s.io", version: "v1", verbs: ["create"])
      ],
      columns: Column.serviceAccount),
    Resource(
      .cronJob, categories: ["all"],
      subresources: [Subresource(name: "status", kind: "CronJob", verbs: ["get", "patch", "update"])],
      columns: Column.cronJob),
    Resource(
      .job, categories: ["all"],
      subresources: [Subresource(name: "status", kind: "Job", verbs: ["get", "patch", "update"])],
      columns: Column.job),
    Resource(.lease, columns: Column.lease),
    eventsGroup,
    Resource(.priorityClass, columns: Column.priorityClass),
  ]

  /// Events once more, in their newer form.
  private static var eventsGroup: Resource {
    var resource = Resource(
      .event, columns: Column.event)
    resource.group = "events.k8s.io"
    resource.conversion = Conversion(
      outward: { Event.renamed($0.jsonValue, "events.k8s.io/v1", Event.newNames) },
      inward: { Event.renamed($0, "v1", Event.newNames.map { ($1, $0) }) },
      validate: { if case .event(let event) = $0 { event.validateNewer() } else { [] } })
    return resource
  }

  /// `nil` where there is no such resource.
  static func find(group: String, version: String, plural: String) -> Resource? {
    all.first { $0.group == group && $0.version == version && $0.plural == plural }
  }
}
