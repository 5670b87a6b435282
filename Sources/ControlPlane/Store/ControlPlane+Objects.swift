public import KubeModel

// Reading objects, and the few primitives through which all of them change: each change has a version of its own.
extension ControlPlane {
  /// One object; `nil` where there is none.
  public func object(_ key: ObjectKey) -> KubeObject? {
    switch key.kind {
    case .pod: pods.slot(namespace: key.namespace, name: key.name).map { .pod(pods.entries[$0].pod) }
    case .job: jobs.slot(namespace: key.namespace, name: key.name).map { .job(jobs.entries[$0].job) }
    case .event:
      others[key]
        ?? events.record(namespace: key.namespace, name: key.name).map { .event($0.event) }
    default: others[key]
    }
  }

  /// The objects of one kind, sorted by namespace and name. O(n log n).
  public func list(_ kind: Kind, namespace: String? = nil) -> [KubeObject] {
    ControlPlane.sorted(unsorted(kind, namespace: namespace))
  }

  /// The objects of one kind in no order: for who sorts them elsewhere. O(n).
  public func unsorted(_ kind: Kind, namespace: String? = nil) -> [KubeObject] {
    func isWanted(_ other: String) -> Bool { namespace == nil || other == namespace }
    switch kind {
    case .pod:
      let slots = pods.entries.indices.lazy.filter { pods.entries[$0].sequence != 0 }
      return slots.filter { isWanted(pods.entries[$0].pod.metadata.namespace) }.map { .pod(pods.entries[$0].pod) }
    case .job:
      let slots = jobs.entries.indices.lazy.filter { jobs.entries[$0].sequence != 0 }
      return slots.filter { isWanted(jobs.entries[$0].job.metadata.namespace) }.map { .job(jobs.entries[$0].job) }
    case .event:
      let own = events.records.lazy.filter { isWanted($0.eventNamespace) }
      return own.map { .event($0.event) }
        + clientEvents.keys.lazy.filter { isWanted($0.namespace) }.compactMap { others[$0] }
    default:
      return others.lazy.filter { $0.key.kind == kind && isWanted($0.key.namespace) }.map(\.value)
    }
  }

