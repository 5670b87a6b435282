// Jobs that are made from other objects, and their names.

extension Job {
  /// Labels that the job controller puts on a job and on its pods, and that belong to that one job.
  private static let generatedLabels = [
    "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name",
  ]
  /// Annotations that tell of the job's own making.
  private static let generatedAnnotations = [
    "kubectl.kubernetes.io/last-applied-configuration", "batch.kubernetes.io/job-tracking",
    "batch.kubernetes.io/cronjob-scheduled-timestamp", "cronjob.kubernetes.io/instantiate",
  ]

  /// The annotation of a job that was made by running another one again: that one's name and UID.
  public static let restartedFrom = "jobdeck.dev/restarted-from"

  /// The job as its user wrote it, under a new name, with where it came from.
  public func again(named name: String) -> Job {
    var copy = Job()
    copy.metadata.name = name
    copy.metadata.namespace = metadata.namespace
    copy.metadata.labels = metadata.labels
    copy.metadata.annotations = metadata.annotations
    for label in Job.generatedLabels { copy.metadata.labels[label] = nil }
    for annotation in Job.generatedAnnotations { copy.metadata.annotations[annotation] = nil }
    copy.metadata.annotations[Job.restartedFrom] = "\(metadata.name)/\(metadata.uid)"
    copy.spec = spec
    copy.spec.selector = nil
    copy.spec.manualSelector = nil
    copy.spec.suspend = nil
    for label in Job.generatedLabels { copy.spec.template.metadata.labels[label] = nil }
    return copy
  }
}

/// Names of jobs that are run again and again.
public enum RunName {
  /// A name without the number of its run, and that number: `backup-r2` is the second of `backup`; 1 where it has none.
  public static func numbered(_ name: String) -> (base: String, number: Int) {
    guard let dash = name.lastIndex(of: "-"), name[dash...].hasPrefix("-r"),
      let number = Int(name[name.index(dash, offsetBy: 2)...]), number > 0, number < 1_000_000
    else { return (name, 1) }
    return (String(name[..<dash]), number)
  }

  /// The first `base<separator>N` that is not taken, cut so that it is a name that pods can have: 63 characters.
  public static func free(
    base: String, separator: String, from first: Int, isTaken: (String) -> Bool
  ) -> String {
    var number = first
    while true {
      let end = "\(separator)\(number)"
      var stem = base.prefix(63 - end.utf8.count)
      while stem.last == "-" || stem.last == "." { stem.removeLast() }
      let name = String(stem) + end
      if !isTaken(name) { return name }
      number += 1
    }
  }
}
