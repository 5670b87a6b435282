internal import KubeModel

extension Dashboard {
  /// Takes up what was remembered.
  mutating func recall(_ memory: Memory) {
    self.memory = memory
    kept = memory
    shown.hidesCompleted = memory.hidesCompleted
    store.recall(memory.runs, scope: options.runScope)
    keptRuns = store.runsRevision
    let ignored = memory.ignored
    if ignored > 0 {
      complain(
        "\(Format.plural(ignored, "line")) of what was remembered cannot be read and \(ignored == 1 ? "is" : "are") left out"
      )
    }
  }

  /// Has what changed written down.
  mutating func keepMemory() -> [Command] {
    memory.hidesCompleted = shown.hidesCompleted
    guard options.memory != nil, memory != kept else { return [] }
    kept = memory
    return [.keep(memory)]
  }

  /// Has runs that became known written down, at most once a minute: that is a file of some size.
  mutating func keepRuns() -> [Command] {
    guard options.memory != nil, store.runsRevision != keptRuns,
      runsKeptAt.map({ now - $0 >= .seconds(60) }) ?? true
    else { return [] }
    (keptRuns, runsKeptAt) = (store.runsRevision, now)
    memory.runs = store.runMemory
    return keepMemory()
  }

  /// What is to be written down at the end.
  var memoryAtEnd: Memory? {
    guard options.memory != nil, store.runsRevision != keptRuns else { return nil }
    var memory = memory
    memory.runs = store.runMemory
    return memory
  }

  /// Sorts the table on top, and the next one of its kind.
  mutating func sortTable(_ order: SortOrder) {
    withTable { $0.setSort(order) }
    guard let page = table else { return }
    memory.sorts[page.sortKey] = order == newTable(page.view, scope: page.scope, remembers: false).sort ? nil : order
  }
}
