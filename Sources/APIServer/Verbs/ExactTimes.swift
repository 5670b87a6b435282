internal import KubeModel

extension KubeObject {
  /// This object, with the moments of `old` where both show the same second: clients see whole seconds, and what they
  /// send back unchanged is not to be a change.
  func keepingTimes(of old: KubeObject) -> KubeObject {
    switch (self, old) {
    case (.job(var job), .job(let old)):
      job.status.startTime = exact(job.status.startTime, old.status.startTime)
      job.status.completionTime = exact(job.status.completionTime, old.status.completionTime)
      for index in job.status.conditions.indices {
        guard let known = old.status.conditions[job.status.conditions[index].type] else { continue }
        let condition = job.status.conditions[index]
        job.status.conditions[index].lastProbeTime = exact(condition.lastProbeTime, known.lastProbeTime)
        job.status.conditions[index].lastTransitionTime = exact(
          condition.lastTransitionTime, known.lastTransitionTime)
      }
      return .job(job)
    case (.cronJob(var cronJob), .cronJob(let old)):
      cronJob.status.lastScheduleTime = exact(cronJob.status.lastScheduleTime, old.status.lastScheduleTime)
      cronJob.status.lastSuccessfulTime = exact(cronJob.status.lastSuccessfulTime, old.status.lastSuccessfulTime)
      return .cronJob(cronJob)
    default: return self
    }
  }
}

private func exact(_ time: Instant?, _ old: Instant?) -> Instant? {
  guard let time, let old, time == old.truncatedToSeconds else { return time }
  return old
}
