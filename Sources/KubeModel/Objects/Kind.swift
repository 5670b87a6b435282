/// The kinds of object that jobdeck keeps.
public enum Kind: String, CaseIterable, Hashable, Sendable, Comparable {
  case configMap = "ConfigMap"
  case cronJob = "CronJob"
  case event = "Event"
  case job = "Job"
  case lease = "Lease"
  case namespace = "Namespace"
  case node = "Node"
  case pod = "Pod"
  case priorityClass = "PriorityClass"
  case secret = "Secret"
  case serviceAccount = "ServiceAccount"

  /// Group and version, as manifests write them: `batch/v1`, `v1`.
  public var apiVersion: String {
    switch self {
    case .job, .cronJob: "batch/v1"
    case .lease: "coordination.k8s.io/v1"
    case .priorityClass: "scheduling.k8s.io/v1"
    default: "v1"
    }
  }

  /// The API group; empty for core.
  public var group: String {
    switch self {
    case .job, .cronJob: "batch"
    case .lease: "coordination.k8s.io"
    case .priorityClass: "scheduling.k8s.io"
    default: ""
    }
  }

  /// The package of Kubernetes' own types for the kind, which some of its messages tell: `batch`, `core`.
  public var goPackage: String { group.isEmpty ? "core" : group.split(separator: ".").first.map(String.init) ?? group }

  /// The resource's name in paths and in kubectl: `jobs`.
  public var plural: String {
    switch self {
    case .priorityClass: "priorityclasses"
    default: rawValue.lowercased() + "s"
    }
  }

  /// What kubectl also takes for it.
  public var shortNames: [String] {
    switch self {
    case .configMap: ["cm"]
    case .cronJob: ["cj"]
    case .event: ["ev"]
    case .namespace: ["ns"]
    case .node: ["no"]
    case .pod: ["po"]
    case .priorityClass: ["pc"]
    case .serviceAccount: ["sa"]
    case .job, .lease, .secret: []
    }
  }

  /// The lower it is the sooner its objects are made: what others need comes first.
  public var makingRank: Int {
    switch self {
    case .namespace: 0
    case .node, .priorityClass: 1
    case .configMap, .secret, .serviceAccount: 2
    case .pod, .job, .cronJob, .event, .lease: 3
    }
  }

  /// Whether objects of this kind live in namespaces.
  public var isNamespaced: Bool {
    switch self {
    case .namespace, .node, .priorityClass: false
    default: true
    }
  }

  /// The resource with its group, as messages name it: `jobs.batch`, `pods`.
  public var qualifiedPlural: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// The kind with its group, as messages name it: `Job.batch`, `Pod`.
  public var qualifiedName: String { group.isEmpty ? rawValue : "\(rawValue).\(group)" }

  public static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
}

/// What an object is called: its kind, its namespace (empty for kinds without one) and its name.
public struct ObjectKey: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The object's kind, which decides whether it has a namespace.
  public var kind: Kind
  /// Empty for kinds without one.
  public var namespace: String
  /// Unique within kind and namespace.
  public var name: String

  /// Creates a key; `namespace` is dropped for kinds without one.
  public init(_ kind: Kind, namespace: String = "", name: String) {
    self.kind = kind
    self.namespace = kind.isNamespaced ? namespace : ""
    self.name = name
  }

  /// Where an API server keeps the object, which some of its messages tell: `/registry/jobs/default/backup`.
  public var storagePath: String {
    // Nodes were called minions once.
    let resource = kind == .node ? "minions" : kind.plural
    return "/registry/\(resource)/" + (namespace.isEmpty ? name : "\(namespace)/\(name)")
  }

  public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
    (left.kind, left.namespace, left.name) < (right.kind, right.namespace, right.name)
  }

  /// As kubectl prints it: `job.batch/backup`.
  public var description: String {
    kind.group.isEmpty ? "\(kind.rawValue.lowercased())/\(name)" : "\(kind.rawValue.lowercased()).\(kind.group)/\(name)"
  }
}

extension ObjectMeta {
  /// What an object of the given kind with this metadata is called.
  public func key(_ kind: Kind) -> ObjectKey { ObjectKey(kind, namespace: namespace, name: name) }
}
