internal import KubeModel

/// Who holds room on the nodes, and who waits for some. A change of a pod costs O(1).
struct Capacity: Sendable {
  struct Holding: Hashable, Sendable {
    var pods = 0
    /// Thousandths of a core asked for.
    var cpu = 0
    /// Bytes asked for.
    var memory = 0

    mutating func add(_ pod: PodItem, _ step: Int) {
      pods += step
      cpu = cpu.saturatingAdd(step * pod.cpuRequest)
      memory = memory.saturatingAdd(step * pod.memoryRequest)
    }
  }

  /// What scheduling looks at first: the higher priority, then who came earlier.
  private struct Place: Hashable, Comparable, Sendable {
    let priority: Int
    let second: Int64

    init(_ pod: PodItem) {
      priority = pod.priority
      second = pod.created?.seconds ?? 0
    }

    static func < (left: Place, right: Place) -> Bool {
      left.priority != right.priority ? left.priority > right.priority : left.second < right.second
    }
  }

  /// By the UID of the job; all other pods together have none.
  private var holdings: [String: Holding] = [:]
  private var waiting: [Place: Int] = [:]
  private(set) var waitingCount = 0

  mutating func replace(_ old: PodItem?, with new: PodItem?) {
    if let old { count(old, -1) }
    if let new { count(new, 1) }
  }

  private mutating func count(_ pod: PodItem, _ step: Int) {
    guard pod.isActive else { return }
    if !pod.pod.spec.nodeName.isEmpty {
      let owner = pod.owner ?? ""
      holdings[owner, default: Holding()].add(pod, step)
      if holdings[owner]?.pods == 0 { holdings[owner] = nil }
    } else if pod.waitsForNode {
      let place = Place(pod)
      waitingCount += step
      waiting[place, default: 0] += step
      if waiting[place] == 0 { waiting[place] = nil }
    }
  }

  /// How many that wait for a node come before a pod. O(seconds in which waiting pods were made)
  func ahead(of pod: PodItem) -> Int {
    let place = Place(pod)
    return waiting.reduce(0) { $1.key < place ? $0 + $1.value : $0 }
  }

  /// Those that hold most, by the jobs' UIDs. O(jobs that run)
  func largest(_ count: Int, by size: (Holding) -> Int) -> [(job: String, holding: Holding)] {
    var found: [(job: String, holding: Holding)] = []
    for (job, holding) in holdings where size(holding) > 0 {
      let share = size(holding)
      let place = found.firstIndex { share != size($0.holding) ? share > size($0.holding) : job < $0.job }
      guard found.count < count || place != nil else { continue }
      found.insert((job, holding), at: place ?? found.count)
      if found.count > count { found.removeLast() }
    }
    return found
  }
}
