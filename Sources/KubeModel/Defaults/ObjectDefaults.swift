/// The labels that tie a job's pods to it (batch/v1).
public enum JobLabel {
  /// The job's name.
  public static let jobName = "batch.kubernetes.io/job-name"
  /// The job's UID; the generated selector asks for it.
  public static let controllerUID = "batch.kubernetes.io/controller-uid"
  /// The job's name, under the key of old.
  public static let legacyJobName = "job-name"
  /// The job's UID, under the key of old.
  public static let legacyControllerUID = "controller-uid"
  /// The index of a pod of an Indexed job; an annotation of the same key says the same.
  public static let completionIndex = "batch.kubernetes.io/job-completion-index"
}

/// What the job controller notes on the pods of an Indexed job with a backoffLimitPerIndex (batch/v1).
public enum JobAnnotation {
  /// How often the index of a pod has failed before it.
  public static let indexFailureCount = "batch.kubernetes.io/job-index-failure-count"
  /// How often it has failed without that counting, because a rule of the podFailurePolicy ignored it.
  public static let indexIgnoredFailureCount = "batch.kubernetes.io/job-index-ignored-failure-count"
}

extension JobSpec {
  /// Kubernetes' defaults of a Job's spec (pkg/apis/batch/v1/defaults.go) without those of its template.
  mutating func applyOwnDefaults() {
    if completions == nil, parallelism == nil {
      completions = 1
      parallelism = 1
    }
    if parallelism == nil { parallelism = 1 }
    if backoffLimit == nil { backoffLimit = backoffLimitPerIndex == nil ? 6 : Int(Int32.max) }
    if completionMode == nil { completionMode = .nonIndexed }
    if suspend == nil { suspend = false }
    if manualSelector == nil { manualSelector = false }
    if podReplacementPolicy == nil {
      podReplacementPolicy = podFailurePolicy == nil ? .terminatingOrFailed : .failed
    }
    if var policy = podFailurePolicy {
      for rule in policy.rules.indices {
        for pattern in policy.rules[rule].onPodConditions.indices
        where policy.rules[rule].onPodConditions[pattern].status == nil {
          policy.rules[rule].onPodConditions[pattern].status = "True"
        }
      }
      podFailurePolicy = policy
    }
  }
}

extension Job {
  /// Fills in what the author left out, as the API server does before it validates. The selector and the labels
  /// that go with it need the job's UID: `generateSelector`.
  public mutating func applyDefaults() {
    spec.applyOwnDefaults()
    spec.template.applyDefaults()
  }

  /// What the API server does with a new job's selector: unless `manualSelector` is set, the template gets four
  /// labels with the job's name and UID, and the selector asks for the UID. A job without labels then takes those of
  /// its template.
  ///
  /// Sets `metadata.uid`. What the author set already is left alone; validation finds the conflict.
  public mutating func generateSelector(uid: String) {
    metadata.uid = uid
    if spec.manualSelector != true {
      let expected = [
        (JobLabel.legacyJobName, metadata.name), (JobLabel.jobName, metadata.name),
        (JobLabel.legacyControllerUID, uid), (JobLabel.controllerUID, uid),
      ]
      for (key, value) in expected where spec.template.metadata.labels[key] == nil {
        spec.template.metadata.labels[key] = value
      }
      var selector = spec.selector ?? LabelSelector()
      if selector.matchLabels[JobLabel.controllerUID] == nil { selector.matchLabels[JobLabel.controllerUID] = uid }
      spec.selector = selector
    }
    if metadata.labels.isEmpty { metadata.labels = spec.template.metadata.labels }
  }
}

extension CronJob {
  /// Fills in what the author left out. The job template gets the defaults of its pods only; those of a Job are
  /// applied to each job that is made of it.
  public mutating func applyDefaults() {
    if spec.concurrencyPolicy.isEmpty { spec.concurrencyPolicy = "Allow" }
    if spec.suspend == nil { spec.suspend = false }
    if spec.successfulJobsHistoryLimit == nil { spec.successfulJobsHistoryLimit = 3 }
    if spec.failedJobsHistoryLimit == nil { spec.failedJobsHistoryLimit = 1 }
    spec.jobTemplate.spec.template.applyDefaults()
  }
}

extension Node {
  /// Allocatable resources default to the capacity; a node without a pod limit takes 110.
  public mutating func applyDefaults() {
    status.capacity = status.capacity.canonical
    status.allocatable = status.allocatable.canonical
    if !status.capacity.isEmpty, status.capacity["pods"] == nil {
      status.capacity["pods"] = Quantity(milli: 110_000, text: "110")
    }
    for entry in status.capacity.entries where status.allocatable[entry.name] == nil {
      status.allocatable[entry.name] = entry.quantity
    }
    if metadata.labels["kubernetes.io/hostname"] == nil, !metadata.name.isEmpty {
      metadata.labels["kubernetes.io/hostname"] = metadata.name
    }
  }
}

extension Namespace {
  /// A new namespace is active, and labelled with its own name.
  public mutating func applyDefaults() {
    if status.phase.isEmpty { status.phase = "Active" }
    if spec == nil { spec = ["finalizers": ["kubernetes"]] }
    if !metadata.name.isEmpty { metadata.labels["kubernetes.io/metadata.name"] = metadata.name }
  }
}

extension Secret {
  /// The type defaults to `Opaque`; plain `stringData` moves into `data` as Base64.
  public mutating func applyDefaults() {
    if type.isEmpty { type = "Opaque" }
    for entry in stringData.entries { data[entry.key] = base64Encoded(Array(entry.value.utf8)) }
    stringData = StringMap()
  }
}

extension PriorityClass {
  /// Pods of a class may preempt others unless it says otherwise.
  public mutating func applyDefaults() {
    if preemptionPolicy == nil { preemptionPolicy = "PreemptLowerPriority" }
  }
}

extension KubeObject {
  /// Fills in the defaults of whatever kind this is. A Job's generated selector is not among them.
  public mutating func applyDefaults() {
    switch self {
    case .configMap, .event, .lease, .serviceAccount: break
    case .cronJob(var object):
      object.applyDefaults()
      self = .cronJob(object)
    case .job(var object):
      object.applyDefaults()
      self = .job(object)
    case .namespace(var object):
      object.applyDefaults()
      self = .namespace(object)
    case .node(var object):
      object.applyDefaults()
      self = .node(object)
    case .pod(var object):
      object.applyDefaults()
      self = .pod(object)
    case .priorityClass(var object):
      object.applyDefaults()
      self = .priorityClass(object)
    case .secret(var object):
      object.applyDefaults()
      self = .secret(object)
    }
  }
}
