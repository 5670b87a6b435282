import ArgumentParser
import Cluster
import KubeModel
import RemoteCluster

struct DescribeCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Show objects in detail, with their events.",
    usage: """
      jobdeck describe TYPE [NAME or the beginning of one …] [options]
      jobdeck describe TYPE/NAME … [options]
      """)

  @Argument(help: ArgumentHelp("A type and names.", valueName: "type"))
  var arguments: [String] = []

  @Flag(name: [.customShort("A"), .customLong("all-namespaces")], help: "In all namespaces.")
  var allNamespaces = false

  @OptionGroup var selection: SelectorOptions
  @OptionGroup var server: ServerOptions

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    let wanted = try NamedResources.parse(arguments, in: try await ResourceIndex.load(server))
    if wanted.contains(where: { !$0.names.isEmpty }) {
      if !selection.isEmpty { throw VerbError("name cannot be provided when a selector is specified") }
      if allNamespaces { throw VerbError("a resource cannot be retrieved by name across all namespaces") }
    }
    let reader = ObjectReader(
      server: server, namespace: allNamespaces ? nil : server.namespace, query: selection.query)
    var failures = Failures(out)
    var objects: [KubeObject] = []
    for named in wanted {
      guard let kind = named.resource.model else {
        await failures.note(VerbError("\(named.resource.plural) cannot be described; 'get -o yaml' shows them"))
        continue
      }
      do {
        objects += try await find(named, kind, reader)
      } catch {
        await failures.note(error)
      }
    }
    for (index, object) in objects.enumerated() {
      if index > 0 { out.text("\n\n") }
      out.text(try await describe(object, on: server))
    }
    if objects.isEmpty, failures.isEmpty {
      await out.flush()
      let isCluster = wanted.allSatisfy { !$0.resource.isNamespaced }
      let place = allNamespaces || isCluster ? "" : " in \(server.namespace) namespace."
      Diagnostics.line("No resources found" + place)
    }
    return failures.status
  }

  private func find(_ named: NamedResources, _ kind: Kind, _ reader: ObjectReader) async throws -> [KubeObject] {
    func read(_ values: [JSONValue]) throws -> [KubeObject] {
      try values.map { try KubeObject.read($0, expecting: kind, fieldValidation: .ignore).object }
    }
    guard !named.names.isEmpty else { return try read(try await reader.list(named.resource).objects) }
    var objects: [KubeObject] = []
    for name in named.names {
      do {
        objects += try read(try await reader.get(named.resource, name).objects)
      } catch let error as StatusError where error.code == 404 {
        // As kubectl does: the beginning of names will do.
        let alike = try await reader.list(named.resource).objects.filter { ObjectReader.name($0).hasPrefix(name) }
        guard !alike.isEmpty else { throw error }
        objects += try read(alike)
      }
    }
    return objects
  }

  private func describe(_ object: KubeObject, on server: Server) async throws -> String {
    let key = object.key
    let events = try await server.cluster.list(.event, namespace: key.namespace.isEmpty ? nil : key.namespace)
    let about = events.items.compactMap { item -> Event? in
      guard case .event(let event) = item else { return nil }
      let subject = event.involvedObject
      return subject.kind == key.kind.rawValue && subject.name == key.name && subject.namespace == key.namespace
        && (subject.uid.isEmpty || subject.uid == object.metadata.uid || key.kind == .node) ? event : nil
    }
    var pods: [Pod] = []
    if key.kind == .node {
      pods = try await server.cluster.list(.pod, namespace: nil).items.compactMap { item in
        guard case .pod(let pod) = item, pod.spec.nodeName == key.name, !pod.status.phase.isTerminal else { return nil }
        return pod
      }
    }
    return Describe.object(object, events: about, pods: pods, now: WallClock.now)
  }
}
