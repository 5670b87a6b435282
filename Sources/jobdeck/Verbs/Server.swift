import ArgumentParser
import KubeModel
import RemoteCluster

/// The API server that a verb speaks to.
struct Server: Sendable {
  let client: APIClient
  let cluster: RemoteCluster
  /// The namespace that was asked for, or `default`.
  let namespace: String
  /// Whether it was asked for.
  let namesNamespace: Bool

  /// The server of the jobdeck that runs on the state directory.
  static func open(_ options: ServerOptions) async throws -> Server {
    let path = options.stateDirectory ?? ClusterOptions.defaultDirectory
    let client = APIClient(socket: ServedFolder(path: path).socket)
    do throws(StatusError) {
      return Server(
        client: client, cluster: try await RemoteCluster.connect(client), namespace: options.namespace ?? "default",
        namesNamespace: options.namespace != nil)
    } catch {
      client.close()
      guard error.code == 503 else { throw error }
      let option = options.stateDirectory == nil ? "" : " --state-dir \(path)"
      throw VerbError(lines: [
        "jobdeck: no jobdeck serves \(path) (\(error.message)): start 'jobdeck\(option)' or 'jobdeck serve\(option)'"
          + " in another terminal"
      ])
    }
  }

  func json(_ call: APICall) async throws(StatusError) -> JSONValue { try await client.send(call).json() }
}

/// A command that speaks to a running jobdeck.
protocol ServerCommand: JobdeckSubcommand {
  var server: ServerOptions { get }

  /// Carries it out; what it throws is printed as kubectl does, with exit code 1.
  @MainActor func run(on server: Server, _ output: Output) async throws -> ExitStatus
}

extension ServerCommand {
  @MainActor func perform() async -> ExitStatus {
    let output = Output()
    do {
      let status = try await run(on: try await Server.open(server), output)
      return await output.flush() ? status : output.closedStatus
    } catch {
      await output.flush()
      for line in VerbError.lines(of: error) { Diagnostics.line(line) }
      return .failure
    }
  }
}

/// Collects what goes wrong with some objects while others are dealt with.
@MainActor
struct Failures {
  private(set) var isEmpty = true
  private let output: Output

  init(_ output: Output) { self.output = output }

  /// Tells of it at once, behind what was printed before.
  mutating func note(_ error: any Error) async {
    isEmpty = false
    await output.flush()
    for line in VerbError.lines(of: error) { Diagnostics.line(line) }
  }

  var status: ExitStatus { isEmpty ? .success : .failure }
}

extension Output {
  /// Text from a server: as it is for a file or a pipe, and harmless for a terminal.
  func text(_ text: String) {
    guard isTerminal else { return write(text.utf8) }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    write(lines.map { Printable.line(String($0)) }.joined(separator: "\n").utf8)
  }
}
