import ArgumentParser
import KubeModel
import RemoteCluster

struct CreateCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Create objects from files, a job or a cron job.",
    usage: """
      jobdeck create -f FILE … [options]
      jobdeck create job NAME [options] -- COMMAND [ARGUMENT …]
      jobdeck create job NAME --from=cronjob/NAME [options]
      jobdeck create cronjob NAME --schedule=SCHEDULE [options] -- COMMAND [ARGUMENT …]
      """,
    subcommands: [CreateJobCommand.self, CreateCronJobCommand.self])

  @Option(
    name: [.customShort("f", allowingJoined: true), .customLong("filename")], parsing: .singleValue,
    help: ArgumentHelp("A file, a directory, or - for standard input. May be repeated.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var files: [String] = []

  @OptionGroup var making: MakingOptions
  @OptionGroup var server: ServerOptions

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    // Not in `validate`, which is asked for `create job` too.
    guard !files.isEmpty else { throw VerbError("must specify one of -f, or 'job' or 'cronjob' and a name") }
    let printer = try ResultPrinter(out, making.output)
    let items = try ManifestInput.read(files, on: server, try await ResourceIndex.load(server))
    var failures = Failures(out)
    for item in items {
      do {
        try await making.make(item, server, printer)
      } catch {
        await failures.note(error)
      }
    }
    return failures.status
  }
}

/// How objects are made, and what is printed of them.
struct MakingOptions: ParsableArguments {
  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("output")],
    help: "json, yaml, name, custom-columns=… or jsonpath=….")
  var output: String?

  @Option(name: .customLong("dry-run"), help: "none, client or server: only say what would be done.")
  var dryRun: DryRun = .none

  /// - Parameter manager: who owns the fields.
  @MainActor
  func make(
    _ item: ManifestInput.Item, _ server: Server, _ printer: ResultPrinter, manager: String = "kubectl-create"
  ) async throws {
    guard dryRun != .client else { return await printer.print(item.title, "created\(dryRun.note)", item.object) }
    var call = APICall("POST", item.resource.path(namespace: item.namespace))
    call.body = Array(item.object.compactJSON.utf8)
    call.query = [("fieldManager", manager), ("fieldValidation", "Strict")] + dryRun.query
    do throws(StatusError) {
      let answer = try await server.client.send(call)
      ResultPrinter.warn(answer.warnings)
      let made = try answer.json()
      await printer.print(item.resource.name(ObjectReader.name(made)), "created\(dryRun.note)", made)
    } catch {
      throw item.file.isEmpty
        ? VerbError("failed to create \(item.resource.kind.lowercased()): \(error.message)")
        : VerbError.about("creating \"\(item.file)\"", error)
    }
  }
}

struct CreateJobCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "Create a job from a command line or a cron job.")

  @Argument var name: String

  @Option(help: "The image; jobdeck runs programs of this machine whatever it says (default: local).")
  var image: String?

  @Option(help: "The cron job whose template is taken: cronjob/NAME.")
  var from: String?

  @OptionGroup var making: MakingOptions
  @OptionGroup var server: ServerOptions

  @Argument(parsing: .postTerminator, help: ArgumentHelp("A program and its arguments.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    if from == nil, image == nil, command.isEmpty {
      throw ValidationError("nothing to run: give -- COMMAND, --image or --from=cronjob/NAME")
    }
    if from != nil, image != nil { throw ValidationError("either --image or --from must be specified") }
    if from != nil, !command.isEmpty { throw ValidationError("cannot specify --from and command") }
  }

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    let printer = try ResultPrinter(out, making.output)
    let index = try await ResourceIndex.load(server)
    let resource = try index.resource("jobs.batch")
    let object =
      if let from {
        try await fromCronJob(from, index, server)
      } else {
        NewObject.job(
          name: name, namespace: making.dryRun == .client && !server.namesNamespace ? nil : server.namespace,
          image: image ?? "local", command: command)
      }
    try await making.make(
      ManifestInput.Item(file: "", resource: resource, object: object), server, printer)
    return .success
  }

  private func fromCronJob(_ from: String, _ index: ResourceIndex, _ server: Server) async throws -> JSONValue {
    let parts = from.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[1].isEmpty else {
      throw VerbError("from must be an existing cronjob: cronjob/NAME")
    }
    guard try index.resource(parts[0]).model == .cronJob else {
      throw VerbError("from must be an existing cronjob")
    }
    let key = ObjectKey(.cronJob, namespace: server.namespace, name: parts[1])
    guard case .cronJob(let cronJob) = try await server.cluster.get(key) else { throw StatusError.notFound(key) }
    return KubeObject.job(cronJob.manualJob(named: name)).jsonValue
  }
}

struct CreateCronJobCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "cronjob", abstract: "Create a cron job from a command line.", aliases: ["cj"])

  @Argument var name: String

  @Option(help: "When it runs, as cron has it: '0 3 * * *'.")
  var schedule: String

  @Option(help: "The image; jobdeck runs programs of this machine whatever it says (default: local).")
  var image: String?

  @Option(help: "What becomes of containers that fail: OnFailure or Never.")
  var restart = "OnFailure"

  @OptionGroup var making: MakingOptions
  @OptionGroup var server: ServerOptions

  @Argument(parsing: .postTerminator, help: ArgumentHelp("A program and its arguments.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    if image == nil, command.isEmpty { throw ValidationError("nothing to run: give -- COMMAND or --image") }
  }

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    let printer = try ResultPrinter(out, making.output)
    let resource = try await ResourceIndex.load(server).resource("cronjobs.batch")
    let object = NewObject.cronJob(
      name: name, namespace: making.dryRun == .client && !server.namesNamespace ? nil : server.namespace,
      image: image ?? "local", command: command, schedule: schedule, restart: restart)
    try await making.make(
      ManifestInput.Item(file: "", resource: resource, object: object), server, printer)
    return .success
  }
}

/// Objects as kubectl's generators write them, members that Go cannot leave out among them.
enum NewObject {
  static func job(name: String, namespace: String?, image: String, command: [String]) -> JSONValue {
    [
      "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata(name, namespace),
      "spec": ["template": template(name, image, command, restart: "Never")], "status": .object(JSONObject()),
    ]
  }

  static func cronJob(
    name: String, namespace: String?, image: String, command: [String], schedule: String, restart: String
  ) -> JSONValue {
    [
      "apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata(name, namespace),
      "spec": [
        "jobTemplate": [
          "metadata": metadata(name, nil), "spec": ["template": template(name, image, command, restart: restart)],
        ],
        "schedule": .string(schedule),
      ],
      "status": .object(JSONObject()),
    ]
  }

  private static func metadata(_ name: String?, _ namespace: String?) -> JSONValue {
    var object = JSONObject([.init(name: "creationTimestamp", value: .null)])
    if let name { object["name"] = .string(name) }
    if let namespace { object["namespace"] = .string(namespace) }
    return .object(object)
  }

  private static func template(_ name: String, _ image: String, _ command: [String], restart: String) -> JSONValue {
    var container = JSONObject()
    if !command.isEmpty { container["command"] = .array(command.map { .string($0) }) }
    container["image"] = .string(image)
    container["name"] = .string(name)
    container["resources"] = .object(JSONObject())
    return [
      "metadata": metadata(nil, nil),
      "spec": ["containers": [.object(container)], "restartPolicy": .string(restart)],
    ]
  }
}
