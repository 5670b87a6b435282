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

  /// Creates options that leave the defaults where an argument is `nil`.
  public init(
    propagationPolicy: PropagationPolicy? = nil, gracePeriodSeconds: Int? = nil, uid: String? = nil,
    resourceVersion: String? = nil
  ) {
    self.propagationPolicy = propagationPolicy
    self.gracePeriodSeconds = gracePeriodSeconds
    self.uid = uid
    self.resourceVersion = resourceVersion
  }

  /// Refuses (409) an object that is not the one that these options are for.
  public func check(_ object: KubeObject) throws(StatusError) {
    let metadata = object.metadata
    if let uid, uid != metadata.uid {
      throw .failedPrecondition(
        object.key,
        "the UID in the precondition (\(uid)) does not match the UID in record (\(metadata.uid)). The object might "
          + "have been deleted and then recreated")
    }
    if let resourceVersion, resourceVersion != metadata.resourceVersion {
      throw .failedPrecondition(
        object.key,
        "the ResourceVersion in the precondition (\(resourceVersion)) does not match the ResourceVersion in record "
          + "(\(metadata.resourceVersion)). The object might have been modified")
    }
  }

  /// What an API server warns of in an answer to a deletion with these options.
  public func warnings(for kind: Kind) -> [String] {
    guard kind == .job, propagationPolicy == nil else { return [] }
    return [
      "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or "
        + "set propagationPolicy=Orphan to suppress this warning"
    ]
  }
}

/// How a patch document is to be read.
public enum PatchType: String, Hashable, Sendable {
  /// JSON Patch (RFC 6902): a list of operations, applied all or not at all.
  case json = "application/json-patch+json"
  /// JSON Merge Patch (RFC 7396): members replace those of the object, null removes them.
  case merge = "application/merge-patch+json"
}

/// One change of an object, as a watch reports it.
public struct Change: Hashable, Sendable {
  /// What became of the object; the raw values are the event types of Kubernetes' watches.
  public enum Verb: String, Hashable, Sendable {
    /// It is new.
    case added = "ADDED"
    /// It is there still, and another than before.
    case modified = "MODIFIED"
    /// It is gone for good; a deletion that waits for something is `modified`.
    case deleted = "DELETED"
  }

  /// What became of `object`.
  public var verb: Verb
  /// The object after the change; for a deletion, as it last stood.
  public var object: KubeObject
  /// The cluster's resource version of this change; each change has its own.
  public var version: UInt64

  /// Creates a change with the version that it has in the feed.
  public init(verb: Verb, object: KubeObject, version: UInt64) {
    self.verb = verb
    self.object = object
    self.version = version
  }
}
