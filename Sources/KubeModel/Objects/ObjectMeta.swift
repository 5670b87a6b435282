/// `metadata` of every object (meta/v1 ObjectMeta).
public struct ObjectMeta: ObjectModel {
  public static let goName = "ObjectMeta"

  public var annotations = StringMap()
  public var creationTimestamp: Instant?
  /// Seconds; set together with `deletionTimestamp`.
  public var deletionGracePeriodSeconds: Int?
  /// When the object is to be gone: the request's time plus the grace period.
  public var deletionTimestamp: Instant?
  public var finalizers: [String] = []
  public var generateName = ""
  /// Counts changes of the spec from 1.
  public var generation = 0
  public var labels = StringMap()
  public var managedFields: JSONValue?
  public var name = ""
  public var namespace = ""
  public var ownerReferences: [OwnerReference] = []
  /// Opaque to clients; a decimal number that grows with every change in the cluster.
  public var resourceVersion = ""
  public var selfLink = ""
  public var uid = ""

  public init() {}

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

  public var apiVersion = ""
  public var blockOwnerDeletion: Bool?
  public var controller: Bool?
  public var kind = ""
  public var name = ""
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

  public var lastHeartbeatTime: Instant?
  public var lastProbeTime: Instant?
  public var lastTransitionTime: Instant?
  public var message = ""
  public var observedGeneration = 0
  public var reason = ""
  /// `True`, `False` or `Unknown`.
  public var status = ""
  public var type = ""

  public init() {}

  public init(_ type: String, _ status: Bool, reason: String = "", message: String = "", at time: Instant) {
    self.type = type
    self.status = status ? "True" : "False"
    self.reason = reason
    self.message = message
    lastTransitionTime = time
  }

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
  public func isTrue(_ type: String) -> Bool { self[type]?.isTrue == true }
}

/// A label selector (meta/v1): all of `matchLabels` and `matchExpressions` must hold.
public struct LabelSelector: ObjectModel {
  public static let goName = "LabelSelector"

  public var matchExpressions: [LabelSelectorRequirement] = []
  public var matchLabels = StringMap()

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("matchExpressions", &matchExpressions)
    v.field("matchLabels", &matchLabels)
  }
}

public struct LabelSelectorRequirement: ObjectModel {
  public static let goName = "LabelSelectorRequirement"

  public var key = ""
  /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
  public var `operator` = ""
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

  public var apiVersion = ""
  public var fieldPath = ""
  public var kind = ""
  public var name = ""
  public var namespace = ""
  public var resourceVersion = ""
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