  /// By namespace and name.
  public static func sorted(_ objects: [KubeObject]) -> [KubeObject] {
    objects.map { ($0.key, $0) }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  // MARK: Pods

  /// Adds a pod, whose metadata must be complete.
  mutating func addPod(_ pod: Pod, job: Int?, index: Int?) -> Int {
    var pod = pod
    pod.metadata.resourceVersion = String(feed.nextVersion())
    let slot = pods.insert(PodEntry(pod: pod, job: job, index: index))
    if feed.isKept { feed.append(.added, .pod(pod)) }
    namespacePopulation[pod.metadata.namespace, default: 0] += 1
    if job == nil {
      orphanPods.insert(slot)
      ownersChanged(pod.metadata.key(.pod), from: [], to: pod.metadata.ownerReferences)
    }
    noteWhereabouts(slot)
    restand(slot)
    return slot
  }

  /// Changes a pod: one revision. Counters of its job follow.
  mutating func changePod(_ slot: Int, _ body: (inout Pod) -> Void) {
    let owners = pods.entries[slot].pod.metadata.ownerReferences
    body(&pods.entries[slot].pod)
    pods.entries[slot].pod.metadata.resourceVersion = String(feed.nextVersion())
    if feed.isKept { feed.append(.modified, .pod(pods.entries[slot].pod)) }
    if owners != pods.entries[slot].pod.metadata.ownerReferences { podOwnersChanged(slot, from: owners) }
    noteWhereabouts(slot)
    restand(slot)
    releaseIfTerminal(slot)
  }

  private mutating func podOwnersChanged(_ slot: Int, from owners: [OwnerReference]) {
    let metadata = pods.entries[slot].pod.metadata
    ownersChanged(metadata.key(.pod), from: owners, to: metadata.ownerReferences)
  }

  /// Removes a pod for good.
  mutating func removePod(_ slot: Int) {
    pods.entries[slot].pod.metadata.resourceVersion = String(feed.nextVersion())
    let metadata = pods.entries[slot].pod.metadata
    if feed.isKept { feed.append(.deleted, .pod(pods.entries[slot].pod)) }
    forgetWhereabouts(slot)
    leaveScheduler(slot)
    leaveJob(slot)
    orphanPods.remove(slot)
    pods.remove(slot)
    ownerRemoved(metadata.key(.pod), metadata)
    effects.append(.remove(podUID: metadata.uid, namespace: metadata.namespace, podName: metadata.name))
    depopulate(metadata.namespace)
  }

  // MARK: Jobs

  mutating func addJob(_ job: Job) -> Int {
    var job = job
    job.metadata.resourceVersion = String(feed.nextVersion())
    let slot = jobs.insert(JobEntry(job: job))
    if feed.isKept { feed.append(.added, .job(job)) }
    namespacePopulation[job.metadata.namespace, default: 0] += 1
    if let owner = job.metadata.controller { cronRecords[owner.uid]?.jobs.append(slot) }
    ownersChanged(job.metadata.key(.job), from: [], to: job.metadata.ownerReferences)
    queueCronSync(ofJob: slot)
    return slot
  }

  mutating func changeJob(_ slot: Int, _ body: (inout Job) -> Void) {
    let owners = jobs.entries[slot].job.metadata.ownerReferences
    body(&jobs.entries[slot].job)
    jobs.entries[slot].job.metadata.resourceVersion = String(feed.nextVersion())
    if feed.isKept { feed.append(.modified, .job(jobs.entries[slot].job)) }
    if owners != jobs.entries[slot].job.metadata.ownerReferences { jobOwnersChanged(slot, from: owners) }
    queueCronSync(ofJob: slot)
  }

  private mutating func jobOwnersChanged(_ slot: Int, from owners: [OwnerReference]) {
    let metadata = jobs.entries[slot].job.metadata
    controllerChanged(slot, from: owners.first { $0.controller == true })
    ownersChanged(metadata.key(.job), from: owners, to: metadata.ownerReferences)
  }

  mutating func removeJob(_ slot: Int) {
    jobs.entries[slot].job.metadata.resourceVersion = String(feed.nextVersion())
    let metadata = jobs.entries[slot].job.metadata
    if feed.isKept { feed.append(.deleted, .job(jobs.entries[slot].job)) }
    manualSelectorJobs.remove(slot)
    cronJobLoses(slot)
    jobs.remove(slot)
    ownerRemoved(metadata.key(.job), metadata)
    depopulate(metadata.namespace)
  }

  // MARK: The rest

  mutating func addOther(_ object: KubeObject) {
    var object = object
    let key = object.key
    if object.kind == .priorityClass { priorityClassVersion += 1 }
    object.metadata.resourceVersion = String(feed.nextVersion())
    others[key] = object
    feed.append(.added, object)
    tellScheduler(of: object, exists: true)
    if key.kind.isNamespaced { namespacePopulation[key.namespace, default: 0] += 1 }
    if key.kind == .cronJob { queueCronSync(key) }
    if key.kind == .event { keepClientEvent(key) }
    noteDefaultClass(object)
    ownersChanged(key, from: [], to: object.metadata.ownerReferences)
    if key.kind == .namespace {
      keepServiceAccount(in: key.name)
      keepRootCertificate(in: key.name)
    }
  }

  mutating func changeOther(_ object: KubeObject) {
    var object = object
    let key = object.key
    let owners = others[key]?.metadata.ownerReferences ?? []
    if object.kind == .priorityClass { priorityClassVersion += 1 }
    object.metadata.resourceVersion = String(feed.nextVersion())
    others[key] = object
    feed.append(.modified, object)
    tellScheduler(of: object, exists: true)
    if key.kind == .event { keepClientEvent(key) }
    noteDefaultClass(object)
    ownersChanged(key, from: owners, to: object.metadata.ownerReferences)
    rootCertificateTouched(key)
  }

  mutating func removeOther(_ key: ObjectKey) {
    guard var object = others.removeValue(forKey: key) else { return }
    if key.kind == .priorityClass { priorityClassVersion += 1 }
    object.metadata.resourceVersion = String(feed.nextVersion())
    feed.append(.deleted, object)
    tellScheduler(of: object, exists: false)
    switch object {
    case .node(let node): nodeRemoved(node)
    case .cronJob(let cronJob):
      cronRecords[cronJob.metadata.uid] = nil
      cronTemplates[cronJob.metadata.uid] = nil
    case .priorityClass: defaultPriorityClasses.remove(key.name)
    case .event: clientEvents[key] = nil
    default: break
    }
    ownerRemoved(key, object.metadata)
    if key.kind.isNamespaced { depopulate(key.namespace) }
    if key.kind == .serviceAccount { serviceAccountRemoved(key) }
    rootCertificateTouched(key)
  }

  mutating func noteDefaultClass(_ object: KubeObject) {
    guard case .priorityClass(let known) = object else { return }
    if known.globalDefault {
      defaultPriorityClasses.insert(known.metadata.name)
    } else {
      defaultPriorityClasses.remove(known.metadata.name)
    }
  }

  private mutating func depopulate(_ namespace: String) {
    let left = (namespacePopulation[namespace] ?? 1) - 1
    namespacePopulation[namespace] = left == 0 ? nil : left
    if left == 0 { finishNamespaceDeletion(namespace) }
  }

  // MARK: Events

  /// Events that clients make are kept as long as the cluster's own.
  private mutating func keepClientEvent(_ key: ObjectKey) {
    clientEvents[key] = now + EventStore.timeToLive
    timers.set(.expireClientEvent(key), at: now + EventStore.timeToLive)
  }

  mutating func expireClientEvent(_ key: ObjectKey) {
    if let due = clientEvents[key], due <= now { removeOther(key) }
  }

  /// Forgets an event of the cluster's own.
  mutating func removeEvent(_ record: EventRecord) {
    events.remove(record)
    _ = feed.nextVersion()
    feed.append(.deleted, record)
  }

  mutating func emit(_ event: EventRecord, isFinal: Bool = false) {
    var event = event
    event.version = feed.version + 1
    switch events.record(event, isFinal: isFinal) {
    case .added(let record):
      _ = feed.nextVersion()
      feed.append(.added, record)
    case .repeated(let record):
      _ = feed.nextVersion()
      feed.append(.modified, record)
    case .dropped: break
    }
  }

  mutating func emitForPod(
    _ slot: Int, _ source: EventSource, _ reason: String, _ message: String, isWarning: Bool = false,
    container: String? = nil
  ) {
    emit(
      EventRecord(
        kind: .pod, metadata: pods.entries[slot].pod.metadata,
        fieldPath: container.map { "spec.containers{\($0)}" } ?? "", reason: reason, message: message,
        isWarning: isWarning, source: source, host: source == .kubelet ? pods.entries[slot].pod.spec.nodeName : "",
        at: now))
  }

  mutating func emitForJob(
    _ slot: Int, _ reason: String, _ message: String, isWarning: Bool = false, isFinal: Bool = false
  ) {
    emit(
      EventRecord(
        kind: .job, metadata: jobs.entries[slot].job.metadata, reason: reason, message: message, isWarning: isWarning,
        source: .jobController, at: now),
      isFinal: isFinal)
  }

  mutating func expireEvents() {
    for record in events.expire(at: now) {
      _ = feed.nextVersion()
      feed.append(.deleted, record)
    }
  }
}

extension ObjectReference {
  /// The object as it stands.
  init(to kind: Kind, _ metadata: ObjectMeta) {
    self.init()
    apiVersion = kind.apiVersion
    self.kind = kind.rawValue
    name = metadata.name
    namespace = metadata.namespace
    resourceVersion = metadata.resourceVersion
    uid = metadata.uid
  }
}
