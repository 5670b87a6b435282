import KubeModel

// The verbs of the API.
extension ControlPlane {
  mutating func handle(_ request: Request) throws(StatusError) -> KubeObject {
    switch request {
    case .create(let object, let dryRun): try create(object, dryRun: dryRun)
    case .update(let object, let dryRun): try update(object, dryRun: dryRun)
    case .updateStatus(let object): try updateStatus(object)
    case .patch(let key, let type, let document): try patch(key, type, document)
    case .delete(let key, let options): try delete(key, options)
    case .evict(let key, let grace): try evict(key, grace)
    case .failNode(let name): try withNode(name) { plane, name throws(StatusError) in try plane.failNode(name) }
    case .recoverNode(let name): try withNode(name) { plane, name throws(StatusError) in try plane.recoverNode(name) }
    }
  }

  private mutating func withNode(
    _ name: String, _ body: (inout ControlPlane, String) throws(StatusError) -> Void
  ) throws(StatusError) -> KubeObject {
    try body(&self, name)
    return try existing(ObjectKey(.node, name: name))
  }

  func existing(_ key: ObjectKey) throws(StatusError) -> KubeObject {
    guard let object = object(key) else { throw .notFound(key) }
    return object
  }

  // MARK: Create

  private mutating func create(_ original: KubeObject, dryRun: Bool) throws(StatusError) -> KubeObject {
    var object = original
    let kind = object.kind
    var metadata = object.metadata
    if kind.isNamespaced {
      if metadata.namespace.isEmpty { metadata.namespace = "default" }
      try requireNamespace(metadata.namespace, for: ObjectKey(kind, name: metadata.name))
    } else {
      metadata.namespace = ""
    }
    if metadata.name.isEmpty, !metadata.generateName.isEmpty {
      repeat {
        metadata.name = random.name(metadata.generateName)
      } while self.object(ObjectKey(kind, namespace: metadata.namespace, name: metadata.name)) != nil
    }
    metadata.uid = random.uid()
    metadata.creationTimestamp = now.truncatedToSeconds
    metadata.deletionTimestamp = nil
    metadata.deletionGracePeriodSeconds = nil
    metadata.resourceVersion = ""
    metadata.selfLink = ""
    metadata.generation = kind.countsGenerations ? 1 : 0
    object.metadata = metadata
    object.prepareForCreate()
    try admit(&object)
    let errors = object.validate()
    guard errors.isEmpty else { throw .invalid(kind, name: metadata.name, errors) }
    guard self.object(object.key) == nil else { throw .alreadyExists(object.key) }
    if dryRun { return object }
    keep(object)
    return try existing(object.key)
  }

  private mutating func keep(_ object: KubeObject) {
    switch object {
    case .job(let job): jobCreated(addJob(job))
    case .pod(let pod):
      let slot = addPod(pod, job: nil, index: nil)
      adoptAtCreation(slot)
      enqueuePod(slot)
    case .node(let node): register(node)
    default: addOther(object)
    }
  }

  /// A pod that comes with a controlling job as owner, or that a job's own selector matches, is that job's.
  private mutating func adoptAtCreation(_ slot: Int) {
    if let owner = pods.entries[slot].pod.metadata.controller {
      orphanPods.remove(slot)
      if let job = jobs.slot(uid: owner.uid) {
        pods.entries[slot].job = job
        pods.entries[slot].index = pods.entries[slot].pod.completionIndex
        jobs.entries[job].record.pods.insert(slot)
        jobs.entries[job].record.hasAdopted = true
        restand(slot)
      }
    } else {
      offerForAdoption(slot)
    }
  }

  private func requireNamespace(_ name: String, for key: ObjectKey) throws(StatusError) {
    guard case .namespace(let namespace)? = others[ObjectKey(.namespace, name: name)] else {
      throw .notFound(ObjectKey(.namespace, name: name))
    }
    if namespace.status.phase == "Terminating" {
      throw .forbidden(
        key, "unable to create new content in namespace \(name) because it is being terminated")
    }
  }

  // MARK: Update

