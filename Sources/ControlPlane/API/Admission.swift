import KubeModel

// What the API server adds to objects before it validates them, and what it keeps when a client replaces them.

extension Kind {
  /// Kinds whose spec changes are counted.
  var countsGenerations: Bool {
    switch self {
    case .job, .cronJob, .pod, .priorityClass: true
    default: false
    }
  }
}

extension Job {
  /// The same where another job is known to be valid, and to differ in its metadata alone.
  mutating func prepareForCreate(like known: Job) {
    let selector = spec.selector
    let template = spec.template.metadata
    spec = known.spec
    spec.selector = selector
    spec.template.metadata = template
    generateSelector(uid: metadata.uid)
  }
}

extension ObjectMeta {
  /// Takes over who owns which field where `sent` says so; an empty list there says that nobody does.
  mutating func keepManagers(of sent: ObjectMeta) {
    guard let managers = sent.managedFields else { return }
    if managers == .array([]) { managedFields = nil } else { managedFields = managers }
  }
}

extension KubeObject {
  /// Makes a client's object a new one: no status but the server's own, defaults, and for a Job its selector.
  mutating func prepareForCreate() {
    switch self {
    case .job(var job):
      job.status = JobStatus()
      job.applyDefaults()
      job.generateSelector(uid: job.metadata.uid)
      self = .job(job)
      return
    case .cronJob(var cronJob):
      cronJob.status = CronJobStatus()
      self = .cronJob(cronJob)
    case .pod(var pod):
      pod.status = PodStatus()
      self = .pod(pod)
    case .namespace(var namespace):
      namespace.status = Namespace.Status()
      self = .namespace(namespace)
    default: break
    }
    applyDefaults()
  }

  /// What a client need not or cannot say: what it leaves out of the object's identity and times, and the status.
  mutating func keepServerFields(of old: KubeObject) {
    var metadata = metadata
    let known = old.metadata
    if metadata.uid.isEmpty { metadata.uid = known.uid }
    metadata.creationTimestamp = metadata.creationTimestamp ?? known.creationTimestamp
    metadata.deletionTimestamp = metadata.deletionTimestamp ?? known.deletionTimestamp
    metadata.deletionGracePeriodSeconds = metadata.deletionGracePeriodSeconds ?? known.deletionGracePeriodSeconds
    metadata.generation = known.generation
    metadata.generateName = known.generateName
    metadata.resourceVersion = known.resourceVersion
    let sent = metadata
    metadata.managedFields = known.managedFields
    metadata.keepManagers(of: sent)
    self.metadata = metadata
    switch (self, old) {
    case (.job(var job), .job(let old)):
      job.status = old.status
      self = .job(job)
    case (.cronJob(var cronJob), .cronJob(let old)):
      cronJob.status = old.status
      self = .cronJob(cronJob)
    case (.pod(var pod), .pod(let old)):
      pod.status = old.status
      self = .pod(pod)
    case (.node(var node), .node(let old)):
      node.status = old.status
      self = .node(node)
    case (.namespace(var namespace), .namespace(let old)):
      namespace.spec = old.spec
      namespace.status = old.status
      self = .namespace(namespace)
    default: break
    }
  }

  func hasNewSpec(than old: KubeObject) -> Bool {
    switch (self, old) {
    case (.job(let new), .job(let old)): new.spec != old.spec
    case (.cronJob(let new), .cronJob(let old)): new.spec != old.spec
    case (.pod(let new), .pod(let old)): new.spec != old.spec
    default: false
    }
  }
}

extension ControlPlane {
  /// Admission of a client's object: the plug-ins that matter for batch work.
  func admit(_ object: inout KubeObject, replacing old: KubeObject?) throws(StatusError) {
    switch object {
    case .pod(var pod) where old == nil:
      try admit(&pod)
      object = .pod(pod)
    case .priorityClass(let new) where new.globalDefault:
      if let known = defaultPriorityClass, known.metadata.name != new.metadata.name {
        throw .forbidden(
          ObjectKey(.priorityClass, name: new.metadata.name),
          "PriorityClass \(known.metadata.name) is already marked as default. Only one default can exist")
      }
    default: break
    }
  }

  /// Admission of a pod: priority and default tolerations.
  func admit(_ pod: inout Pod) throws(StatusError) {
    try pod.admit { name in name.isEmpty ? defaultPriorityClass : priorityClass(name) }
  }

  /// The class of pods that name none; of several that storage knew, that of the lowest value.
  private var defaultPriorityClass: PriorityClass? {
    defaultPriorityClasses.compactMap { priorityClass($0) }.min {
      ($0.value, $0.metadata.name) < ($1.value, $1.metadata.name)
    }
  }

  private func priorityClass(_ name: String) -> PriorityClass? {
    guard case .priorityClass(let known)? = others[ObjectKey(.priorityClass, name: name)] else { return nil }
    return known
  }
}
