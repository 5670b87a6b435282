// What an API server lets pass and yet says something about (the WarningsOnCreate and WarningsOnUpdate of its
// strategies).

extension KubeObject {
  /// Things that are allowed and yet likely wrong; the API server sends them as Warning headers.
  ///
  /// - Parameter old: the object that this one takes the place of; `nil` for a new one. Of an update only a new spec is
  ///   looked at, and that of a pod is not.
  public func warnings(replacing old: KubeObject? = nil) -> [String] {
    switch (self, old) {
    case (.job(let job), nil):
      KubeObject.nameWarnings(job.metadata.name, "in Pod names and hostnames") + job.spec.warnings("spec")
    case (.job(let job), .job(let old)): job.spec == old.spec ? [] : job.spec.warnings("spec")
    case (.cronJob(let cronJob), nil):
      KubeObject.nameWarnings(cronJob.metadata.name, "in Pod names and hostnames")
        + cronJob.spec.jobTemplate.spec.warnings("spec.jobTemplate.spec")
    case (.cronJob(let cronJob), .cronJob(let old)):
      cronJob.spec == old.spec ? [] : cronJob.spec.jobTemplate.spec.warnings("spec.jobTemplate.spec")
    case (.pod(let pod), nil):
      KubeObject.nameWarnings(pod.metadata.name, "in the Pod's hostname")
        + pod.spec.common.value.warnings("", pod.metadata.annotations)
    default: []
    }
  }

  private static func nameWarnings(_ name: String, _ use: String) -> [String] {
    let complaints = NameRules.dnsLabel(name)
    if name.isEmpty || complaints.isEmpty { return [] }
    return [
      "metadata.name: this is used \(use), which can result in surprising behavior; a DNS label is recommended: "
        + "[\(complaints.joined(separator: " "))]"
    ]
  }
}

extension JobSpec {
  fileprivate func warnings(_ path: String) -> [String] {
    var warnings: [String] = []
    if completionMode == .indexed, (completions ?? 0) > 100_000, (parallelism ?? 0) > 10_000 {
      warnings.append(
        "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes "
          + "might not be able to track completedIndexes when a big number of indexes fail")
    }
    return warnings
      + template.spec.common.value.warnings("\(path).template.", template.metadata.annotations)
  }
}
