internal import KubeModel

/// A job run again, and names for jobs that are made from other objects.
enum JobCopy {
  /// Labels that the job controller puts on a job and on its pods, and that belong to that one job.
  private static let generatedLabels = [
    "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name",
  ]
  /// Annotations that tell of the job's own making.
  private static let generatedAnnotations = [
    "kubectl.kubernetes.io/last-applied-configuration", "batch.kubernetes.io/job-tracking",
    "batch.kubernetes.io/cronjob-scheduled-timestamp", "cronjob.kubernetes.io/instantiate",
  ]

  /// The job as its user wrote it, under a new name, with where it came from.
  static func again(_ job: Job, name: String) -> Job {
    var copy = Job()
    copy.metadata.name = name
    copy.metadata.namespace = job.metadata.namespace
    copy.metadata.labels = job.metadata.labels
    copy.metadata.annotations = job.metadata.annotations
    for label in generatedLabels { copy.metadata.labels[label] = nil }
    for annotation in generatedAnnotations { copy.metadata.annotations[annotation] = nil }
    copy.metadata.annotations["jobdeck.dev/restarted-from"] = "\(job.metadata.name)/\(job.metadata.uid)"
    copy.spec = job.spec
    copy.spec.selector = nil
    copy.spec.manualSelector = nil
    copy.spec.suspend = nil
    for label in generatedLabels { copy.spec.template.metadata.labels[label] = nil }
    return copy
  }

  /// `backup` → `backup-r2`, `backup-r2` → `backup-r3`: the next that no job has.
  static func nextName(after name: String, in namespace: String, store: Store, taken: Set<String>) -> String {
    var base = name[...]
    var number = 2
    if let dash = name.lastIndex(of: "-"), name[dash...].hasPrefix("-r"),
      let last = Int(name[name.index(dash, offsetBy: 2)...]), last > 0, last < 1_000_000
    {
      base = name[..<dash]
      number = last + 1
    }
    return freeName(
      base: String(base), separator: "-r", in: namespace, store: store, taken: taken, from: number)
  }

  /// The first `base<separator>N` that no job has, cut so that it is a name that pods can have: 63 characters.
  static func freeName(
    base: String, separator: String, in namespace: String, store: Store, taken: Set<String>, from first: Int
  ) -> String {
    var number = first
    while true {
      let end = "\(separator)\(number)"
      var stem = base.prefix(63 - end.utf8.count)
      while stem.last == "-" || stem.last == "." { stem.removeLast() }
      let name = String(stem) + end
      if !taken.contains(name), !store.hasJob(named: name, in: namespace) { return name }
      number += 1
    }
  }
}
