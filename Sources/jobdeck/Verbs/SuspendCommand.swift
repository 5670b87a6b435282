import ArgumentParser
import KubeModel
import RemoteCluster

/// `suspend` and `resume`: `spec.suspend` of jobs and cron jobs.
struct SuspendCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "suspend", abstract: "Stop jobs' pods, or cron jobs' schedules, until they are resumed.",
    usage: "jobdeck suspend (job|cronjob)/NAME … [options]")

  @Argument(help: ArgumentHelp("job/NAME or cronjob/NAME.", valueName: "type"))
  var arguments: [String] = []

  @OptionGroup var changing: ChangingOptions
  @OptionGroup var server: ServerOptions

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    try await changing.suspend(true, arguments, on: server, out)
  }
}

struct ResumeCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let suspended jobs and cron jobs go on.",
    usage: "jobdeck resume (job|cronjob)/NAME … [options]")

  @Argument(help: ArgumentHelp("job/NAME or cronjob/NAME.", valueName: "type"))
  var arguments: [String] = []

  @OptionGroup var changing: ChangingOptions
  @OptionGroup var server: ServerOptions

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    try await changing.suspend(false, arguments, on: server, out)
  }
}

/// Which objects are changed, and what is printed of them.
struct ChangingOptions: ParsableArguments {
  @Flag(help: "All objects of the type.")
  var all = false

  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("output")],
    help: "json, yaml, name, custom-columns=… or jsonpath=….")
  var output: String?

  @Option(name: .customLong("dry-run"), help: "none, client or server: only say what would be done.")
  var dryRun: DryRun = .none

  @OptionGroup var selection: SelectorOptions

  /// How a job has ended, or is about to; `nil` where it has not, and for cron jobs, which do not.
  private static func ending(of object: JSONValue) -> String? {
    func isTrue(_ type: String) -> Bool {
      (object["status"]?["conditions"]?.array ?? []).contains { $0["type"]?.string == type && $0["status"] == "True" }
    }
    if isTrue("Complete") { return "is complete" }
    if isTrue("Failed") { return "has failed" }
    return object["metadata"]?["deletionTimestamp"]?.string == nil ? nil : "is being deleted"
  }

  /// The objects that the arguments name, as they are now.
  @MainActor
  func objects(
    _ arguments: [String], of kinds: Set<Kind>, on server: Server, _ failures: inout Failures
  ) async throws -> [(resource: APIResource, object: JSONValue)] {
    var objects: [(resource: APIResource, object: JSONValue)] = []
    let reader = ObjectReader(server: server, namespace: server.namespace, query: selection.query)
    guard !arguments.isEmpty else {
      throw VerbError("give \(kinds.sorted().map { "\($0.rawValue.lowercased())/NAME" }.joined(separator: " or "))")
    }
    for named in try NamedResources.parse(arguments, in: try await ResourceIndex.load(server)) {
      guard let kind = named.resource.model, kinds.contains(kind) else {
        let names = kinds.sorted().map { $0.rawValue.lowercased() }.joined(separator: " or ")
        throw VerbError("\(named.resource.plural): this is possible only with a \(names)")
      }
      if named.names.isEmpty {
        guard all || !selection.isEmpty else {
          throw VerbError("resource(s) were provided, but no name was specified")
        }
        objects += try await reader.list(named.resource).objects.map { (named.resource, $0) }
      }
      for name in named.names {
        do throws(StatusError) {
          objects += try await reader.get(named.resource, name).objects.map { (named.resource, $0) }
        } catch {
          await failures.note(error)
        }
      }
    }
    if objects.isEmpty, failures.isEmpty {
      Diagnostics.line("No resources found in \(server.namespace) namespace.")
    }
    return objects
  }

  @MainActor
  fileprivate func suspend(
    _ suspends: Bool, _ arguments: [String], on server: Server, _ out: Output
  ) async throws -> ExitStatus {
    let printer = try ResultPrinter(out, output)
    var failures = Failures(out)
    let word = suspends ? "suspended" : "resumed"
    for (resource, object) in try await objects(arguments, of: [.job, .cronJob], on: server, &failures) {
      let name = ObjectReader.name(object)
      if let ending = Self.ending(of: object) {
        // Where all were meant, those that can be.
        if !all, selection.isEmpty {
          await failures.note(
            VerbError("\(resource.name(name)) \(ending): there is nothing to \(suspends ? "suspend" : "resume")"))
        }
        continue
      }
      if (object["spec"]?["suspend"] == true) == suspends {
        await printer.print(
          resource.name(name), (suspends ? "already suspended" : "is not suspended") + dryRun.note, object)
        continue
      }
      guard dryRun != .client else {
        await printer.print(resource.name(name), word + dryRun.note, object)
        continue
      }
      var call = APICall(
        "PATCH", resource.path(namespace: server.namespace, name: name),
        contentType: "application/merge-patch+json")
      call.body = Array("{\"spec\":{\"suspend\":\(suspends)}}".utf8)
      call.query = dryRun.query
      do {
        let answer = try await server.client.send(call)
        ResultPrinter.warn(answer.warnings)
        await printer.print(resource.name(name), word + dryRun.note, try answer.json())
      } catch {
        await failures.note(error)
      }
    }
    return failures.status
  }
}
