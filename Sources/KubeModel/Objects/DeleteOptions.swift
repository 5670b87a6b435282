/// What happens to the objects that a deleted one owns.
public enum PropagationPolicy: String, Hashable, Sendable {
  /// They lose their owner and stay.
  case orphan = "Orphan"
  /// The owner goes at once, they go after it.
  case background = "Background"
  /// They go first, the owner last.
  case foreground = "Foreground"
}

/// How an object is to be deleted (meta/v1 DeleteOptions).
public struct DeleteOptions: Hashable, Sendable {
  /// `nil`: the kind's default, which is Orphan for a Job and Background for the rest.
  public var propagationPolicy: PropagationPolicy?
  /// Seconds; `nil`: the pod's own.
  public var gracePeriodSeconds: Int?
  /// The deletion is refused unless the object has this UID.
  public var uid: String?
  /// The deletion is refused unless the object has this resource version.
  public var resourceVersion: String?

  public init(
    propagationPolicy: PropagationPolicy? = nil, gracePeriodSeconds: Int? = nil, uid: String? = nil,
    resourceVersion: String? = nil
  ) {
    self.propagationPolicy = propagationPolicy
    self.gracePeriodSeconds = gracePeriodSeconds
    self.uid = uid
    self.resourceVersion = resourceVersion
  }
}

/// How a patch document is to be read.
public enum PatchType: String, Hashable, Sendable {
  case json = "application/json-patch+json"
  case merge = "application/merge-patch+json"
}

/// One change of an object, as a watch reports it.
public struct Change: Hashable, Sendable {
  public enum Verb: String, Hashable, Sendable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  public var verb: Verb
  /// The object after the change; for a deletion, as it last stood.
  public var object: KubeObject
  /// The cluster's resource version of this change; each change has its own.
  public var version: UInt64

  public init(verb: Verb, object: KubeObject, version: UInt64) {
    self.verb = verb
    self.object = object
    self.version = version
  }
}
