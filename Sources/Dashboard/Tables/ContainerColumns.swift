internal import KubeModel
internal import Terminal

extension ViewID {
  static let containers = ViewID(rawValue: "containers")
}

extension Contexts {
  static let containers = Contexts(ViewID.containers)
}

extension TableView {
  static let containers = TableView(
    id: .containers, title: "Containers", commands: ["containers", "container", "co"], kind: .pod,
    columns: columns(of: ContainerItem.self) {
      namespaceColumn()
      Column(
        "POD", minimum: 12, enough: 24, priority: 78, letter: "D", key: { row, _ in .text(row.pod.name) },
        cell: { row, _ in StyledText(row.pod.name) })
      Column(
        "NAME", minimum: 12, enough: 30, priority: 100, letter: "N", key: { row, _ in .text(row.container.name) },
        cell: { row, _ in StyledText(row.container.name) })
      Column(
        "TYPE", minimum: 7, priority: 50, key: { row, _ in .text(containerType(row)) },
        cell: { row, _ in StyledText(containerType(row), .muted) })
      Column(
        "STATUS", minimum: 10, maximum: 30, enough: 22, priority: 99, letter: "S",
        key: { row, _ in .text(containerStatus(row).text) }, cell: { row, _ in StyledText(containerStatus(row)) })
      Column(
        "RESTARTS", alignment: .right, priority: 60, letter: "R", startsDescending: true,
        value: .key, key: { row, _ in .number(row.status?.restartCount ?? 0) },
        cell: { row, _ in .count(row.status?.restartCount ?? 0, role: .pending) })
      Column(
        "EXIT", minimum: 4, maximum: 24, enough: 12, priority: 80, letter: "X", startsDescending: true,
        value: .key, key: { row, _ in row.ended.map { .number($0.exitCode) } ?? .none },
        cell: { row, _ in
          row.ended.map { exitCell($0, said: containerStatus(row).word) } ?? .nothing
        })
      Column(
        "ELAPSED", alignment: .right, priority: 70, letter: "E", startsDescending: true, isVolatile: true,
        value: .seconds, key: { row, context in .duration(containerElapsed(row, context.now)) },
        cell: { row, context in
          containerElapsed(row, context.now).map { StyledText(humanDuration($0)) } ?? .nothing
        })
      Column(
        "IMAGE", minimum: 8, enough: 20, priority: 40, key: { row, _ in .text(row.container.image) },
        cell: { row, _ in row.container.image.isEmpty ? .nothing : StyledText(row.container.image, .muted) })
    },
    sort: SortOrder(column: "", isDescending: false), noun: "container",
    rows: { store, scope in
      if case .pod(let uid, _) = scope { return store.pod(uid).map(ContainerItem.all) ?? [] }
      return store.all(.pod).flatMap { ($0 as? PodItem).map(ContainerItem.all) ?? [] }
    },
    row: { store, id in
      // A UID has no slash.
      guard let slash = id.firstIndex(of: "/"), let pod = store.pod(String(id[..<slash])) else { return nil }
      return ContainerItem.all(of: pod).first { $0.id == id }
    },
    touches: { touched in touched.pod.map { .rows(ContainerItem.all(of: $0).map(\.id)) } ?? .nothing })

  private static func containerType(_ row: ContainerItem) -> String {
    row.isInit ? row.container.restartPolicy == "Always" ? "sidecar" : "init" : "main"
  }

  private static func containerElapsed(_ row: ContainerItem, _ now: Instant) -> Duration? {
    if let running = row.status?.state.running { return running.startedAt.map { max(.zero, now - $0) } }
    guard let ended = row.status?.state.terminated, !ended.isLost, let start = ended.startedAt, start.seconds > 0 else {
      return nil
    }
    return max(.zero, (ended.finishedAt ?? now) - start)
  }

  static func containerStatus(_ row: ContainerItem) -> StatusText {
    if row.status?.state.running != nil { return StatusText(standing: .running, word: "Running") }
    if let ended = row.status?.state.terminated {
      let word = ended.reason.isEmpty ? "ExitCode:\(ended.exitCode)" : ended.reason
      return StatusText(standing: ended.exitCode == 0 ? .succeeded : .failed, word: word)
    }
    let reason = row.status?.state.waiting?.reason ?? ""
    return StatusText(
      standing: reason == ContainerItem.crashLoop ? .retrying : .pending, word: reason.isEmpty ? "Waiting" : reason)
  }
}
