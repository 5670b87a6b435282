import ArgumentParser
import KubeModel
import RemoteCluster

struct EventsCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Show events, oldest first.", usage: "jobdeck events [--for TYPE/NAME] [options]")

  @Option(name: .customLong("for"), help: "Only those about this object: job/NAME.")
  var subject: String?

  @Option(help: "Only those of these types: Normal, Warning.")
  var types: String?

  @Flag(name: [.customShort("A"), .customLong("all-namespaces")], help: "In all namespaces.")
  var allNamespaces = false

  @Flag(name: [.customShort("w"), .customLong("watch")], help: "Go on, and show what happens.")
  var watch = false

  @Flag(name: .customLong("no-headers"), help: "Leave the titles out.")
  var noHeaders = false

  @Option(name: [.customShort("o", allowingJoined: true), .customLong("output")], help: "json or yaml.")
  var output: String?

  @OptionGroup var server: ServerOptions

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    let format = try OutputFormat(output)
    guard format.isTable || format.isDocument else {
      throw VerbError(
        "unable to match a printer suitable for the output format \"\(output ?? "")\", allowed formats are: json,yaml")
    }
    let index = try await ResourceIndex.load(server)
    let resource = try index.resource("events.v1")
    var reader = ObjectReader(server: server, namespace: allNamespaces ? nil : server.namespace)
    if let subject {
      let parts = subject.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[1].isEmpty else {
        throw VerbError("--for must be in resource/name form")
      }
      let about = try index.resource(parts[0])
      reader.query.append(
        ("fieldSelector", "involvedObject.kind=\(about.kind),involvedObject.name=\(parts[1])"))
    }
    let list = try await reader.list(resource)
    let events = try list.objects.map(read).filter(isWanted).sorted { left, right in
      (time(left).microseconds, left.metadata.name) < (time(right).microseconds, right.metadata.name)
    }
    var table = TableText()
    if format.isDocument {
      out.text(ObjectText.document(ObjectText.list(events.map { KubeObject.event($0).jsonValue }), format))
    } else if events.isEmpty {
      await out.flush()
      if !watch {
        Diagnostics.line(allNamespaces ? "No events found." : "No events found in \(server.namespace) namespace.")
      }
    } else {
      out.text(table.lines(titles + events.map(row)))
    }
    guard watch else { return .success }
    guard await out.flush() else { return out.closedStatus }
    var hasTitles = !events.isEmpty
    var isOpen = true
    try await Following(reader: reader, resource: resource, version: list.version).forEach { change in
      guard change.type != "DELETED" else { return true }
      for object in change.found?.objects ?? [] {
        let event = try read(object)
        guard isWanted(event) else { continue }
        if format.isDocument {
          out.text(ObjectText.document(object, format))
        } else {
          out.text(table.lines((hasTitles ? [] : titles) + [row(event)]))
          hasTitles = true
        }
      }
      isOpen = await out.flush()
      return isOpen
    }
    return isOpen ? .success : out.closedStatus
  }

  private func read(_ value: JSONValue) throws(StatusError) -> Event {
    guard case .event(let event) = try KubeObject.read(value, expecting: .event, fieldValidation: .ignore).object else {
      throw StatusError.badRequest("no event")
    }
    return event
  }

  private func isWanted(_ event: Event) -> Bool {
    guard let types else { return true }
    return types.split(separator: ",").contains { $0.lowercased() == event.type.lowercased() }
  }

  private var titles: [[String]] {
    guard !noHeaders else { return [] }
    return [(allNamespaces ? ["NAMESPACE"] : []) + ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]]
  }

  private func time(_ event: Event) -> Instant {
    event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? Instant(seconds: 0)
  }

  private func row(_ event: Event) -> [String] {
    let now = WallClock.now
    let first = humanAge(of: event.eventTime ?? event.firstTimestamp, now: now)
    var age = first
    if event.count > 1 { age = "\(humanAge(of: event.lastTimestamp, now: now)) (x\(event.count) over \(first))" }
    let object = event.involvedObject
    var message = Substring(event.message)
    while message.last?.isWhitespace == true { message.removeLast() }
    let cells = [age, event.type, event.reason, "\(object.kind)/\(object.name)", String(message)]
    return ((allNamespaces ? [event.metadata.namespace] : []) + cells).map(Printable.line)
  }
}
