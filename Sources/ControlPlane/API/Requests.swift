import KubeModel

// The verbs of the API.
extension ControlPlane {
  mutating func handle(_ request: Request) throws(StatusError) -> KubeObject {
    switch request {
    case .create(let object, let dryRun): try create(object, dryRun: dryRun)
    case .update(let object, let dryRun): try update(object, dryRun: dryRun)
    case .updateStatus(let object, let dryRun): try updateStatus(object, dryRun: dryRun)
    case .patch(let key, let type, let document): try patch(key, type, document)
    case .delete(let key, let options): try delete(key, options)
    case .evict(let key, let options): try evict(key, options)
    case .drainNode(let name, let grace):
      try withNode(name) { plane, name throws(StatusError) in try plane.drainNode(name, gracePeriodSeconds: grace) }
    case .publishRootCertificate(let certificate): try publishRootCertificate(certificate)
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

  /// - Parameter known: a job that has been found valid and from which this one differs in its metadata alone: it saves
  ///   this one defaults and validation.
  mutating func create(
    _ original: KubeObject, dryRun: Bool, like known: Job? = nil
  ) throws(StatusError) -> KubeObject {
    var object = original
    let kind = object.kind
    var metadata = object.metadata
    if kind.isNamespaced {
      if metadata.namespace.isEmpty { metadata.namespace = "default" }
      // Admission comes before a name is generated, and speaks of its beginning.
      try requireNamespace(
        metadata.namespace,
        for: ObjectKey(kind, name: metadata.name.isEmpty ? metadata.generateName : metadata.name))
    } else {
      metadata.namespace = ""
    }
    try admit(&object, replacing: nil)
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
    if case .job(var job) = object, let known {
      job.prepareForCreate(like: known)
      object = .job(job)
    } else {
      object.prepareForCreate()
      let errors = object.validate()
      guard errors.isEmpty else { throw .invalid(kind, name: metadata.name, errors) }
    }
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
      if let job = jobs.slot(uid: owner.uid),
        jobs.entries[job].job.metadata.namespace == pods.entries[slot].pod.metadata.namespace
      {
        pods.entries[slot].job = job
        pods.entries[slot].index = pods.entries[slot].pod.completionIndex
        jobs.entries[job].record.pods.insert(slot)
        jobs.entries[job].record.hasAdopted = true
        restand(slot)
      }
    } else {
      orphanPods.insert(slot)
      offerForAdoption(slot)
    }
  }

  private func requireNamespace(_ name: String, for key: ObjectKey) throws(StatusError) {
    guard case .namespace(let namespace)? = others[ObjectKey(.namespace, name: name)] else {
      throw .notFound(ObjectKey(.namespace, name: name))
    }
    if namespace.status.phase == "Terminating" {
      var refusal = StatusError.forbidden(
        key, "unable to create new content in namespace \(name) because it is being terminated")
      refusal.causes = [
        FieldError(
          type: "NamespaceTerminating", field: "metadata.namespace", body: "namespace \(name) is being terminated")
      ]
      throw refusal
    }
  }

  // MARK: Update

  /// - Parameter isPatch: whether the object was made by a patch of the stored one; then its UID is checked as a field,
  ///   where that of an object that a client sends says which object is meant.
  private mutating func update(
    _ original: KubeObject, dryRun: Bool, isPatch: Bool = false
  ) throws(StatusError) -> KubeObject {
    let old = try existing(original.key)
    var object = original
    if !isPatch { try checkUID(object.metadata, against: old) }
    try checkVersion(object.metadata, against: old)
    object.keepServerFields(of: old)
    try admit(&object, replacing: old)
    object.applyDefaults()
    let errors = object.validateUpdate(from: old)
    guard errors.isEmpty else { throw .invalid(object.kind, name: object.metadata.name, errors) }
    if object.hasNewSpec(than: old) { object.metadata.generation += 1 }
    guard !dryRun, object != old else { return object }
    replace(old, with: object)
    return self.object(object.key) ?? object
  }

  /// An object with another UID is another object, though it has the same name.
  private func checkUID(_ metadata: ObjectMeta, against old: KubeObject) throws(StatusError) {
    guard !metadata.uid.isEmpty, metadata.uid != old.metadata.uid else { return }
    let key = old.key
    throw .conflict(
      key,
      "StorageError: invalid object, Code: 4, Key: \(key.storagePath), ResourceVersion: 0, AdditionalErrorMsg: "
        + "Precondition failed: UID in precondition: \(metadata.uid), UID in object meta: \(old.metadata.uid)")
  }

  /// Who read an older version must read again; without a version, or with 0, the update is unconditional.
  private func checkVersion(_ metadata: ObjectMeta, against old: KubeObject) throws(StatusError) {
    guard !["", "0", old.metadata.resourceVersion].contains(metadata.resourceVersion) else { return }
    throw .conflict(old.key)
  }

  private mutating func replace(_ old: KubeObject, with object: KubeObject) {
    if object.metadata.deletionTimestamp != nil, object.metadata.finalizers.isEmpty, releaseOther(object) { return }
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
    case (.cronJob(let cronJob), .cronJob(let oldCronJob)):
      changeOther(object)
      cronJobChanged(from: oldCronJob, to: cronJob)
    default:
      let key = object.key
      if key.kind == .event, others[key] == nil, let record = events.record(namespace: key.namespace, name: key.name) {
        // From now on it is the client's.
        events.remove(record)
        namespacePopulation[key.namespace, default: 0] += 1
      }
      changeOther(object)
    }
    if object.metadata.deletionTimestamp != nil { collectible.append(object.key) }
  }