  private mutating func update(_ original: KubeObject, dryRun: Bool) throws(StatusError) -> KubeObject {
    let old = try existing(original.key)
    var object = original
    try checkPreconditions(object.metadata, against: old)
    object.keepServerFields(of: old)
    object.applyDefaults()
    let errors = object.validateUpdate(from: old)
    guard errors.isEmpty else { throw .invalid(object.kind, name: object.metadata.name, errors) }
    if object.hasNewSpec(than: old) { object.metadata.generation += 1 }
    guard !dryRun, object != old else { return object }
    replace(old, with: object)
    return self.object(object.key) ?? object
  }

  private func checkPreconditions(_ metadata: ObjectMeta, against old: KubeObject) throws(StatusError) {
    let isStale = !metadata.resourceVersion.isEmpty && metadata.resourceVersion != old.metadata.resourceVersion
    let isOther = !metadata.uid.isEmpty && metadata.uid != old.metadata.uid
    if isStale || isOther { throw .conflict(old.key) }
  }

  private mutating func replace(_ old: KubeObject, with object: KubeObject) {
    switch (object, old) {
    case (.job(let job), .job):
      guard let slot = jobs.slot(namespace: job.metadata.namespace, name: job.metadata.name) else { return }
      changeJob(slot) { $0 = job }
      jobChanged(slot)
      jobFinalizersChanged(slot)
    case (.pod(let pod), .pod):
      guard let slot = pods.slot(namespace: pod.metadata.namespace, name: pod.metadata.name) else { return }
      replacePod(slot, with: pod)
    case (.node(let node), .node(let oldNode)): nodeChanged(node, from: oldNode)
    default:
      changeOther(object)
      if object.kind == .cronJob { queueCronSync(object.key) }
    }
  }

  private mutating func replacePod(_ slot: Int, with pod: Pod) {
    if isReadyToGo(slot), pod.metadata.finalizers.isEmpty { return removePod(slot) }
    let old = pods.entries[slot].pod
    changePod(slot) { $0 = pod }
    if let job = pods.entries[slot].job, pod.metadata.controller?.uid != jobs.entries[job].job.metadata.uid {
      leaveJob(slot)
      removeFinalizer(slot)
      if pods.entries[slot].sequence == 0 { return }
    }
    podChanged(slot, from: old)
    releaseIfNotMatching(slot)
    if pods.entries[slot].sequence == 0 { return }
    if pods.entries[slot].job == nil, pod.metadata.controller == nil {
      orphanPods.insert(slot)
      offerForAdoption(slot)
    }
  }

  private mutating func updateStatus(_ original: KubeObject) throws(StatusError) -> KubeObject {
    let old = try existing(original.key)
    try checkPreconditions(original.metadata, against: old)
    switch (original, old) {
    case (.job(let job), .job(let oldJob)):
      let errors = job.validateStatusUpdate(from: oldJob)
      guard errors.isEmpty else { throw .invalid(.job, name: job.metadata.name, errors) }
      guard let slot = jobs.slot(namespace: job.metadata.namespace, name: job.metadata.name) else {
        throw .notFound(old.key)
      }
      changeJob(slot) { $0.status = job.status }
      setExpiryTimer(slot)
      queueSync(slot)
    case (.node(let node), .node(var oldNode)):
      oldNode.status = node.status
      changeOther(.node(oldNode))
      scheduler.setNode(oldNode)
    case (.cronJob(let cronJob), .cronJob(var oldCronJob)):
      oldCronJob.status = cronJob.status
      changeOther(.cronJob(oldCronJob))
    default:
      throw .badRequest("the status of \(old.kind.qualifiedPlural) is written by its controller alone")
    }
    return try existing(old.key)
  }

