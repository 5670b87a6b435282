import KubeModel

/// What a run leaves on standard output at its end: a table, or one `v1 List`.
@MainActor
struct Results {
  enum Format: Hashable, Sendable {
    case text, json, yaml
  }

  var format: Format
  var narrator: Narrator
  /// The cluster's time at the end.
  var now: Instant

  /// The kinds that are needed to print them.
  var kinds: [Kind] { format == .text ? [.job] : [.job, .cronJob, .pod, .event] }

  /// - Parameter present: the cluster's objects of each of ``kinds``.
  func print(_ present: [Kind: [KubeObject]], to output: Output) {
    let objects = kinds.flatMap { narrator.final($0, present: present) }
    switch format {
    case .text:
      let jobs = objects.compactMap { object in
        if case .job(let job) = object { job } else { nil }
      }
      let table = Summary.table(of: jobs, at: now)
      if !table.isEmpty { output.line("") }
      for line in table { output.line(Printable.line(line)) }
    case .json: output.write(ResultList.json(objects))
    case .yaml: output.write(ResultList.yaml(objects))
    }
    output.handOver()
  }
}
