import ArgumentParser
import Cluster
import KubeModel
import RemoteCluster

/// Runs jobs again under new names: `backup` as `backup-r2`.
struct RerunCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "rerun", abstract: "Run jobs again, as new jobs.", usage: "jobdeck rerun job/NAME … [options]")

  @Argument(help: ArgumentHelp("job/NAME.", valueName: "type"))
  var arguments: [String] = []

  @Option(help: "The new job's name (default: NAME-r2, -r3, …).")
  var name: String?

  @OptionGroup var changing: ChangingOptions
  @OptionGroup var server: ServerOptions

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    try await NewRun(server: server, changing: changing, name: name).make(arguments, from: .job, out) {
      object, isTaken in
      guard case .job(let job) = object else { return nil }
      if !job.status.isFinished, job.spec.suspend != true {
        Diagnostics.line("Warning: \(object.key) has not ended: there will be two of it")
      }
      let (base, number) = RunName.numbered(job.metadata.name)
      return job.again(
        named: name ?? RunName.free(base: base, separator: "-r", from: number + 1, isTaken: isTaken))
    }
  }
}

/// Runs cron jobs now, beside their schedules: `nightly` as `nightly-manual-1`.
struct TriggerCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "trigger", abstract: "Run cron jobs now, beside their schedules.",
    usage: "jobdeck trigger cronjob/NAME … [options]")

  @Argument(help: ArgumentHelp("cronjob/NAME.", valueName: "type"))
  var arguments: [String] = []

  @Option(help: "The new job's name (default: NAME-manual-1, -2, …).")
  var name: String?

  @OptionGroup var changing: ChangingOptions
  @OptionGroup var server: ServerOptions

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    try await NewRun(server: server, changing: changing, name: name).make(arguments, from: .cronJob, out) {
      object, isTaken in
      guard case .cronJob(let cronJob) = object else { return nil }
      return cronJob.manualJob(
        named: name
          ?? RunName.free(base: "\(cronJob.metadata.name)-manual", separator: "-", from: 1, isTaken: isTaken))
    }
  }
}

/// Makes jobs out of what there is.
@MainActor
private struct NewRun {
  let server: Server
  let changing: ChangingOptions
  let name: String?

  func make(
    _ arguments: [String], from kind: Kind, _ out: Output,
    _ job: (KubeObject, (String) -> Bool) -> Job?
  ) async throws -> ExitStatus {
    let printer = try ResultPrinter(out, changing.output)
    var failures = Failures(out)
    let found = try await changing.objects(arguments, of: [kind], on: server, &failures)
    if name != nil, found.count > 1 { throw VerbError("--name goes with one object only") }
    var taken = Set(
      try await server.cluster.list(.job, namespace: server.namespace).items.map(\.metadata.name))
    for (_, value) in found {
      do {
        let object = try KubeObject.read(value, expecting: kind, fieldValidation: .ignore).object
        guard let job = job(object, { taken.contains($0) }) else { continue }
        taken.insert(job.metadata.name)
        let title = KubeObject.job(job).key.description
        guard changing.dryRun != .client else {
          await printer.print(title, "created\(changing.dryRun.note)", KubeObject.job(job).jsonValue)
          continue
        }
        let made = try await server.cluster.create(.job(job), dryRun: changing.dryRun == .server)
        await printer.print(title, "created\(changing.dryRun.note)", made.jsonValue)
      } catch {
        await failures.note(error)
      }
    }
    return failures.status
  }
}
