import APIServer
import APIServerTLS
import ArgumentParser
import Cluster
import Glibc
import KubeModel

struct ServeCommand: JobdeckSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Run the cluster without a screen, and serve Kubernetes' API.",
    discussion: """
      Serves on the socket api.sock in the state directory, which its owner alone can open, until SIGTERM or Ctrl-C; \
      with --listen also on TCP, with TLS and a token: 'jobdeck kubeconfig' prints what kubectl needs for it. \
      The cluster is kept in $XDG_STATE_HOME/jobdeck (~/.local/state/jobdeck) unless --state-dir or --in-memory says \
      otherwise.
      """)

  @Option(
    name: [.customShort("f"), .customLong("filename")], parsing: .singleValue,
    help: ArgumentHelp("Apply this file or directory at the start. May be repeated.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "Also serve there, such as 127.0.0.1:6443, with TLS and a token; :0 for a port that is free.",
      valueName: "address:port"),
    transform: ListenAddress.parse)
  var listen: ListenAddress?

  @OptionGroup(title: "Cluster") var cluster: ClusterOptions

  func perform() async -> ExitStatus {
    do {
      let objects = files.isEmpty ? [] : try ManifestFiles.load(files, namespace: cluster.namespace ?? "default")
      // Not before: a signal ends the program while it reads its standard input.
      let signals = Signals()
      let (nodes, rest) = ManifestFiles.nodes(in: objects, or: cluster.chosenNodes, usually: .stored)
      let options = cluster.embedded(keepsState: !cluster.simulate, nodes: nodes, seed: nil)
      let folder = try ServedFolder(options.location)
      let opened: EmbeddedCluster
      do {
        opened = try await EmbeddedCluster.open(options)
      } catch {
        folder.abandon()
        throw error
      }
      defer { folder.remove() }
      do {
        try await Apply.all(rest, to: opened)
        let number = try await serve(opened, folder, signals)
        // Before the directory is free for the next one.
        folder.remove()
        await opened.shutDown(grace: Self.grace)
        return number == nil ? .failure : .success
      } catch {
        await opened.shutDown(grace: .seconds(1))
        throw error
      }
    } catch let errors as ManifestErrors {
      for line in errors.lines { Diagnostics.line(line) }
      return .failure
    } catch {
      Diagnostics.error("\(error)")
      return .failure
    }
  }

  /// How long processes may take to end when the cluster does.
  private static let grace = Duration.seconds(5)

  /// Serves until a signal comes, and returns it.
  private func serve(_ cluster: EmbeddedCluster, _ folder: ServedFolder, _ signals: Signals) async throws -> Int32? {
    let handler = APIHandler(cluster: cluster) { WallClock.now }
    // Until serving ends.
    async let _: Void = handler.countChanges()
    async let _: Void = StorageReport.tell(of: cluster)
    let socket = APIListener(handler, socket: folder.socket)
    var network: APIListener?
    if let address = listen {
      let identity = try folder.identity(hosts: address.names)
      try await cluster.publishRootCertificate(identity.certificate)
      network = try APIListener(
        handler, token: folder.token(), host: address.host, port: address.port, identity: identity)
    }
    return try await withThrowingTaskGroup(of: Int32?.self) { group in
      group.addTask {
        try await socket.run { _ in
          folder.restrictSocket()
          Diagnostics.line("jobdeck: serving on \(folder.socket)")
        }
        return nil
      }
      if let network, let address = listen {
        group.addTask {
          do {
            try await network.run { port in
              let url = address.url(port: port)
              do {
                try folder.publish(url: url)
                Diagnostics.line("jobdeck: serving on \(url)")
              } catch {
                Diagnostics.error("\(error)")
              }
            }
          } catch  where !(error is CancellationError) {
            throw ServedFolder.Problem(description: address.failure(error))
          }
          return nil
        }
      }
      group.addTask { await signals.next() }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }
}
