import KubeModel

// What becomes of objects whose owners go (Kubernetes: garbagecollector.go). A job's own pods go with its deletion, in
// deleteJob; everything else that has owners comes by here.
extension ControlPlane {
  static let foregroundFinalizer = "foregroundDeletion"
  static let orphanFinalizer = "orphan"

  /// What an owner that an object names is to the collector.
  enum OwnerState {
    /// It is there and stays.
    case solid
    /// It is gone, or was never there.
    case dangling
    /// It waits for its dependents before it goes.
    case waiting
    /// Of a kind that is not kept here: nobody can say.
    case unknown
  }

  /// Looks at one object: does it still have an owner that holds it?
  mutating func collect(_ key: ObjectKey) {
    guard let metadata = metadata(of: key) else { return }
    if metadata.deletionTimestamp != nil {
      if metadata.finalizers.contains(ControlPlane.foregroundFinalizer) { finishForegroundDeletion(key) }
      return
    }
    guard !metadata.ownerReferences.isEmpty else { return }
    let states = metadata.ownerReferences.map { (uid: $0.uid, state: state(of: $0, for: key)) }
    if states.contains(where: { $0.state == .unknown }) { return }
    reportOwnersElsewhere(key, metadata)
    if states.contains(where: { $0.state == .solid }) {
      let gone = Set(states.filter { $0.state != .solid }.map(\.uid))
      if !gone.isEmpty { dropOwners(gone, of: key) }
    } else if states.contains(where: { $0.state == .waiting }), hasDependents(key, metadata.uid) {
      delete(key, .foreground)
    } else {
      delete(key, metadata.policyOfFinalizers ?? .background)
    }
  }

  func state(of owner: OwnerReference, for key: ObjectKey) -> OwnerState {
    guard let kind = Kind(rawValue: owner.kind), kind.apiVersion == owner.apiVersion else { return .unknown }
    // Nothing in a namespace can own what is in none.
    if kind.isNamespaced, !key.kind.isNamespaced { return .unknown }
    guard let found = metadata(of: ObjectKey(kind, namespace: key.namespace, name: owner.name)), found.uid == owner.uid
    else { return .dangling }
    let waits = found.deletionTimestamp != nil && found.finalizers.contains(ControlPlane.foregroundFinalizer)
    return waits ? .waiting : .solid
  }

  /// Whether an owner other than `uid` holds the object.
  func hasOtherOwner(_ key: ObjectKey, _ owners: [OwnerReference], than uid: String) -> Bool {
    owners.contains { $0.uid != uid && [.solid, .unknown].contains(state(of: $0, for: key)) }
  }

  private func hasDependents(_ key: ObjectKey, _ uid: String) -> Bool {
    if !ownership.dependents(of: uid).isEmpty { return true }
    guard key.kind == .job, let slot = jobs.slot(uid: uid) else { return false }
    return !jobs.entries[slot].record.pods.isEmpty
  }

  /// An owner in another namespace is none, and somebody will wonder.
  private mutating func reportOwnersElsewhere(_ key: ObjectKey, _ metadata: ObjectMeta) {
    for owner in metadata.ownerReferences {
      let namespace =
        jobs.slot(uid: owner.uid).map { jobs.entries[$0].job.metadata.namespace }
        ?? pods.slot(uid: owner.uid).map { pods.entries[$0].pod.metadata.namespace }
      guard let namespace, namespace != key.namespace else { continue }
      let identity =
        "[\(owner.apiVersion)/\(owner.kind), namespace: \(key.namespace), name: \(owner.name), uid: \(owner.uid)]"
      emit(
        EventRecord(
          kind: key.kind, metadata: metadata, reason: "OwnerRefInvalidNamespace",
          message: "ownerRef \(identity) does not exist in namespace \"\(key.namespace)\"", isWarning: true,
          source: .garbageCollector, at: now))
    }
  }

  // MARK: Deletion by policy

  /// Deletes an object with what depends on it.
  mutating func delete(_ key: ObjectKey, _ policy: PropagationPolicy, gracePeriodSeconds: Int? = nil) {
    switch key.kind {
    case .job:
      if let slot = jobs.slot(namespace: key.namespace, name: key.name) { deleteJob(slot, policy) }
    case .pod:
      guard let slot = pods.slot(namespace: key.namespace, name: key.name) else { return }
      deletePod(slot, policy, gracePeriodSeconds: gracePeriodSeconds)
    case .namespace: beginNamespaceDeletion(key)
    default: deleteOther(key, policy)
    }
  }

