internal import Cluster
internal import KubeModel
internal import Terminal

extension ViewID {
  static let pods = ViewID(rawValue: "pods")
}

extension Contexts {
  static let pods = Contexts(ViewID.pods)
}

extension TableView {
  static let pods = TableView(
    id: .pods, title: "Pods", commands: ["pods", "pod", "po"], kind: .pod,
    columns: columns(of: PodItem.self) {
      namespaceColumn()
      nameColumn()
      Column(
        "INDEX", alignment: .right, priority: 62, letter: "I",
        key: { pod, _ in pod.completionIndex.map { .number($0) } ?? .none },
        cell: { pod, _ in pod.completionIndex.map { StyledText("\($0)") } ?? .nothing })
      Column(
        "READY", alignment: .left, priority: 58, letter: "D", key: { pod, _ in .number(pod.ready) },
        cell: { pod, _ in
          StyledText("\(pod.ready)/\(pod.containers)", pod.isRunning && pod.ready < pod.containers ? .pending : .text)
        })
      Column(
        "STATUS", minimum: 10, maximum: 36, enough: 23, priority: 99, letter: "S",
        key: { pod, _ in .status(pod.status) },
        cell: { pod, _ in StyledText(pod.status) })
      Column(
        "RESTARTS", alignment: .right, priority: 52, letter: "R", startsDescending: true,
        value: .key, key: { pod, _ in .number(pod.restarts) }, cell: { pod, _ in .count(pod.restarts, role: .pending) })
      Column(
        "EXIT", minimum: 4, maximum: 24, enough: 12, priority: 85, letter: "X", startsDescending: true,
        value: .key, key: { pod, _ in pod.exit.map { .number($0.exitCode) } ?? .none },
        cell: { pod, _ in pod.exit.map { exitCell($0, said: pod.status.word) } ?? .nothing })
      Column(
        "NODE", minimum: 6, maximum: 24, enough: 16, priority: 60, letter: "O",
        key: { pod, _ in pod.pod.spec.nodeName.isEmpty ? .none : .text(pod.pod.spec.nodeName) },
        cell: { pod, _ in pod.pod.spec.nodeName.isEmpty ? .nothing : StyledText(pod.pod.spec.nodeName) })
      Column(
        "CPU", minimum: 5, alignment: .right, priority: 56, letter: "C", startsDescending: true, isVolatile: true,
        key: { pod, context in context.usage.pods[pod.uid].map { .number($0.milliCPU) } ?? .none },
        cell: { pod, context in
          context.usage.pods[pod.uid].map { StyledText(Format.cores($0.milliCPU)) } ?? .nothing
        })
      Column(
        "MEM", minimum: 5, alignment: .right, priority: 54, letter: "M", startsDescending: true, isVolatile: true,
        value: .key, key: { pod, context in context.usage.pods[pod.uid].map { .number($0.memory) } ?? .none },
        cell: { pod, context in context.usage.pods[pod.uid].map { StyledText(Format.bytes($0.memory)) } ?? .nothing })
      Column(
        "ELAPSED", alignment: .right, priority: 80, letter: "E", startsDescending: true, isVolatile: true,
        value: .seconds, key: { pod, context in .duration(pod.elapsed(context.now)) },
        cell: { pod, context in
          pod.elapsed(context.now).map { StyledText(humanDuration($0), pod.isRunning ? .running : .text) } ?? .nothing
        })
      ageColumn()
      Column(
        "MESSAGE", minimum: 30, priority: 20, takesRest: true, key: { pod, _ in .text(podMessage(pod)) },
        cell: { pod, _ in podMessage(pod).isEmpty ? .nothing : StyledText(podMessage(pod), .muted) })
    },
    sort: SortOrder(column: "age", isDescending: false), noun: "pod",
    rows: { store, scope in
      switch scope {
      case .owned(let uid, _, _): store.podItems(ofJob: uid)
      case .node(let name): store.podItems(onNode: name)
      default: store.all(.pod)
      }
    },
    touches: { touched in
      if touched.kind == .pod { return .row(touched.id) }
      return touched.toldPod.map { .row($0) } ?? .nothing
    })

  /// What the cluster says about a pod that does not just run or succeed.
  private static func podMessage(_ pod: PodItem) -> String {
    if pod.isGated { return "held back by " + pod.pod.spec.schedulingGates.map(\.name).joined(separator: ", ") }
    if let message = pod.unschedulable { return message }
    if let waiting = pod.waitingTrouble { return waiting.message }
    if let failure = pod.startFailure { return failure.text }
    if let exit = pod.exit, exit.exitCode != 0, !exit.message.isEmpty { return exit.message }
    return pod.pod.status.message
  }
}
