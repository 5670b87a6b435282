import ArgumentParser
import KubeModel
import RemoteCluster

struct LogsCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs",
    abstract: "Print what containers wrote.",
    usage: """
      jobdeck logs POD [CONTAINER] [options]
      jobdeck logs TYPE/NAME [options]
      jobdeck logs -l SELECTOR [options]
      """)

  @Argument(help: ArgumentHelp("A pod, or job/NAME or cronjob/NAME.", valueName: "name"))
  var arguments: [String] = []

  @Flag(name: [.customShort("f"), .customLong("follow")], help: "Go on while the container runs.")
  var follow = false

  @Flag(name: [.customShort("p"), .customLong("previous")], help: "The log of the run before the present one.")
  var previous = false

  @Option(name: [.customShort("c", allowingJoined: true), .customLong("container")], help: "Which container.")
  var container: String?

  @Flag(name: .customLong("all-containers"), help: "All containers of the pod.")
  var allContainers = false

  @Option(help: "Only the last lines, so many (default: all; 10 with a selector).")
  var tail: Int?

  @Option(help: "Only what was written in this time, such as 5s, 2m or 3h.")
  var since: AnyDuration?

  @Option(name: .customLong("since-time"), help: "Only what was written after this moment (RFC 3339).")
  var sinceTime: String?

  @Flag(help: "Begin each line with its time.")
  var timestamps = false

  @Flag(help: "Begin each line with its pod and container.")
  var prefix = false

  @Flag(name: .customLong("ignore-errors"), help: "Go on where a log cannot be read.")
  var ignoreErrors = false

  @Option(name: .customLong("limit-bytes"), help: "Print so many bytes at most.")
  var limitBytes: Int?

  @Option(name: .customLong("max-log-requests"), help: "How many logs may be followed at a time.")
  var maximum = 5

  @Option(name: .customLong("pod-running-timeout"), help: "How long to wait for a pod.")
  var podTimeout = AnyDuration(.seconds(20))

  @Option(
    name: [.customShort("l", allowingJoined: true), .customLong("selector")], help: "The pods with these labels.")
  var selector: String?

  @OptionGroup var server: ServerOptions

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    let query = try query()
    let (pods, container) = try await LogPods(server: server, timeout: podTimeout.duration).find(arguments, selector)
    let wanted = try sources(pods, container ?? self.container)
    if follow, wanted.count > maximum {
      throw VerbError(
        "you are attempting to follow \(wanted.count) log streams, but maximum allowed concurrency is \(maximum), use "
          + "--max-log-requests to increase the limit")
    }
    var failures = Failures(out)
    if follow, wanted.count > 1 {
      return await together(wanted, server, query, out)
    }
    for source in wanted {
      do {
        guard try await print(source, server, query, out) else { return out.closedStatus }
      } catch {
        await failures.note(error)
        if !ignoreErrors { return .failure }
      }
    }
    return ignoreErrors ? .success : failures.status
  }

  private func query() throws -> [(name: String, value: String)] {
    var query: [(name: String, value: String)] = []
    if follow { query.append(("follow", "true")) }
    if previous { query.append(("previous", "true")) }
    if timestamps { query.append(("timestamps", "true")) }
    if let limitBytes {
      guard limitBytes > 0 else { throw VerbError("--limit-bytes must be greater than 0") }
      query.append(("limitBytes", "\(limitBytes)"))
    }
    if let tail = tail ?? (selector != nil ? 10 : nil) {
      guard tail >= -1 else { throw VerbError("--tail must be greater than or equal to -1") }
      if tail >= 0 { query.append(("tailLines", "\(tail)")) }
    }
    if let since {
      if sinceTime != nil { throw VerbError("only one of --since-time / --since may be used") }
      guard since.duration > .zero else { throw VerbError("--since must be greater than 0") }
      let parts = since.duration.components
      query.append(("sinceSeconds", "\(parts.seconds + (parts.attoseconds > 0 ? 1 : 0))"))
    }
    if let sinceTime {
      guard Instant(rfc3339: sinceTime) != nil else {
        throw VerbError("--since-time must be a time as RFC 3339 has it")
      }
      query.append(("sinceTime", sinceTime))
    }
    return query
  }

  struct Source: Hashable, Sendable {
    var namespace: String
    var pod: String
    var container: String
  }

  private func sources(_ pods: [Pod], _ container: String?) throws -> [Source] {
    var sources: [Source] = []
    for pod in pods {
      let place = (pod.metadata.namespace, pod.metadata.name)
      if allContainers {
        sources += (pod.spec.initContainers + pod.spec.containers).map {
          Source(namespace: place.0, pod: place.1, container: $0.name)
        }
        continue
      }
      if let container {
        guard (pod.spec.initContainers + pod.spec.containers).contains(where: { $0.name == container }) else {
          throw VerbError("container \(container) is not valid for pod \(pod.metadata.name)")
        }
        sources.append(Source(namespace: place.0, pod: place.1, container: container))
        continue
      }
      let preferred = pod.metadata.annotations["kubectl.kubernetes.io/default-container"]
      let names = pod.spec.containers.map(\.name)
      let chosen = preferred.flatMap { names.contains($0) ? $0 : nil } ?? names.first ?? ""
      if preferred == nil, pod.spec.containers.count + pod.spec.initContainers.count > 1 {
        let all = names + pod.spec.initContainers.map { "\($0.name) (init)" }
        Diagnostics.line("Defaulted container \"\(chosen)\" out of: \(all.joined(separator: ", "))")
      }
      sources.append(Source(namespace: place.0, pod: place.1, container: chosen))
    }
    return sources
  }

  // MARK: Printing

  /// False when the reader of the output is gone.
  @MainActor
  private func print(
    _ source: Source, _ server: Server, _ query: [(name: String, value: String)], _ out: Output
  ) async throws -> Bool {
    var call = APICall("GET", ["api", "v1", "namespaces", source.namespace, "pods", source.pod, "log"])
    call.accept = "*/*"
    call.query = query + [("container", source.container)]
    let stream = try await server.client.stream(call)
    let label = Array("[pod/\(source.pod)/\(source.container)] ".utf8)
    var isNewLine = true
    for try await bytes in stream {
      if prefix || out.isTerminal {
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
          if index > 0 {
            out.write(CollectionOfOne(UInt8(ascii: "\n")))
            isNewLine = true
          }
          guard !line.isEmpty else { continue }
          if prefix, isNewLine { out.write(label) }
          isNewLine = false
          if out.isTerminal {
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            out.write(Printable.line(String(decoding: text, as: UTF8.self)).utf8)
          } else {
            out.write(line)
          }
        }
      } else {
        out.write(bytes)
      }
      guard await out.keepUp() else { return false }
    }
    return true
  }

  @MainActor
  private func attempt(
    _ source: Source, _ server: Server, _ query: [(name: String, value: String)], _ out: Output
  ) async -> (any Error)? {
    do {
      _ = try await print(source, server, query, out)
      return nil
    } catch {
      return error
    }
  }

  /// Several logs at a time, piece by piece as they come.
  @MainActor
  private func together(
    _ sources: [Source], _ server: Server, _ query: [(name: String, value: String)], _ out: Output
  ) async -> ExitStatus {
    await withTaskGroup(of: (any Error)?.self) { group in
      for source in sources {
        group.addTask { await attempt(source, server, query, out) }
      }
      var failures = Failures(out)
      for await error in group {
        if out.isClosed { return out.closedStatus }
        guard let error else { continue }
        await failures.note(error)
        if !ignoreErrors {
          group.cancelAll()
          return .failure
        }
      }
      return ignoreErrors ? .success : failures.status
    }
  }
}