  /// The last finalizer of an object that is being deleted has gone; jobs and pods see to it themselves.
  private mutating func releaseOther(_ object: KubeObject) -> Bool {
    switch object.kind {
    case .job, .pod: return false
    case .namespace:
      changeOther(object)
      if namespacePopulation[object.metadata.name] == nil { finishNamespaceDeletion(object.metadata.name) }
    default: removeOther(object.key)
    }
    return true
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
    if pods.entries[slot].job == nil { adoptAtCreation(slot) }
    if pods.entries[slot].isOnNode, pod.spec.tolerations != old.spec.tolerations {
      reviewTaints(ofPod: slot, since: now)
    }
  }

  private mutating func updateStatus(_ original: KubeObject, dryRun: Bool) throws(StatusError) -> KubeObject {
    let old = try existing(original.key)
    try checkUID(original.metadata, against: old)
    try checkVersion(original.metadata, against: old)
    switch (original, old) {
    case (.job(let job), .job(let oldJob)):
      // Labels, annotations and finalizers come with a status; the spec does not.
      var new = oldJob
      new.status = job.status
      new.metadata.labels = job.metadata.labels
      new.metadata.annotations = job.metadata.annotations
      new.metadata.finalizers = job.metadata.finalizers
      new.metadata.ownerReferences = job.metadata.ownerReferences
      new.metadata.keepManagers(of: job.metadata)
      let errors = new.validateStatusUpdate(from: oldJob)
      guard errors.isEmpty else { throw .invalid(.job, name: job.metadata.name, errors) }
      guard let slot = jobs.slot(namespace: job.metadata.namespace, name: job.metadata.name) else {
        throw .notFound(old.key)
      }
      if dryRun { return .job(new) }
      if new != oldJob { changeJob(slot) { $0 = new } }
      setExpiryTimer(slot)
      queueSync(slot)
      jobFinalizersChanged(slot)
      return self.object(old.key) ?? .job(new)
    case (.node(let node), .node(let oldNode)):
      var changed = oldNode
      changed.status = node.status
      changed.metadata.keepManagers(of: node.metadata)
      if dryRun { return .node(changed) }
      nodeStatusChanged(changed, from: oldNode)
    case (.cronJob(let cronJob), .cronJob(var oldCronJob)):
      oldCronJob.status = cronJob.status
      oldCronJob.metadata.keepManagers(of: cronJob.metadata)
      if dryRun { return .cronJob(oldCronJob) }
      changeOther(.cronJob(oldCronJob))
      cronRecords[oldCronJob.metadata.uid]?.quietUntil = nil
      queueCronSync(old.key)
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
    guard object.metadata.name == key.name else {
      throw .badRequest(
        "the name of the object (\(object.metadata.name)) does not match the name on the URL (\(key.name))")
    }
    guard object.key == key else {
      throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
    }
    return try update(object, dryRun: false, isPatch: true)
  }
}
