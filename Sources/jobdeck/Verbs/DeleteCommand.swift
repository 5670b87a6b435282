import ArgumentParser
import KubeModel
import RemoteCluster

struct DeleteCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Delete objects.",
    usage: """
      jobdeck delete TYPE NAME … [options]
      jobdeck delete TYPE/NAME … [options]
      jobdeck delete TYPE (-l SELECTOR | --all) [options]
      jobdeck delete -f FILE … [options]
      """)

  enum Cascade: String, ExpressibleByArgument, CaseIterable {
    case background, foreground, orphan
  }

  @Argument(help: ArgumentHelp("A type and names.", valueName: "type"))
  var arguments: [String] = []

  @Option(
    name: [.customShort("f", allowingJoined: true), .customLong("filename")], parsing: .singleValue,
    help: ArgumentHelp("The objects of this file. May be repeated.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var files: [String] = []

  @Flag(help: "All objects of the type.")
  var all = false

  @Flag(name: [.customShort("A"), .customLong("all-namespaces")], help: "In all namespaces.")
  var allNamespaces = false

  @Option(help: "What becomes of what they own: background, foreground or orphan.")
  var cascade: Cascade = .background

  @Option(name: .customLong("grace-period"), help: "Seconds that pods get to end (default: their own).")
  var gracePeriod = -1

  @Flag(help: "Let pods end at once: a grace period of 1 second.")
  var now = false

  @Flag(help: "With --grace-period=0: do not wait for the end of processes.")
  var force = false

  @Flag(inversion: .prefixedNo, help: "Wait until they are gone.")
  var wait = true

  @Option(help: "How long to wait (default: for ever).")
  var timeout = AnyDuration(.zero)

  @Flag(name: .customLong("ignore-not-found"), help: "Exit with 0 where there is no such object.")
  var ignoreNotFound = false

  @Option(name: .customLong("dry-run"), help: "none, client or server: only say what would be done.")
  var dryRun: DryRun = .none

  @Option(name: [.customShort("o", allowingJoined: true), .customLong("output")], help: "name")
  var output: String?

  @OptionGroup var selection: SelectorOptions
  @OptionGroup var server: ServerOptions

  func validate() throws {
    if let output, output != "name" { throw ValidationError("only -o name is possible") }
    if now, gracePeriod != -1 { throw ValidationError("--now and --grace-period cannot be specified together") }
    if gracePeriod == 0, !force {
      throw ValidationError("--grace-period=0 needs --force")
    }
    if all, !selection.isEmpty { throw ValidationError("setting 'all' parameter but found a non empty selector") }
    if files.isEmpty, arguments.isEmpty { throw ValidationError("give a type and names, TYPE/NAME or -f FILE") }
    if !files.isEmpty, !arguments.isEmpty { throw ValidationError("-f and a type exclude each other") }
  }

  private struct Target {
    var resource: APIResource
    var namespace: String
    var name: String

    var path: [String] { resource.path(namespace: namespace, name: name) }
    /// `job.batch "x"`
    var title: String {
      let kind = resource.kind.lowercased()
      return "\(resource.group.isEmpty ? kind : "\(kind).\(resource.group)") \"\(name)\""
    }
  }

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    var failures = Failures(out)
    let index = try await ResourceIndex.load(server)
    let targets = try await targets(server, index, out)
    if force {
      Diagnostics.line(
        "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The "
          + "resource may continue to run on the cluster indefinitely.")
    }
    var gone: [(target: Target, uid: String)] = []
    for target in targets {
      do throws(StatusError) {
        let uid = try await delete(target, server)
        out.text(
          output == "name"
            ? "\(target.resource.name(target.name))\n"
            : "\(target.title) \(force ? "force deleted" : "deleted")\(dryRun.note)\n")
        if let uid { gone.append((target, uid)) }
      } catch {
        if error.code == 404, ignoreNotFound || all || !selection.isEmpty { continue }
        await failures.note(error)
      }
    }
    guard await out.flush() else { return out.closedStatus }
    if wait, dryRun == .none, !force {
      let deadline = timeout.duration > .zero ? ContinuousClock.now + timeout.duration : nil
      for item in gone {
        do {
          try await waitForEnd(of: item.target, uid: item.uid, server, until: deadline)
        } catch {
          await failures.note(error)
        }
      }
    }
    return failures.status
  }

  @MainActor
  private func targets(_ server: Server, _ index: ResourceIndex, _ out: Output) async throws -> [Target] {
    guard files.isEmpty else {
      return try ManifestInput.read(files, on: server, index).map {
        Target(resource: $0.resource, namespace: $0.namespace, name: $0.name)
      }
    }
    var targets: [Target] = []
    for named in try NamedResources.parse(arguments, in: index) {
      if !named.names.isEmpty {
        if all || !selection.isEmpty {
          throw VerbError("name cannot be provided when a selector is specified")
        }
        targets += named.names.map { Target(resource: named.resource, namespace: server.namespace, name: $0) }
        continue
      }
      guard all || !selection.isEmpty else {
        throw VerbError("resource(s) were provided, but no name was specified")
      }
      let reader = ObjectReader(
        server: server, namespace: allNamespaces ? nil : server.namespace, query: selection.query)
      targets += try await reader.list(named.resource).objects.map { object in
        Target(
          resource: named.resource, namespace: object["metadata"]?["namespace"]?.string ?? "",
          name: ObjectReader.name(object))
      }
    }
    if targets.isEmpty { out.line("No resources found") }
    return targets
  }

  /// The UID of what was deleted; `nil` where nothing was.
  @MainActor
  private func delete(_ target: Target, _ server: Server) async throws(StatusError) -> String? {
    guard dryRun != .client else {
      _ = try await server.json(APICall("GET", target.path))
      return nil
    }
    var options = DeleteOptions()
    switch cascade {
    case .background: options.propagationPolicy = .background
    case .foreground: options.propagationPolicy = .foreground
    case .orphan: options.propagationPolicy = .orphan
    }
    if now { options.gracePeriodSeconds = 1 } else if gracePeriod >= 0 { options.gracePeriodSeconds = gracePeriod }
    var call = APICall("DELETE", target.path, body: Array(options.json.compactJSON.utf8))
    call.query = dryRun.query
    let answer = try await server.client.send(call)
    ResultPrinter.warn(answer.warnings)
    let value = try answer.json()
    // The object where it is there still, else a status that names it.
    return value["metadata"]?["uid"]?.string ?? value["details"]?["uid"]?.string
  }

  private func waitForEnd(
    of target: Target, uid: String, _ server: Server, until deadline: ContinuousClock.Instant?
  ) async throws {
    var pause = Duration.milliseconds(20)
    while true {
      do throws(StatusError) {
        let value = try await server.json(APICall("GET", target.path))
        // Another of that name is none of ours.
        if value["metadata"]?["uid"]?.string != uid { return }
      } catch {
        if error.code == 404 { return }
        throw error
      }
      if let deadline, ContinuousClock.now >= deadline {
        throw VerbError("timed out waiting for the condition on \(target.resource.plural)/\(target.name)")
      }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, .milliseconds(500))
    }
  }
}
