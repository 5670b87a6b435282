import ArgumentParser
import Cluster
import Glibc
import KubeModel
import RemoteCluster

struct RunCommand: JobdeckSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run jobs to their end without a screen.",
    usage: """
      jobdeck run -f FILE … [options]
      jobdeck run [options] -- COMMAND [ARGUMENT …]
      """,
    discussion: """
      Applies the files and waits until every job in them has finished. Exits with 0 when all completed, 1 when any \
      failed, 124 when time was up and 130 after Ctrl-C; what was started is stopped then.

      The cluster is gone afterwards unless --state-dir is given. Where another jobdeck runs the cluster of that \
      directory, the jobs run there; what they do is shown here all the same.
      """)

  @Option(
    name: [.customShort("f"), .customLong("filename")], parsing: .singleValue,
    help: ArgumentHelp("A file, a directory, or - for standard input. May be repeated.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var files: [String] = []

  @Option(name: [.customShort("o"), .customLong("output")], help: "text, json or yaml.")
  var output: Results.Format = .text

  @Option(
    help: ArgumentHelp(
      "Give up after this long, such as 30s or 1h30m; with --simulate in virtual time.", valueName: "duration"),
    transform: TimeLimit.parse)
  var timeout: TimeLimit?

  @Option(help: "What names and simulated durations are drawn from: the same seed gives the same run.")
  var seed: UInt64?

  @Option(help: "The name of the job of a COMMAND (default: the command's).")
  var name: String?

  @Option(help: "How often the COMMAND has to succeed (default: 1).")
  var completions: Int?

  @Option(help: "How many of them at a time (default: 1).")
  var parallelism: Int?

  @Option(help: "Tries after failures of the COMMAND (default: 0).")
  var retries: Int?

  @Flag(help: "Number the COMMAND's runs: JOB_COMPLETION_INDEX is 0, 1, …")
  var indexed = false

  @OptionGroup(title: "Cluster") var cluster: ClusterOptions

  @Argument(parsing: .postTerminator, help: ArgumentHelp("A program and its arguments.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    switch (files.isEmpty, command.isEmpty) {
    case (true, true): throw ValidationError("nothing to run: give -f FILE or -- COMMAND")
    case (false, false): throw ValidationError("-f FILE and -- COMMAND exclude each other")
    default: break
    }
    let ofCommand: [(String, Bool)] = [
      ("--name", name != nil), ("--completions", completions != nil), ("--parallelism", parallelism != nil),
      ("--retries", retries != nil), ("--indexed", indexed),
    ]
    if command.isEmpty, let first = ofCommand.first(where: \.1) {
      throw ValidationError("\(first.0) goes with -- COMMAND; a file says so itself")
    }
    if command.first == "" { throw ValidationError("the COMMAND behind -- is empty") }
    for (option, number) in [("--completions", completions), ("--parallelism", parallelism)] {
      if let number, number < 1 { throw ValidationError("\(option) must be at least 1") }
    }
    if let retries, retries < 0 { throw ValidationError("--retries must be at least 0") }
    if cluster.simulate, cluster.stateDirectory != nil {
      throw ValidationError("--simulate runs in virtual time and keeps nothing: it takes no --state-dir")
    }
  }

  func perform() async -> ExitStatus {
    let objects: [LoadedObject]
    do {
      objects = try loadObjects()
    } catch {
      for line in error.lines { Diagnostics.line(line) }
      return .failure
    }
    // Not before: a signal ends the program while it reads its standard input.
    let signals = Signals()
    let jobs = objects.filter { $0.object.kind == .job || $0.object.kind == .pod }
    if jobs.isEmpty, timeout == nil {
      guard objects.contains(where: { $0.object.kind == .cronJob }) else {
        Diagnostics.error("no Job in the given files: nothing to wait for")
        return .usage
      }
      Diagnostics.error("only CronJobs in the given files, which never finish: say how long with --timeout")
      return .usage
    }
    if cluster.simulate { return await simulated(objects, signals) }
    return await embedded(objects, signals)
  }

  private func loadObjects() throws(ManifestErrors) -> [LoadedObject] {
    guard command.isEmpty else {
      return [
        OneOffJob(
          command: command, name: name, namespace: cluster.namespace ?? "default", completions: completions,
          parallelism: parallelism, retries: retries ?? 0, isIndexed: indexed
        ).loaded()
      ]
    }
    return try ManifestFiles.load(files, namespace: cluster.namespace ?? "default")
  }

  @MainActor
  private func embedded(_ objects: [LoadedObject], _ signals: Signals) async -> ExitStatus {
    let (nodes, rest) = ManifestFiles.nodes(in: objects, or: cluster.chosenNodes)
    let opened: EmbeddedCluster
    do {
      opened = try await EmbeddedCluster.open(cluster.embedded(keepsState: false, nodes: nodes, seed: seed))
    } catch let error as StateDirectoryError {
      return await attached(error, objects, signals)
    } catch {
      Diagnostics.error("\(error)")
      return .failure
    }
    let run = Run(
      opened, format: output, timeout: timeout?.duration, signals: signals,
      showsNamespaces: Self.haveSeveralNamespaces(objects))
    return await run.perform(rest)
  }

  /// Runs them in the cluster of the jobdeck that holds the state directory.
  @MainActor
  private func attached(
    _ error: StateDirectoryError, _ objects: [LoadedObject], _ signals: Signals
  ) async -> ExitStatus {
    do {
      let attaching = try await signals.race {
        try await Attachment.toHolder(error, cluster, beyond: [("--seed", seed != nil)])
      }
      let attached: RemoteCluster
      switch attaching {
      case .value(let cluster): attached = cluster
      case .signal(let number): return .signal(number)
      }
      let run = Run(
        attached, format: output, timeout: timeout?.duration, signals: signals,
        showsNamespaces: Self.haveSeveralNamespaces(objects), isGuest: true)
      return await run.perform(objects)
    } catch {
      Diagnostics.error("\(error)")
      return .failure
    }
  }

  @MainActor
  private func simulated(_ objects: [LoadedObject], _ signals: Signals) async -> ExitStatus {
    let (nodes, rest) = ManifestFiles.nodes(in: objects, or: cluster.chosenNodes)
    do {
      let run = try SimulatedRun(
        nodes: nodes, seed: seed, format: output, timeout: timeout?.duration, signals: signals,
        showsNamespaces: Self.haveSeveralNamespaces(objects))
      return await run.perform(rest)
    } catch {
      Diagnostics.error(error.message)
      return .failure
    }
  }

  private static func haveSeveralNamespaces(_ objects: [LoadedObject]) -> Bool {
    Set(objects.filter { $0.object.kind.isNamespaced }.map(\.object.metadata.namespace)).count > 1
  }
}

extension Results.Format: ExpressibleByArgument {
  init?(argument: String) {
    switch argument {
    case "text": self = .text
    case "json": self = .json
    case "yaml": self = .yaml
    default: return nil
    }
  }

  static var allValueStrings: [String] { ["text", "json", "yaml"] }
  var defaultValueDescription: String { "text" }
}
