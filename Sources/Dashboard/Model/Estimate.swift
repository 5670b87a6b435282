internal import KubeModel

/// What is left of a running job, as far as its own progress and earlier runs tell.
struct Estimate: Hashable, Sendable {
  enum Basis: Hashable, Sendable {
    case progress, history
  }

  /// At least zero.
  var left: Duration
  var basis: Basis

  /// The part of the completions from which a job's own progress tells more than earlier runs.
  private static let enoughProgress = 0.2

  /// `nil` for a job that does not run, and where nothing is known.
  init?(_ job: JobItem, _ pods: JobPods, _ history: RunHistory, now: Instant) {
    guard job.settled == nil, let elapsed = job.elapsed(now) else { return nil }
    let done = job.job.status.succeeded
    let share = Double(done) / Double(max(1, job.wanted))
    if job.wanted > 1, done > 0, done < job.wanted, share >= Self.enoughProgress || history.median == nil {
      left = Estimate.left(of: job, pods, elapsed, now: now)
      basis = .progress
    } else if let median = history.median {
      left = max(.zero, median - elapsed)
      basis = .history
    } else {
      return nil
    }
  }

  init?(_ job: JobItem, _ context: RowContext) {
    let store = context.store
    self.init(job, store.pods(ofJob: job.uid), store.history(of: job), now: context.now)
  }

  /// The work that its other completions are, less what the running pods have done of it, shared by as many as run at a
  /// time. So it falls while time passes, and not only when a wave of pods ends.
  private static func left(of job: JobItem, _ pods: JobPods, _ elapsed: Duration, now: Instant) -> Duration {
    let done = job.job.status.succeeded
    let wanted = job.wanted - done
    let parallelism = max(1, job.job.spec.parallelism ?? 1)
    // Pods that no node takes do nothing for it.
    let working = pods.active - pods.unschedulable
    let together = min(wanted, working > 0 ? working : parallelism)
    let running = pods.elapsedOfRunning(now)
    let perPod: Duration
    if let mean = pods.meanSuccess {
      perPod = mean
    } else {
      // Its pods are gone: those that run now began when the last ones ended.
      let current = pods.running > 0 ? running / pods.running : .zero
      perPod = max(.zero, elapsed - current) * (Double(min(parallelism, done)) / Double(done))
    }
    let spent = min(running, perPod * Double(pods.running))
    let left = max(.zero, perPod * Double(wanted) - spent) / together
    // One that has yet to begin takes its whole time.
    return wanted > max(working, 0) ? max(left, perPod) : left
  }
}
