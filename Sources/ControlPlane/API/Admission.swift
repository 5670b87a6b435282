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

extension KubeObject {
  /// Defaults, and no status but the server's own.
  mutating func prepareForCreate() {
    switch self {
    case .job(var job):
      job.status = JobStatus()
      job.applyDefaults()
      job.generateSelector()
      self = .job(job)
    case .cronJob(var cronJob):
      cronJob.status = CronJobStatus()
      cronJob.applyDefaults()
      self = .cronJob(cronJob)
    case .pod(var pod):
      pod.status = PodStatus()
      pod.status.phase = .pending
      pod.applyDefaults()
      self = .pod(pod)
    case .namespace(var namespace):
      namespace.prepareForCreate()
      self = .namespace(namespace)
    case .secret(var secret):
      secret.applyDefaults()
      self = .secret(secret)
    default: break
    }
  }

  /// Defaults for an object that replaces another.
  mutating func applyUpdateDefaults() {
    switch self {
    case .job(var job):
      job.applyDefaults()
      self = .job(job)
    case .cronJob(var cronJob):
      cronJob.applyDefaults()
      self = .cronJob(cronJob)
    case .secret(var secret):
      secret.applyDefaults()
      self = .secret(secret)
    default: break
    }
  }

  /// What a client cannot change: identity, times, status.
  mutating func keepServerFields(of old: KubeObject) {
    var metadata = metadata
    let known = old.metadata
    metadata.uid = known.uid
    metadata.creationTimestamp = known.creationTimestamp
    metadata.deletionTimestamp = known.deletionTimestamp
    metadata.deletionGracePeriodSeconds = known.deletionGracePeriodSeconds
    metadata.generation = known.generation
    metadata.generateName = known.generateName
    metadata.resourceVersion = known.resourceVersion
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

extension Namespace {
  mutating func prepareForCreate() {
    status = Status()
    status.phase = "Active"
    metadata.labels["kubernetes.io/metadata.name"] = metadata.name
    spec = ["finalizers": ["kubernetes"]]
  }
}

extension ControlPlane {
  /// Admission of a client's object: the plug-ins that matter for batch work.
  func admit(_ object: inout KubeObject) throws(StatusError) {
    guard case .pod(var pod) = object else { return }
    try admit(&pod)
    object = .pod(pod)
  }

  /// Admission of a pod: priority, default tolerations, the quality of service that its resources make.
  func admit(_ pod: inout Pod) throws(StatusError) {
    pod.applyDefaults()
    let className = pod.spec.priorityClassName
    if !className.isEmpty {
      guard let (value, policy) = priority(ofClass: className) else {
        throw .forbidden(
          ObjectKey(.pod, namespace: pod.metadata.namespace, name: pod.metadata.name.isEmpty
            ? pod.metadata.generateName : pod.metadata.name),
          "no PriorityClass with name \(className) was found")
      }
      pod.spec.priority = value
      pod.spec.preemptionPolicy = pod.spec.preemptionPolicy ?? policy
    }
    pod.spec.priority = pod.spec.priority ?? 0
    pod.spec.preemptionPolicy = pod.spec.preemptionPolicy ?? "PreemptLowerPriority"
    pod.addDefaultTolerations()
    pod.status.phase = .pending
    pod.status.qosClass = qosClass(of: pod.spec)
  }

  private func priority(ofClass name: String) -> (Int, String?)? {
    switch name {
    case "system-cluster-critical": (2_000_000_000, nil)
    case "system-node-critical": (2_000_001_000, nil)
    default:
      if case .priorityClass(let known)? = others[ObjectKey(.priorityClass, name: name)] {
        (known.value, known.preemptionPolicy)
      } else {
        nil
      }
    }
  }
}
