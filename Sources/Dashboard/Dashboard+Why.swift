internal import Cluster
internal import KubeModel

/// The page that says why: opening it, going on from it, and the log that it reads.
extension Dashboard {
  mutating func openWhy() -> [Command] {
    guard let item = selectedItem else { return [] }
    if case .drawn(let page) = pages.last, (page as? WhyPage)?.subject == ItemRef(item) {
      note("This is what is known about \(item.name)")
      return []
    }
    push(.drawn(WhyPage(item)))
    return renewTail()
  }

  /// The reason under the cursor.
  var whyStep: WhyStep? {
    if case .drawn(let page) = pages.last { (page as? WhyPage)?.selectedStep } else { nil }
  }

  /// Goes to what the reason under the cursor is about.
  mutating func openCause() -> [Command] {
    switch whyStep?.way {
    case .row(let ref):
      guard let item = store[ref] else {
        complain("It is no longer there")
        return []
      }
      // A pod is looked at among the others of its job.
      if let pod = item as? PodItem, let job = pod.owner.flatMap(store.job) {
        var page = newTable(.pods, scope: .owned(by: job.uid, kind: .job, name: job.name))
        page.setFilter(.none)
        page.select(id: pod.id)
        reveal(pod)
        push(.table(page))
        return []
      }
      return show(item)
    case .inside: return selectedItem.map { drillIn($0) } ?? []
    case .describe: return openText(.describe)
    case .log(let previous): return previous ? openPreviousLogs() : openLogs()
    case .events: return openEvents()
    case .nodes:
      push(.table(newTable(.nodes)))
      return []
    case nil: return []
    }
  }

  /// Reads the last lines of the container that tells most, if the top page says why and that one is another now.
  mutating func renewTail() -> [Command] {
    guard case .drawn(let drawn) = pages.last, var page = drawn as? WhyPage, let item = store[page.subject],
      let source = Why.tailSource(for: item, in: store), source != page.tail?.source, let pod = store.pod(source.pod)
    else { return [] }
    let closed = page.openLogs.map { Command.closeLog($0) }
    let id = LogID(number: nextNumber())
    page.tail = LogTail(id: id, source: source)
    pages[pages.count - 1] = .drawn(page)
    let request = LogRequest(
      namespace: pod.namespace, pod: pod.name, container: source.container, previous: source.previous,
      tailLines: LogTail.limit)
    return closed + [.openLog(id, request)]
  }
}
