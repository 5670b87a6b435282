internal import KubeModel

/// What of the cluster is shown, whichever page is on top.
struct Shown: Hashable, Sendable {
  /// The names of the namespaces, in order; none for all of them.
  private(set) var namespaces: [String] = []
  /// Whether jobs and pods that have succeeded are left out.
  var hidesCompleted = false

  init(namespaces: [String] = []) {
    self.namespaces = Set(namespaces).sorted()
  }

  /// Reads `web`, `web,data` or `all`.
  init(_ list: String) {
    let names = list.split(separator: ",").map(String.init)
    self.init(namespaces: names.contains("all") ? [] : names)
  }

  var isAllNamespaces: Bool { namespaces.isEmpty }

  /// The namespace that new objects go to, if there is no choice.
  var onlyNamespace: String? { namespaces.count == 1 ? namespaces[0] : nil }

  /// `all`, `web`, `data,web`
  var namespaceText: String { namespaces.isEmpty ? "all" : namespaces.joined(separator: ",") }

  mutating func show(namespaces: [String]) { self.namespaces = Set(namespaces).sorted() }

  func includes(namespace: String) -> Bool { namespaces.isEmpty || namespaces.contains(namespace) }

  func includes(_ item: Item) -> Bool {
    if item.kind.isNamespaced, !includes(namespace: item.namespace) { return false }
    return !(hidesCompleted && isCompleted(item))
  }

  /// Whether it is left out where what has completed is hidden.
  func hides(_ item: Item) -> Bool { hidesCompleted && isCompleted(item) }

  private func isCompleted(_ item: Item) -> Bool {
    switch item {
    case let job as JobItem: job.isFinished && job.hasSucceeded
    case let pod as PodItem: pod.pod.status.phase == .succeeded
    default: false
    }
  }
}
