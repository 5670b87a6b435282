internal import KubeModel

/// The page of bars over time.
extension Dashboard {
  /// Opens the timeline of what is selected: of its job where that is a pod. In a timeline, that of everything.
  mutating func openTimeline() -> [Command] {
    let item = currentContexts == .timeline ? nil : selectedItem
    var subject = item
    var pod = item as? PodItem
    if let container = item as? ContainerItem { pod = container.pod }
    if let pod { subject = pod.owner.flatMap(store.job) ?? store.node(named: pod.pod.spec.nodeName) }
    var page = TimelinePage(of: subject)
    if let pod { page.select(id: pod.id) }
    push(.drawn(page))
    return []
  }

  mutating func withTimeline(_ body: (inout TimelinePage) -> Void) -> [Command] {
    withDrawn { page in
      guard var timeline = page as? TimelinePage else { return }
      body(&timeline)
      page = timeline
    }
    return []
  }
}
