internal import KubeModel
internal import Terminal

/// Running a job again: as it was, changed, or only what failed of it.
extension Dashboard {
  mutating func restart() -> [Command] { start(targets.compactMap { $0 as? JobItem }, failedIndexes: false) }

  mutating func restartFailedIndexes() -> [Command] {
    let jobs = targets.compactMap { $0 as? JobItem }
    if !jobs.contains(where: { !JobCopy.failedIndexes(of: $0).isEmpty }), let first = jobs.first {
      complain(
        jobs.count > 1
          ? "None of them has failed indexes"
          : first.job.spec.completionMode == .indexed
            ? "No index of \(first.name) has failed" : "\(first.name) has no indexes: it is not an Indexed job")
      return []
    }
    return start(jobs, failedIndexes: true)
  }

  /// Starts jobs again; asks first where that makes many.
  private mutating func start(_ jobs: [JobItem], failedIndexes: Bool) -> [Command] {
    let counts = jobs.map { failedIndexes ? JobCopy.failedIndexes(of: $0).count : 1 }
    let total = counts.reduce(0, +)
    guard total > Self.manyJobs else { return startNow(jobs, failedIndexes: failedIndexes) }
    var lines: [StyledText] = zip(jobs, counts).filter { $0.1 > 0 }.map { job, count in
      let what = failedIndexes ? "  \(Format.plural(count, "failed index", "failed indexes"))" : "  again"
      return StyledText([Span("• "), Span(job.name, .text, .bold), Span(what, .muted)])
    }
    lines += ["", StyledText("Each becomes a job of its own. Esc stops it while it goes on.", .muted)]
    overlay = .confirmation(
      Confirmation(
        title: "Start \(Format.count(total)) jobs?", lines: lines, yes: "start", no: "leave",
        deed: .start(jobs.map(\.id), failedIndexes: failedIndexes)))
    return []
  }

  /// Beyond this many jobs a key asks first.
  private static let manyJobs = 50

  mutating func startNow(_ jobs: [JobItem], failedIndexes: Bool) -> [Command] {
    guard failedIndexes else {
      return start(
        jobs.map { job in
          Copy(name: { JobCopy.nextName(after: job.name, in: job.namespace, store: $0, taken: $1) }) {
            JobCopy.again(job.job, name: $0)
          }
        })
    }
    let copies = jobs.flatMap { job in
      JobCopy.failedIndexes(of: job).map { index in
        Copy(
          name: {
            let base = "\(job.name)-i\(index)"
            let isFree = base.utf8.count <= 63 && !$1.contains(base) && !$0.hasJob(named: base, in: job.namespace)
            return isFree ? base : JobCopy.nextName(after: base, in: job.namespace, store: $0, taken: $1)
          }
        ) { JobCopy.index(index, of: job.job, name: $0) }
      }
    }
    return start(copies)
  }

  /// Opens the editor with a copy of the job, which is made when the text was changed.
  mutating func restartEdited() -> [Command] {
    guard let job = selectedItem as? JobItem else { return [] }
    let name = JobCopy.nextName(after: job.name, in: job.namespace, store: store, taken: [])
    let text = Template.text(for: .job(JobCopy.again(job.job, name: name)), job.namespace)
    return [command(.editNew(text: text)) { .edit($0, text: text, fileExtension: "yaml") }]
  }

  /// A job to be made under a name that no other has.
  private struct Copy {
    let name: (Store, Set<String>) -> String
    let make: (String) -> Job
  }

  private mutating func start(_ copies: [Copy]) -> [Command] {
    var taken: Set<String> = []
    var names: [String] = []
    var steps: [Batch.Step] = []
    for copy in copies {
      let name = copy.name(store, taken)
      taken.insert(name)
      names.append(name)
      let job = copy.make(name)
      steps.append { .create($0, .job(job), dryRun: false) }
    }
    withTable { $0.marks = [] }
    return batch("Started", "job", names, steps)
  }
}
