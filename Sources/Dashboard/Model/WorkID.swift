internal import KubeModel

/// What runs of the same work have in common: the namespace and what is run, not the name. A cron job's jobs and a job
/// run again share it; one that was run again with another command does not. It holds in this process alone.
struct WorkID: Hashable, Sendable {
  private let fingerprint: Int

  init(_ job: Job) {
    var hasher = Hasher()
    hasher.combine(job.metadata.namespace)
    hasher.combine(job.spec.template.spec)
    hasher.combine(job.spec.completions)
    hasher.combine(job.spec.parallelism)
    hasher.combine(job.spec.completionMode)
    fingerprint = hasher.finalize()
  }
}

/// The same in every process, for what is remembered from one session to the next. It costs more to make.
struct WorkDigest: Hashable, Comparable, Sendable {
  let high: UInt64
  let low: UInt64

  /// `scope` tells apart clusters that run the same work in different ways.
  init(_ job: Job, scope: String) {
    var bare = Job()
    bare.metadata.namespace = job.metadata.namespace
    bare.metadata.name = scope
    bare.spec.template.spec = job.spec.template.spec
    bare.spec.completions = job.spec.completions
    bare.spec.parallelism = job.spec.parallelism
    bare.spec.completionMode = job.spec.completionMode
    let bytes = KubeObject.job(bare).json()
    (high, low) = (Digest.of(bytes), Digest.of(bytes.reversed()))
  }

  /// Reads 32 hexadecimal digits.
  init?(_ text: some StringProtocol) {
    guard text.utf8.count == 32, text.utf8.allSatisfy({ $0 < 0x80 && Character(Unicode.Scalar($0)).isHexDigit }),
      let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    (self.high, self.low) = (high, low)
  }

  var text: String { Digest.text(high) + Digest.text(low) }

  static func < (left: WorkDigest, right: WorkDigest) -> Bool { (left.high, left.low) < (right.high, right.low) }
}