  private mutating func deletePod(_ slot: Int, _ policy: PropagationPolicy, gracePeriodSeconds: Int?) {
    let metadata = pods.entries[slot].pod.metadata
    let key = metadata.key(.pod)
    if !ownership.dependents(of: metadata.uid).isEmpty {
      if policy == .orphan { orphanDependents(of: metadata.uid) }
      if policy == .foreground, !metadata.finalizers.contains(ControlPlane.foregroundFinalizer) {
        changePod(slot) { $0.metadata.finalizers.append(ControlPlane.foregroundFinalizer) }
        collectible.append(contentsOf: ownership.dependents(of: metadata.uid))
      }
    }
    deleteAbandonedPod(slot, gracePeriodSeconds: gracePeriodSeconds)
    collectible.append(key)
  }

  /// Deletes a pod; nobody counts it any more where its job is gone.
  private mutating func deleteAbandonedPod(_ slot: Int, gracePeriodSeconds: Int?) {
    let ref = pods.ref(slot)
    deletePod(slot, gracePeriodSeconds: gracePeriodSeconds)
    if pods.slot(ref) != nil, pods.entries[slot].job == nil { removeFinalizer(slot) }
  }

  private mutating func deleteOther(_ key: ObjectKey, _ policy: PropagationPolicy) {
    guard var object = others[key] else { return }
    var metadata = object.metadata
    var finalizers = metadata.finalizers.filter {
      $0 != ControlPlane.foregroundFinalizer && $0 != ControlPlane.orphanFinalizer
    }
    switch policy {
    case .background: break
    case .orphan: finalizers.append(ControlPlane.orphanFinalizer)
    case .foreground: finalizers.append(ControlPlane.foregroundFinalizer)
    }
    if finalizers.isEmpty { return removeOther(key) }
    if metadata.deletionTimestamp == nil || metadata.finalizers != finalizers {
      metadata.finalizers = finalizers
      metadata.markDeleted(at: now)
      object.metadata = metadata
      changeOther(object)
    }
    switch policy {
    case .background: break
    case .orphan:
      orphanDependents(of: metadata.uid)
      dropFinalizer(ControlPlane.orphanFinalizer, ofOther: key)
    case .foreground:
      collectible.append(contentsOf: ownership.dependents(of: metadata.uid))
      collectible.append(key)
    }
  }

  /// Takes the reference to the owner off everything that the index knows.
  mutating func orphanDependents(of uid: String) {
    for key in ownership.dependents(of: uid) { dropOwners([uid], of: key) }
  }

  private mutating func dropOwners(_ uids: Set<String>, of key: ObjectKey) {
    switch key.kind {
    case .pod:
      guard let slot = pods.slot(namespace: key.namespace, name: key.name) else { return }
      let ref = pods.ref(slot)
      if let job = pods.entries[slot].job, uids.contains(jobs.entries[job].job.metadata.uid) { leaveJob(slot) }
      changePod(slot) { $0.metadata.ownerReferences.removeAll { uids.contains($0.uid) } }
      guard pods.entries[slot].job == nil, pods.entries[slot].pod.metadata.controller == nil else { return }
      orphanPods.insert(slot)
      removeFinalizer(slot)
      if pods.slot(ref) != nil { offerForAdoption(slot) }
    case .job:
      guard let slot = jobs.slot(namespace: key.namespace, name: key.name) else { return }
      changeJob(slot) { $0.metadata.ownerReferences.removeAll { uids.contains($0.uid) } }
    default:
      guard var object = others[key] else { return }
      object.metadata.ownerReferences.removeAll { uids.contains($0.uid) }
      changeOther(object)
    }
  }

  /// A pod of a deleted job goes, unless somebody else owns it too.
  mutating func collectPod(_ slot: Int, of job: String) {
    let metadata = pods.entries[slot].pod.metadata
    let key = metadata.key(.pod)
    if metadata.ownerReferences.count > 1, hasOtherOwner(key, metadata.ownerReferences, than: job) {
      dropOwners([job], of: key)
    } else {
      deletePod(slot, gracePeriodSeconds: nil)
    }
  }

