import ArgumentParser
import KubeModel
import RemoteCluster

struct WaitCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait",
    abstract: "Wait until objects are in a state.",
    usage: """
      jobdeck wait --for=condition=NAME[=VALUE] TYPE/NAME … [options]
      jobdeck wait --for=delete TYPE/NAME … [options]
      jobdeck wait --for=jsonpath='{PATH}'[=VALUE] TYPE/NAME … [options]
      """)

  @Argument(help: ArgumentHelp("A type and names.", valueName: "type"))
  var arguments: [String] = []

  @Option(name: .customLong("for"), help: "condition=NAME[=VALUE], delete, create or jsonpath='{PATH}'[=VALUE].")
  var wish: String

  @Option(help: "How long to wait; 0 looks once, less than 0 waits a week.")
  var timeout = AnyDuration(.seconds(30))

  @Flag(help: "All objects of the type.")
  var all = false

  @Flag(name: [.customShort("A"), .customLong("all-namespaces")], help: "In all namespaces.")
  var allNamespaces = false

  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("output")],
    help: "json, yaml, name, custom-columns=… or jsonpath=….")
  var output: String?

  @OptionGroup var selection: SelectorOptions
  @OptionGroup var server: ServerOptions

  /// What is waited for.
  enum Goal: Sendable {
    case condition(name: String, value: String)
    case deleted, created
    case path(JSONPath, value: String?)

    init(_ text: String) throws {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      switch (parts[0].lowercased(), parts.count) {
      case ("delete", 1): self = .deleted
      case ("create", 1): self = .created
      case ("condition", 2):
        let sides = parts[1].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        self = .condition(name: sides[0], value: sides.count > 1 ? sides[1] : "true")
      case ("jsonpath", 2):
        // The path may hold the sign too: what stands behind the last brace is the value.
        let end = parts[1].lastIndex(of: "}").map { parts[1].index(after: $0) } ?? parts[1].firstIndex(of: "=")
        let path = String(parts[1][..<(end ?? parts[1].endIndex)])
        let rest = end.map { parts[1][$0...] } ?? ""
        guard rest.isEmpty || rest.hasPrefix("=") else {
          throw VerbError("jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3")
        }
        self = .path(try JSONPath(relaxed: path), value: rest.isEmpty ? nil : String(rest.dropFirst()))
      default: throw VerbError("unrecognized condition: \"\(text)\"")
      }
    }

    /// - Parameter object: `nil` where there is none.
    func isReached(by object: JSONValue?) throws -> Bool {
      switch self {
      case .deleted: return object == nil
      case .created: return object != nil
      case .condition(let name, let value):
        let conditions = object?["status"]?["conditions"]?.array ?? []
        let found = conditions.first { $0["type"]?.string?.lowercased() == name.lowercased() }
        return found?["status"]?.string?.lowercased() == value.lowercased()
      case .path(let path, let value):
        let values = object.map { path.values(in: $0) } ?? []
        guard values.count <= 1 else {
          throw VerbError("given jsonpath expression matches more than one value")
        }
        guard let found = values.first else { return false }
        guard let value else { return true }
        if found.array != nil || found.object != nil {
          throw VerbError("jsonpath leads to a nested object or list and cannot be used for the wait condition")
        }
        return found.goText == value
      }
    }
  }

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    let goal = try Goal(wish)
    let printer = try ResultPrinter(out, output)
    let wanted = try NamedResources.parse(arguments, in: try await ResourceIndex.load(server))
    let reader = ObjectReader(
      server: server, namespace: allNamespaces ? nil : server.namespace, query: selection.query)
    let patience = timeout.duration < .zero ? Duration.seconds(7 * 24 * 3600) : timeout.duration
    let deadline = ContinuousClock.now + patience
    var failures = Failures(out)
    var count = 0
    for named in wanted {
      for target in try await targets(named, reader) {
        count += 1
        do {
          let object = try await wait(for: goal, target, reader, until: deadline)
          await printer.print(named.resource.name(target.name), "condition met", object ?? .null)
        } catch let error as StatusError where error.code == 404 {
          if case .deleted = goal { continue }
          await failures.note(error)
        } catch {
          await failures.note(error)
        }
      }
    }
    if count == 0 {
      if case .deleted = goal { return .success }
      throw VerbError("no matching resources found")
    }
    return failures.status
  }

  private struct Target {
    var resource: APIResource
    var namespace: String
    var name: String
  }

  private func targets(_ named: NamedResources, _ reader: ObjectReader) async throws -> [Target] {
    let namespace = reader.server.namespace
    guard named.names.isEmpty else {
      return named.names.map { Target(resource: named.resource, namespace: namespace, name: $0) }
    }
    guard all || !selection.isEmpty else {
      throw VerbError("resource(s) were provided, but no name was specified")
    }
    return try await reader.list(named.resource).objects.map {
      Target(
        resource: named.resource, namespace: $0["metadata"]?["namespace"]?.string ?? namespace,
        name: ObjectReader.name($0))
    }
  }

  /// Waits, and returns the object as it was last seen.
  private func wait(
    for goal: Goal, _ target: Target, _ reader: ObjectReader, until deadline: ContinuousClock.Instant
  ) async throws -> JSONValue? {
    var reader = reader
    reader.namespace = target.namespace
    reader.query = [("fieldSelector", "metadata.name=\(target.name)")]
    let start = try await reader.list(target.resource)
    let present = start.objects.first
    if present == nil, case .created = goal {
    } else if present == nil {
      throw StatusError(
        code: 404, reason: "NotFound", message: "\(target.resource.qualifiedPlural) \"\(target.name)\" not found")
    }
    if try goal.isReached(by: present) { return present }
    let isOver = VerbError("timed out waiting for the condition on \(target.resource.plural)/\(target.name)")
    if timeout.duration == .zero {
      throw VerbError("condition not met for \(target.resource.plural)/\(target.name)")
    }
    return try await withThrowingTaskGroup(of: JSONValue?.self) { [reader] group in
      group.addTask { try await follow(goal, target, reader, from: start, present) }
      group.addTask {
        try await Task.sleep(until: deadline, clock: .continuous)
        throw isOver
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  private func follow(
    _ goal: Goal, _ target: Target, _ reader: ObjectReader, from start: ObjectReader.Found, _ present: JSONValue?
  ) async throws -> JSONValue? {
    var last = present
    var version = start.version
    // A server ends each watch after a while.
    while true {
      do {
        for try await event in try await reader.watch(target.resource, from: version) {
          version = event.version ?? version
          guard let object = event.found?.objects.first else { continue }
          let isGone = event.type == "DELETED"
          last = object
          if try goal.isReached(by: isGone ? nil : object) { return last }
        }
      } catch let error as StatusError where error.code == 410 {
        // The server no longer knows what has changed since: what there is now says it as well.
        let now = try await reader.list(target.resource)
        version = now.version
        last = now.objects.first ?? last
        if try goal.isReached(by: now.objects.first) { return last }
      }
      try await Task.sleep(for: .milliseconds(250))
    }
  }
}
