import KubeModel

// Deleting and evicting, and the end of namespaces.
extension ControlPlane {

  mutating func delete(_ key: ObjectKey, _ options: DeleteOptions) throws(StatusError) -> KubeObject {
    if key.kind == .namespace, key.name == "default" || ControlPlane.systemNamespaces.contains(key.name) {
      throw .forbidden(key, "this namespace may not be deleted")
    }
    if ControlPlane.isSystemPriorityClass(key) {
      throw .forbidden(key, "this is a system priority class and cannot be deleted")
    }
    let object = try existing(key)
    try options.check(object)
    let policy = options.propagationPolicy ?? object.defaultPropagationPolicy
    if key.kind == .event, let record = events.record(namespace: key.namespace, name: key.name) {
      removeEvent(record)
      return object
    }
    // The deletion's first change marks the object.
    let marked = object.marked(policy, at: now, version: feed.version + 1)
    delete(key, policy, gracePeriodSeconds: options.gracePeriodSeconds)
    if let left = self.object(key), left.metadata.uid == object.metadata.uid { return left }
    if let marked { return marked }
    var gone = object
    gone.metadata.deletionTimestamp = nil
    return gone
  }

  mutating func evict(_ key: ObjectKey, _ options: DeleteOptions) throws(StatusError) -> KubeObject {
    let object = try existing(key)
    try options.check(object)
    guard key.kind == .pod, let slot = pods.slot(namespace: key.namespace, name: key.name) else {
      throw .badRequest("only pods can be evicted")
    }
    evict(
      slot, gracePeriodSeconds: options.gracePeriodSeconds, reason: "EvictionByEvictionAPI",
      message: "Eviction API: evicting")
    return self.object(key) ?? object
  }

  // MARK: Namespaces

  mutating func createDefaultNamespace() {
    var namespace = Namespace()
    namespace.metadata.name = "default"
    namespace.metadata.uid = random.uid()
    namespace.metadata.creationTimestamp = now.truncatedToSeconds
    namespace.applyDefaults()
    addOther(.namespace(namespace))
  }

  mutating func beginNamespaceDeletion(_ key: ObjectKey) {
    guard case .namespace(var namespace)? = others[key], namespace.status.phase != "Terminating" else { return }
    namespace.status.phase = "Terminating"
    namespace.metadata.markDeleted(at: now)
    changeOther(.namespace(namespace))
    emptyNamespace(key.name)
  }

  /// Deletes what is in a terminating namespace, and then the namespace.
  mutating func emptyNamespace(_ name: String) {
    for key in others.keys.sorted() where key.kind.isNamespaced && key.namespace == name { delete(key, .background) }
    for slot in jobs.slotsByAge where jobs.entries[slot].job.metadata.namespace == name { deleteJob(slot, .background) }
    for slot in pods.slotsByAge
    where pods.entries[slot].pod.metadata.namespace == name && pods.entries[slot].pod.metadata.deletionTimestamp == nil
    {
      deletePod(slot, gracePeriodSeconds: nil)
    }
    if namespacePopulation[name] == nil { finishNamespaceDeletion(name) }
  }

  /// Nothing is left in a namespace: if it was to go, it goes, unless a finalizer of its own holds it.
  mutating func finishNamespaceDeletion(_ name: String) {
    let key = ObjectKey(.namespace, name: name)
    guard case .namespace(var namespace)? = others[key], namespace.status.phase == "Terminating" else { return }
    for record in events.records(inNamespace: name) { removeEvent(record) }
    let finalized: JSONValue = .object(JSONObject())
    if namespace.metadata.finalizers.isEmpty {
      removeOther(key)
    } else if namespace.spec != finalized {
      namespace.spec = finalized
      changeOther(.namespace(namespace))
    }
  }
}

extension KubeObject {
  /// What a deletion does with dependents where it does not say: what an earlier one said, else the kind's way.
  var defaultPropagationPolicy: PropagationPolicy {
    metadata.policyOfFinalizers ?? (kind == .job ? .orphan : .background)
  }

  /// The object as a deletion leaves it that a collector has to finish, however fast that is; `nil` where the object
  /// goes at once.
  fileprivate func marked(_ policy: PropagationPolicy, at now: Instant, version: UInt64) -> KubeObject? {
    var object = self
    if case .namespace(var namespace) = object {
      namespace.status.phase = "Terminating"
      object = .namespace(namespace)
    } else {
      guard kind != .pod, policy != .background else { return nil }
      let finalizer = policy == .orphan ? ControlPlane.orphanFinalizer : ControlPlane.foregroundFinalizer
      if !object.metadata.finalizers.contains(finalizer) { object.metadata.finalizers.append(finalizer) }
    }
    object.metadata.markDeleted(at: now.truncatedToSeconds)
    object.metadata.resourceVersion = String(version)
    return object
  }
}
