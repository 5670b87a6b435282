internal import Cluster
internal import KubeModel
internal import Terminal

extension ViewID {
  static let nodes = ViewID(rawValue: "nodes")
}

extension Contexts {
  static let nodes = Contexts(ViewID.nodes)
}

extension TableView {
  static let nodes = TableView(
    id: .nodes, title: "Nodes", commands: ["nodes", "node", "no"], kind: .node,
    columns: columns(of: NodeItem.self) {
      nameColumn()
      Column(
        "STATUS", minimum: 9, maximum: 30, priority: 99, letter: "S", key: { row, _ in .text(row.status.text) },
        cell: { row, _ in StyledText(row.status) })
      Column(
        "PODS", minimum: 7, alignment: .right, priority: 90, letter: "P", startsDescending: true,
        key: { row, context in .number(context.store.pods(ofNode: row.name).active) },
        cell: { row, context in
          StyledText([
            Span("\(context.store.pods(ofNode: row.name).active)"), Span("/\(row.pods)", .muted),
          ])
        })
      Column(
        "CPU REQ", id: "cpu", minimum: 11, maximum: 30, priority: 80, letter: "C", startsDescending: true,
        key: { row, context in .number(context.store.pods(ofNode: row.name).cpu) },
        cell: { row, context in
          loadCell(context.store.pods(ofNode: row.name).cpu, of: row.cpu, width: context.barWidth, Format.cores)
        })
      Column(
        "CPU USED", id: "cpu-used", minimum: 11, maximum: 28, priority: 60, letter: "U", startsDescending: true,
        isVolatile: true, key: { row, context in context.usage.nodes[row.name].map { .number($0.milliCPU) } ?? .none },
        cell: { row, context in
          context.usage.nodes[row.name].map {
            usedCell($0.milliCPU, of: row.cpu, width: context.barWidth, Format.cores)
          } ?? .nothing
        })
      Column(
        "MEM REQ", id: "memory", minimum: 13, maximum: 30, priority: 75, letter: "M", startsDescending: true,
        key: { row, context in .number(context.store.pods(ofNode: row.name).memory) },
        cell: { row, context in
          loadCell(context.store.pods(ofNode: row.name).memory, of: row.memory, width: context.barWidth, Format.bytes)
        })
      Column(
        "MEM USED", id: "memory-used", minimum: 12, maximum: 28, priority: 55, letter: "E", startsDescending: true,
        isVolatile: true, key: { row, context in context.usage.nodes[row.name].map { .number($0.memory) } ?? .none },
        cell: { row, context in
          context.usage.nodes[row.name].map {
            usedCell($0.memory, of: row.memory, width: context.barWidth, Format.bytes)
          } ?? .nothing
        })
      ageColumn()
    },
    sort: SortOrder(column: "name", isDescending: false), noun: "node",
    touches: { touched in
      if touched.kind == .node { return .row(touched.id) }
      return touched.node.map { .row($0) } ?? .nothing
    })

  private static func loadCell(_ part: Int, of whole: Int, width: Int, _ format: (Int) -> String) -> StyledText {
    let bar = bar(Double(part), of: Double(whole), width: width, role: loadRole(Double(part), of: Double(whole)))
    return StyledText(bar + [Span(" \(format(part))"), Span("/\(format(whole))", .muted)])
  }

  private static func usedCell(_ part: Int, of whole: Int, width: Int, _ format: (Int) -> String) -> StyledText {
    let bar = bar(Double(part), of: Double(whole), width: width, role: loadRole(Double(part), of: Double(whole)))
    return StyledText(bar + [Span(" \(format(part))")])
  }
}
