import ArgumentParser
import Cluster
import KubeModel
import RemoteCluster

struct TopCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "top", abstract: "Show what pods or nodes use.",
    usage: """
      jobdeck top pods [NAME] [options]
      jobdeck top nodes [NAME] [options]
      """)

  @Argument(help: ArgumentHelp("pods or nodes.", valueName: "type"))
  var arguments: [String] = []

  @Flag(name: [.customShort("A"), .customLong("all-namespaces")], help: "In all namespaces.")
  var allNamespaces = false

  @Flag(name: .customLong("no-headers"), help: "Leave the titles out.")
  var noHeaders = false

  enum Order: String, ExpressibleByArgument, CaseIterable {
    case cpu, memory
  }

  @Option(name: .customLong("sort-by"), help: "cpu or memory (default: by name).")
  var order: Order?

  @Option(
    name: [.customShort("l", allowingJoined: true), .customLong("selector")], help: "Only those with these labels.")
  var selector: String?

  @OptionGroup var server: ServerOptions

  private struct Row {
    var namespace = ""
    var name: String
    var usage: ClusterUsage.Usage
    var cpuPart = ""
    var memoryPart = ""
  }

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    guard server.cluster.isJobdeck else { throw VerbError("Metrics API not available") }
    guard let word = arguments.first, arguments.count <= 2 else {
      throw VerbError("give 'pods' or 'nodes', and at most one name")
    }
    let name = arguments.count == 2 ? arguments[1] : nil
    let labels = try Selector(selector ?? "")
    let usage = await server.cluster.usage()
    var rows: [Row]
    let isNodes: Bool
    switch word.lowercased() {
    case "pod", "pods", "po":
      isNodes = false
      rows = try await pods(server, usage, name, labels)
    case "node", "nodes", "no":
      isNodes = true
      rows = try await nodes(server, usage, name, labels)
    default: throw VerbError("give 'pods' or 'nodes', not \"\(word)\"")
    }
    switch order {
    case .cpu: rows.sort { ($1.usage.milliCPU, $0.name) < ($0.usage.milliCPU, $1.name) }
    case .memory: rows.sort { ($1.usage.memory, $0.name) < ($0.usage.memory, $1.name) }
    case nil: break
    }
    guard !rows.isEmpty else {
      await out.flush()
      Diagnostics.line(
        "No resources found" + (allNamespaces || isNodes ? "" : " in \(server.namespace) namespace."))
      return .success
    }
    var titles =
      isNodes
      ? ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"] : ["NAME", "CPU(cores)", "MEMORY(bytes)"]
    if allNamespaces, !isNodes { titles.insert("NAMESPACE", at: 0) }
    var table = TableText()
    out.text(table.lines((noHeaders ? [] : [titles]) + rows.map { cells($0, isNodes) }))
    return .success
  }

  private func cells(_ row: Row, _ isNodes: Bool) -> [String] {
    let cpu = "\(row.usage.milliCPU)m"
    let memory = "\(row.usage.memory >> 20)Mi"
    if isNodes { return [row.name, cpu, row.cpuPart, memory, row.memoryPart] }
    return (allNamespaces ? [row.namespace] : []) + [row.name, cpu, memory]
  }

  private func pods(
    _ server: Server, _ usage: ClusterUsage, _ name: String?, _ labels: Selector
  ) async throws -> [Row] {
    if let name {
      let key = ObjectKey(.pod, namespace: server.namespace, name: name)
      let uid = try await server.cluster.get(key).metadata.uid
      guard let reading = usage.pods[uid] else {
        throw VerbError("metrics not available for pod \(server.namespace)/\(name)")
      }
      return [Row(namespace: server.namespace, name: name, usage: reading)]
    }
    let pods = try await server.cluster.list(.pod, namespace: allNamespaces ? nil : server.namespace).items
    return pods.compactMap { pod in
      let metadata = pod.metadata
      guard labels.matches(metadata.labels), let reading = usage.pods[metadata.uid] else { return nil }
      return Row(namespace: metadata.namespace, name: metadata.name, usage: reading)
    }
  }

  private func nodes(
    _ server: Server, _ usage: ClusterUsage, _ name: String?, _ labels: Selector
  ) async throws -> [Row] {
    let found =
      if let name {
        [try await server.cluster.get(ObjectKey(.node, name: name))]
      } else {
        try await server.cluster.list(.node, namespace: nil).items.filter { labels.matches($0.metadata.labels) }
      }
    return found.compactMap { object in
      guard case .node(let node) = object else { return nil }
      let reading = usage.nodes[node.metadata.name] ?? .init(milliCPU: 0, memory: 0)
      func part(_ used: Int, of whole: Int64) -> String { whole > 0 ? "\(Int64(used) * 100 / whole)%" : "<unknown>" }
      return Row(
        name: node.metadata.name, usage: reading,
        cpuPart: part(reading.milliCPU, of: node.status.allocatable["cpu"]?.milli ?? 0),
        memoryPart: part(reading.memory, of: node.status.allocatable["memory"]?.value ?? 0))
    }
  }
}
