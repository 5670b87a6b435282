public import ArgumentParser
import Cluster
import Glibc
public import KubeModel

/// Which cluster to work on: the options that all commands with a cluster share.
struct ClusterOptions: ParsableArguments {
  @Option(name: .customLong("state-dir"), help: "Keep the cluster and its logs in this directory.")
  var stateDirectory: String?

  @Flag(name: .customLong("in-memory"), help: "Keep nothing after the end.")
  var inMemory = false

  @Option(help: "Number of simulated nodes (default: 3, which share this machine).")
  var nodes: Int?

  @Option(name: .customLong("node-cpu"), help: "Cores of each node, such as 4 or 500m.")
  var nodeCPU: Quantity?

  @Option(name: .customLong("node-memory"), help: "Memory of each node, such as 8Gi.")
  var nodeMemory: Quantity?

  @Option(
    name: .customLong("log-limit"),
    help: "What is kept of one container's log, such as 500Mi (default: a quarter of the free disk, at most 4Gi).")
  var logLimit: Quantity?

  @Flag(help: "Run nothing: pods take time and end as their annotations say.")
  var simulate = false

  @Option(
    name: [.customShort("n"), .customLong("namespace")],
    help: "The namespace of objects that name none (default: default), and the one that the dashboard shows at first.")
  var namespace: String?

  func validate() throws {
    if stateDirectory != nil, inMemory { throw ValidationError("--state-dir and --in-memory exclude each other") }
    if stateDirectory == "" { throw ValidationError("--state-dir needs a directory") }
    if let nodes, !(1...5000).contains(nodes) { throw ValidationError("--nodes must be between 1 and 5000") }
    for (name, quantity) in [("--node-cpu", nodeCPU), ("--node-memory", nodeMemory)] {
      if let quantity, quantity.milli <= 0 { throw ValidationError("\(name) must be greater than zero") }
    }
    if let logLimit, logLimit.value < 1 << 20 { throw ValidationError("--log-limit must be at least 1Mi") }
    if let namespace, !Self.isName(namespace) {
      throw ValidationError(
        "'\(Printable.line(namespace))' is not a namespace's name: lower-case letters, digits and -")
    }
  }

  /// Whether the text is a DNS label, as namespaces' names are.
  static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 63 else { return false }
    func isAlphanumeric(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  /// - Parameter keepsState: where neither option says, whether the cluster is kept in the default directory.
  func embedded(keepsState: Bool, nodes: ClusterNodes, seed: UInt64?) -> EmbeddedCluster.Options {
    let location: EmbeddedCluster.Options.Location =
      if let stateDirectory {
        .stateDirectory(stateDirectory)
      } else if inMemory || !keepsState {
        .inMemory
      } else {
        .stateDirectory(Self.defaultDirectory)
      }
    return EmbeddedCluster.Options(
      location: location, runtime: simulate ? .simulated : .process, nodes: nodes, seed: seed,
      logLimit: logLimit.map { Int(clamping: $0.value) })
  }

  /// The nodes that the options ask for; `nil` where they ask for none.
  var chosenNodes: ClusterNodes? {
    guard nodes != nil || nodeCPU != nil || nodeMemory != nil else { return nil }
    return .uniform(count: nodes ?? 3, cpu: nodeCPU, memory: nodeMemory)
  }

  /// `$XDG_STATE_HOME/jobdeck`, by default `~/.local/state/jobdeck`.
  static var defaultDirectory: String {
    // The specification: relative paths are not valid and are to be ignored.
    if let state = getenv("XDG_STATE_HOME").map({ String(cString: $0) }), state.hasPrefix("/") {
      return "\(state)/jobdeck"
    }
    let home = getenv("HOME").map { String(cString: $0) } ?? ""
    return "\(home)/.local/state/jobdeck"
  }
}

extension Quantity: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  public var defaultValueDescription: String { text }
}