  // MARK: The end of a foreground deletion

  /// Whether something that depends on the object blocks its deletion; what names it from another namespace does not.
  func isBlocked(_ uid: String) -> Bool {
    ownership.dependents(of: uid).contains { key in
      metadata(of: key)?.ownerReferences.contains {
        $0.uid == uid && $0.blockOwnerDeletion == true && state(of: $0, for: key) == .waiting
      } ?? false
    }
  }

  private mutating func finishForegroundDeletion(_ key: ObjectKey) {
    guard let metadata = metadata(of: key), !isBlocked(metadata.uid) else { return }
    switch key.kind {
    case .job:
      if let slot = jobs.slot(uid: metadata.uid) { finishForegroundDeletion(slot) }
    case .pod:
      guard let slot = pods.slot(uid: metadata.uid) else { return }
      changePod(slot) { $0.metadata.finalizers.removeAll { $0 == ControlPlane.foregroundFinalizer } }
      if isReadyToGo(slot), pods.entries[slot].pod.metadata.finalizers.isEmpty { removePod(slot) }
    default: dropFinalizer(ControlPlane.foregroundFinalizer, ofOther: key)
    }
  }

  private mutating func dropFinalizer(_ finalizer: String, ofOther key: ObjectKey) {
    guard var object = others[key] else { return }
    if object.metadata.finalizers == [finalizer] { return removeOther(key) }
    object.metadata.finalizers.removeAll { $0 == finalizer }
    changeOther(object)
  }

  // MARK: Books

  func metadata(of key: ObjectKey) -> ObjectMeta? {
    switch key.kind {
    case .pod: pods.slot(namespace: key.namespace, name: key.name).map { pods.entries[$0].pod.metadata }
    case .job: jobs.slot(namespace: key.namespace, name: key.name).map { jobs.entries[$0].job.metadata }
    default: others[key]?.metadata
    }
  }

  /// Keeps the index up to date with an object's owners and has the collector look where it must.
  mutating func ownersChanged(_ key: ObjectKey, from old: [OwnerReference], to new: [OwnerReference]) {
    guard old != new else { return }
    ownership.remove(key, owners: old.indexed(for: key.kind))
    ownership.add(key, owners: new.indexed(for: key.kind))
    // Owners that wait for this object may have waited for it alone.
    for owner in old { reviewOwner(owner, of: key) }
    // A pod whose only owner is its job goes with that job.
    let isJobsOwn = key.kind == .pod && new.count == 1 && new[0].controller == true && jobs.slot(uid: new[0].uid) != nil
    if !new.isEmpty, !isJobsOwn { collectible.append(key) }
  }

  /// The object is gone: who waited for it, and what depends on it.
  mutating func ownerRemoved(_ key: ObjectKey, _ metadata: ObjectMeta) {
    let owners = metadata.ownerReferences
    // Nearly all are pods that only their job owns, which is told by leaveJob.
    if key.kind != .pod || !owners.indexed(for: .pod).isEmpty {
      ownersChanged(key, from: owners, to: [])
    }
    collectible.append(contentsOf: ownership.dependents(of: metadata.uid))
  }

  private mutating func reviewOwner(_ owner: OwnerReference, of key: ObjectKey) {
    guard let kind = Kind(rawValue: owner.kind) else { return }
    let ownerKey = ObjectKey(kind, namespace: key.namespace, name: owner.name)
    guard let metadata = metadata(of: ownerKey), metadata.deletionTimestamp != nil else { return }
    collectible.append(ownerKey)
  }
}

extension ObjectMeta {
  /// What the collector's finalizers say of dependents; there is one of them at most.
  var policyOfFinalizers: PropagationPolicy? {
    if finalizers.contains(ControlPlane.orphanFinalizer) { return .orphan }
    return finalizers.contains(ControlPlane.foregroundFinalizer) ? .foreground : nil
  }

  /// Begins a deletion that something has to be done before.
  mutating func markDeleted(at now: Instant) {
    guard deletionTimestamp == nil else { return }
    deletionTimestamp = now.truncatedToSeconds
    deletionGracePeriodSeconds = 0
    if generation > 0 { generation += 1 }
  }
}
