package import KubeModel

/// The delay before a failed pod is replaced (Kubernetes: backoff_utils.go): 10 s doubling to 10 min, from the end of
/// the latest failure, reset by a success.
package struct Backoff: Hashable, Sendable {
  static let base = Duration.seconds(10)
  static let limit = Duration.seconds(600)

  package internal(set) var failuresSinceSuccess = 0
  var lastFailure: Instant?

  package init() {}

  /// When a pod ended, and how.
  package struct Finish: Hashable, Sendable {
    var time: Instant
    var succeeded: Bool

    package init(time: Instant, succeeded: Bool) {
      self.time = time
      self.succeeded = succeeded
    }
  }

  /// Takes in how pods ended: a success makes all failures up to its time forgotten (Kubernetes: newBackoffRecord).
  package mutating func note(_ finishes: [Finish]) {
    guard !finishes.isEmpty else { return }
    let lastSuccess = finishes.lazy.filter(\.succeeded).map(\.time).max()
    let failures = finishes.lazy.filter { finish in !finish.succeeded && lastSuccess.map { finish.time > $0 } ?? true }
    if lastSuccess != nil { self = Backoff() }
    failuresSinceSuccess += failures.count
    if let last = failures.map(\.time).max() { lastFailure = last }
  }

  /// When the next pod may be created; `nil` for now.
  package var due: Instant? {
    guard failuresSinceSuccess > 0, let lastFailure else { return nil }
    return lastFailure + Backoff.delay(failures: failuresSinceSuccess)
  }

  package static func delay(failures: Int) -> Duration {
    base.doubled(failures - 1, upTo: limit)
  }
}

extension Pod {
  /// When the pod ended: the end of its last container, else when it stopped being ready, else when it was to be
  /// gone less its grace period, else its creation (Kubernetes: getFinishedTime).
  package var finishTime: Instant? {
    var latest: Instant?
    for status in status.initContainerStatuses + status.containerStatuses {
      guard let finished = status.state.terminated?.finishedAt else {
        latest = nil
        break
      }
      latest = max(latest ?? finished, finished)
    }
    if let latest { return latest }
    if let ready = status.conditions["Ready"], !ready.isTrue, let time = ready.lastTransitionTime { return time }
    if let deletion = metadata.deletionTimestamp {
      return deletion - .seconds(metadata.deletionGracePeriodSeconds ?? 0)
    }
    return metadata.creationTimestamp
  }
}
