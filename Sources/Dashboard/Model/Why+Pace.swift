internal import KubeModel

/// How a job's time compares with what is usual, and when it may end: estimates, and said to be.
struct Pace {
  private(set) var lines: [String] = []

  init(_ job: JobItem, _ context: RowContext) {
    var history = context.store.history(of: job)
    if job.isFinished { history = history.excluding(job.uid) }
    guard let elapsed = job.elapsed(context.now) else { return }
    if let usual = history.text {
      lines.append(
        "It usually takes \(usual), " + (job.isFinished ? "and took " : "now ") + humanDuration(elapsed)
          + (history.isExceeded(by: elapsed) ? ": clearly longer than usual." : "."))
    }
    guard let estimate = Estimate(job, context), estimate.left > .zero else { return }
    let basis = estimate.basis == .progress ? "its completions so far" : "earlier runs"
    lines.append(
      "By \(basis) it ends in about \(humanDuration(estimate.left)), at about "
        + "\(context.clock(context.now + estimate.left)): an estimate.")
  }
}
