internal import KubeModel

/// A job run again, and names for jobs that are made from other objects.
enum JobCopy {
  /// The annotation of a job that was made by running another one again: that one's name and UID.
  static let restartedFrom = Job.restartedFrom

  /// The job as its user wrote it, under a new name, with where it came from.
  static func again(_ job: Job, name: String) -> Job { job.again(named: name) }

  /// Whether there may be failed indexes, as far as a glance tells.
  static func hasFailedIndexes(_ job: JobItem) -> Bool {
    job.job.spec.completionMode == .indexed && (job.hasFailed || job.job.status.failedIndexes?.isEmpty == false)
  }

  /// The indexes of an Indexed job that did not succeed: those that Kubernetes counts as failed, and once the job has
  /// ended without such a count all that are not complete.
  static func failedIndexes(of job: JobItem) -> IndexRanges {
    let spec = job.job.spec
    guard spec.completionMode == .indexed, let completions = spec.completions else { return IndexRanges() }
    func read(_ text: String) -> IndexRanges {
      (try? IndexRanges(parsing: text, completions: completions)) ?? IndexRanges()
    }
    if let failed = job.job.status.failedIndexes, !failed.isEmpty { return read(failed) }
    guard job.hasFailed else { return IndexRanges() }
    let done = read(job.job.status.completedIndexes)
    return IndexRanges((0..<completions).lazy.filter { !done.contains($0) })
  }

  /// One index of an Indexed job as a job of its own: an Indexed job runs all indexes from 0 on and can skip none, so
  /// a plain one tells its pod the index as the Job controller would, by variable, annotation, label and host name.
  static func index(_ index: Int, of job: Job, name: String) -> Job {
    var copy = again(job, name: name)
    copy.spec.completionMode = .nonIndexed
    copy.spec.completions = 1
    copy.spec.parallelism = 1
    copy.spec.backoffLimit = job.spec.backoffLimitPerIndex ?? job.spec.backoffLimit
    copy.spec.backoffLimitPerIndex = nil
    copy.spec.maxFailedIndexes = nil
    copy.spec.successPolicy = nil
    if let rules = copy.spec.podFailurePolicy?.rules {
      // Its one index is all of the job.
      copy.spec.podFailurePolicy?.rules = rules.map { rule in
        var rule = rule
        if rule.action == "FailIndex" { rule.action = "FailJob" }
        return rule
      }
    }
    let variable = EnvVar(name: "JOB_COMPLETION_INDEX", value: "\(index)")
    for path in [\PodSpec.initContainers, \PodSpec.containers] {
      for place in copy.spec.template.spec[keyPath: path].indices {
        copy.spec.template.spec[keyPath: path][place].env.removeAll { $0.name == variable.name }
        copy.spec.template.spec[keyPath: path][place].env.insert(variable, at: 0)
      }
    }
    copy.spec.template.metadata.annotations[JobLabel.completionIndex] = "\(index)"
    copy.spec.template.metadata.labels[JobLabel.completionIndex] = "\(index)"
    let host = "\(job.metadata.name)-\(index)"
    if host.utf8.count <= 63, copy.spec.template.spec.hostname.isEmpty { copy.spec.template.spec.hostname = host }
    return copy
  }

  /// `backup` → `backup-r2`, `backup-r2` → `backup-r3`: the next that no job has.
  static func nextName(after name: String, in namespace: String, store: Store, taken: Set<String>) -> String {
    let (base, number) = numbered(name)
    return freeName(base: base, separator: "-r", in: namespace, store: store, taken: taken, from: number + 1)
  }

  /// A name without the number of its run, and that number: 1 where it has none.
  static func numbered(_ name: String) -> (base: String, number: Int) { RunName.numbered(name) }

  /// The first `base<separator>N` that no job has, cut so that it is a name that pods can have: 63 characters.
  static func freeName(
    base: String, separator: String, in namespace: String, store: Store, taken: Set<String>, from first: Int
  ) -> String {
    RunName.free(base: base, separator: separator, from: first) { name in
      taken.contains(name) || store.hasJob(named: name, in: namespace)
    }
  }
}
