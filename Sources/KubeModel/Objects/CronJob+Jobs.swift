// The jobs that cron jobs make, and how objects name the one that controls them.

extension CronJob {
  /// A job from the template, with nothing that says when or by whom it was made but its controller.
  public func job(named name: String) -> Job {
    var job = Job()
    job.metadata.name = name
    job.metadata.namespace = metadata.namespace
    job.metadata.labels = spec.jobTemplate.metadata.labels
    job.metadata.annotations = spec.jobTemplate.metadata.annotations
    job.metadata.ownerReferences = [OwnerReference(controller: self)]
    job.spec = spec.jobTemplate.spec
    return job
  }

  /// What `kubectl create job --from=cronjob/…` makes: its cron job's deletion does not wait for it.
  public func manualJob(named name: String) -> Job {
    var job = job(named: name)
    job.metadata.annotations["cronjob.kubernetes.io/instantiate"] = "manual"
    job.metadata.ownerReferences[0].blockOwnerDeletion = nil
    return job
  }
}

extension OwnerReference {
  /// The reference that pods of a job carry.
  public init(controller job: Job) {
    self.init(controller: .job, job.metadata)
  }

  /// The reference that jobs of a cron job carry.
  public init(controller cronJob: CronJob) {
    self.init(controller: .cronJob, cronJob.metadata)
  }

  private init(controller kind: Kind, _ metadata: ObjectMeta) {
    self.init()
    apiVersion = kind.apiVersion
    self.kind = kind.rawValue
    name = metadata.name
    uid = metadata.uid
    controller = true
    blockOwnerDeletion = true
  }
}
