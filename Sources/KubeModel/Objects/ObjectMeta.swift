/// `metadata` of every object (meta/v1 ObjectMeta).
public struct ObjectMeta: ObjectModel {
  public static let goName = "ObjectMeta"

  /// Notes for people and programs, not for selecting; 256 KiB at most, keys and values together.
  public var annotations = StringMap()
  /// When the server created the object, in whole seconds; immutable.
  public var creationTimestamp: Instant?
  /// Seconds; set together with `deletionTimestamp`.
  public var deletionGracePeriodSeconds: Int?
  /// When the object is to be gone: the request's time plus the grace period.
  public var deletionTimestamp: Instant?
  /// What must be done before a deleted object goes; each entry is removed by who does it.
  public var finalizers: [String] = []
  /// Where `name` is empty: the name's beginning, cut to 58 characters; the server appends 5 random ones.
  public var generateName = ""
  /// Counts changes of the spec from 1.
  public var generation = 0
  /// Qualified names and values of at most 63 characters, for selectors.
  public var labels = StringMap()
  /// Who set which field; kept as it stands.
  public var managedFields: JSONValue?
  /// Unique within kind and namespace; immutable.
  public var name = ""
  /// Empty for kinds without one, `default` where a manifest names none; immutable.
  public var namespace = ""
  /// What the object belongs to; at most one of them controls it.
  public var ownerReferences: [OwnerReference] = []
  /// Opaque to clients; a decimal number that grows with every change in the cluster.
  public var resourceVersion = ""
  /// Not used any more; emptied at creation, as in Kubernetes.
  public var selfLink = ""
  /// Set by the server; no two objects have the same, not even one after the other under one name.
  public var uid = ""

  public init() {}

  /// Creates metadata with nothing but a name.
  public init(name: String, namespace: String = "") {
    self.name = name
    self.namespace = namespace
  }

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("annotations", &annotations)
    v.field("creationTimestamp", &creationTimestamp)
    v.field("deletionGracePeriodSeconds", &deletionGracePeriodSeconds)
    v.field("deletionTimestamp", &deletionTimestamp)
    v.field("finalizers", &finalizers)
    v.field("generateName", &generateName)
    v.field("generation", &generation)
    v.field("labels", &labels)
    v.field("managedFields", &managedFields)
    v.field("name", &name)
    v.field("namespace", &namespace)
    v.field("ownerReferences", &ownerReferences)
    v.field("resourceVersion", &resourceVersion)
    v.field("selfLink", &selfLink)
    v.field("uid", &uid)
  }

  /// The owner that controls this object, if it has one.
  public var controller: OwnerReference? { ownerReferences.first { $0.controller == true } }
}

/// A reference to the object that this one belongs to and dies with.
public struct OwnerReference: ObjectModel {
  public static let goName = "OwnerReference"

  /// Group and version of the owner: `batch/v1`.
  public var apiVersion = ""
  /// Whether a foreground deletion of the owner waits for this object; `nil` is false.
  public var blockOwnerDeletion: Bool?
  /// Whether the owner is the one that manages this object; `nil` is false.
  public var controller: Bool?
  /// The owner's kind: `Job`.
  public var kind = ""
  /// The owner's name, in this object's namespace unless its kind has none.
  public var name = ""
  /// The owner's UID; another object of the same name is not the owner.
  public var uid = ""

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("apiVersion", &apiVersion)
    v.field("blockOwnerDeletion", &blockOwnerDeletion)
    v.field("controller", &controller)
    v.required("kind", &kind)
    v.required("name", &name)
    v.required("uid", &uid)
  }
}

/// A condition of a job, a pod or a node: one aspect of its state, with why and since when.
public struct Condition: ObjectModel {
  public static let goName = "Condition"

  /// When it was last reported, of nodes; `nil` elsewhere.
  public var lastHeartbeatTime: Instant?
  /// When it was last checked, of jobs and pods; `nil` elsewhere.
  public var lastProbeTime: Instant?
  /// When `status` last changed.
  public var lastTransitionTime: Instant?
  /// Why, in words for people.
  public var message = ""
  /// The `metadata.generation` that this is about, of pods; 0 where nobody said.
  public var observedGeneration = 0
  /// Why, as one word: `BackoffLimitExceeded`, `ContainersNotReady`, …; may be empty.
  public var reason = ""
  /// `True`, `False` or `Unknown`.
  public var status = ""
  /// `Complete`, `Ready`, `PodScheduled`, …; at most once in an object.
  public var type = ""

  public init() {}

  /// Creates a condition that has been so since `time`.
  public init(_ type: String, _ status: Bool, reason: String = "", message: String = "", at time: Instant) {
    self.type = type
    self.status = status ? "True" : "False"
    self.reason = reason
    self.message = message
    lastTransitionTime = time
  }

  /// Whether it is known to hold.
  public var isTrue: Bool { status == "True" }

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("lastHeartbeatTime", &lastHeartbeatTime)
    v.field("lastProbeTime", &lastProbeTime)
    v.field("lastTransitionTime", &lastTransitionTime)
    v.field("message", &message)
    v.field("observedGeneration", &observedGeneration)
    v.field("reason", &reason)
    v.required("status", &status)
    v.required("type", &type)
  }
}

extension [Condition] {
  /// The condition of the given type, if there is one.
  public subscript(type: String) -> Condition? { first { $0.type == type } }

  /// Whether the condition of the given type holds.
  public func isTrue(_ type: String) -> Bool {
    // In place: a condition has five texts to copy.
    for index in indices where self[index].type == type { return self[index].isTrue }
    return false
  }
}

/// A label selector (meta/v1): all of `matchLabels` and `matchExpressions` must hold.
public struct LabelSelector: ObjectModel {
  public static let goName = "LabelSelector"

  /// Conditions on labels, all of which must hold.
  public var matchExpressions: [LabelSelectorRequirement] = []
  /// Labels with exactly these values.
  public var matchLabels = StringMap()

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("matchExpressions", &matchExpressions)
    v.field("matchLabels", &matchLabels)
  }
}

/// One condition on a label (meta/v1 LabelSelectorRequirement).
public struct LabelSelectorRequirement: ObjectModel {
  public static let goName = "LabelSelectorRequirement"

  /// A qualified name: `app`, `batch.kubernetes.io/job-name`.
  public var key = ""
  /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
  public var `operator` = ""
  /// What the label's value is looked for among; at least one for `In` and `NotIn`, else none.
  public var values: [String] = []

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("key", &key)
    v.required("operator", &`operator`)
    v.field("values", &values)
  }
}

/// A pointer to an object (core/v1 ObjectReference).
public struct ObjectReference: ObjectModel {
  public static let goName = "ObjectReference"

  /// Group and version: `batch/v1`, `v1`.
  public var apiVersion = ""
  /// The part of the object that is meant: `spec.containers{main}`; empty for all of it.
  public var fieldPath = ""
  /// The kind's name: `Pod`.
  public var kind = ""
  /// Unique within kind and namespace.
  public var name = ""
  /// Empty for kinds without one.
  public var namespace = ""
  /// The version that is meant; empty for any.
  public var resourceVersion = ""
  /// The object's UID; empty where only the name is known.
  public var uid = ""

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("apiVersion", &apiVersion)
    v.field("fieldPath", &fieldPath)
    v.field("kind", &kind)
    v.field("name", &name)
    v.field("namespace", &namespace)
    v.field("resourceVersion", &resourceVersion)
    v.field("uid", &uid)
  }
}