  private mutating func patch(
    _ key: ObjectKey, _ type: PatchType, _ document: JSONValue
  ) throws(StatusError) -> KubeObject {
    let old = try existing(key)
    let patched: JSONValue
    do throws(PatchError) {
      patched = try old.jsonValue.applying(document, type: type)
    } catch {
      throw error.statusError
    }
    var decoder = ModelDecoder()
    guard let object = KubeObject.decode(patched, kind: key.kind, &decoder), decoder.failures.isEmpty else {
      throw .badRequest(decoder.failures.first?.message ?? "the patch does not leave a \(key.kind.rawValue)")
    }
    guard object.key == key else {
      throw .badRequest(
        "the name of the object (\(object.metadata.name)) does not match the name on the URL (\(key.name))")
    }
    return try update(object, dryRun: false)
  }

  // MARK: Delete

  private mutating func delete(_ key: ObjectKey, _ options: DeleteOptions) throws(StatusError) -> KubeObject {
    let object = try existing(key)
    if let uid = options.uid, uid != object.metadata.uid {
      throw StatusError(
        code: 409, reason: "Conflict",
        message: "Operation cannot be fulfilled on \(key.kind.qualifiedName) \"\(key.name)\": the UID in the "
          + "precondition (\(uid)) does not match the UID in record (\(object.metadata.uid)). The object might have "
          + "been deleted and then recreated",
        kind: key.kind, name: key.name)
    }
    if let version = options.resourceVersion, version != object.metadata.resourceVersion { throw .conflict(key) }
    switch key.kind {
    case .job:
      if let slot = jobs.slot(namespace: key.namespace, name: key.name) {
        deleteJob(slot, options.propagationPolicy ?? .orphan)
      }
    case .pod:
      if let slot = pods.slot(namespace: key.namespace, name: key.name) {
        deletePod(slot, gracePeriodSeconds: options.gracePeriodSeconds)
      }
    case .node: removeNode(key.name)
    case .cronJob:
      guard case .cronJob(let cronJob) = object else { break }
      removeOther(key)
      cronJobDeleted(cronJob, options.propagationPolicy ?? .background)
    case .namespace: try deleteNamespace(key.name)
    case .event:
      throw .badRequest("events go by themselves, one hour after they last happened")
    default: removeOther(key)
    }
    return self.object(key) ?? object
  }

  private mutating func evict(_ key: ObjectKey, _ grace: Int?) throws(StatusError) -> KubeObject {
    let object = try existing(key)
    guard key.kind == .pod, let slot = pods.slot(namespace: key.namespace, name: key.name) else {
      throw .badRequest("only pods can be evicted")
    }
    evict(
      slot, gracePeriodSeconds: grace, reason: "EvictionByEvictionAPI", message: "Eviction API: evicting")
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

  private mutating func deleteNamespace(_ name: String) throws(StatusError) {
    let key = ObjectKey(.namespace, name: name)
    guard name != "default", name != "kube-system" else {
      throw .forbidden(key, "this namespace may not be deleted")
    }
    guard case .namespace(var namespace)? = others[key], namespace.status.phase != "Terminating" else { return }
    namespace.status.phase = "Terminating"
    namespace.metadata.deletionTimestamp = now.truncatedToSeconds
    changeOther(.namespace(namespace))
    emptyNamespace(name)
  }

  /// Deletes what is in a terminating namespace, and then the namespace.
  mutating func emptyNamespace(_ name: String) {
    for slot in jobs.slotsByAge where jobs.entries[slot].job.metadata.namespace == name { deleteJob(slot, .background) }
    for slot in pods.slotsByAge
    where pods.entries[slot].pod.metadata.namespace == name && pods.entries[slot].pod.metadata.deletionTimestamp == nil
    {
      deletePod(slot, gracePeriodSeconds: nil)
    }
    for key in others.keys.sorted() where key.kind.isNamespaced && key.namespace == name {
      if case .cronJob(let cronJob)? = others[key] { cronRecords[cronJob.metadata.uid] = nil }
      removeOther(key)
    }
    if namespacePopulation[name] == nil { finishNamespaceDeletion(name) }
  }

  mutating func finishNamespaceDeletion(_ name: String) {
    let key = ObjectKey(.namespace, name: name)
    guard case .namespace(let namespace)? = others[key], namespace.status.phase == "Terminating" else { return }
    removeOther(key)
  }
}
