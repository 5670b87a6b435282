/// The nodes of one class, so arranged that the least loaded one with room for a pod is found in O(log n).
///
/// A segment tree over fixed positions. A leaf is a node: its load and its skew, which are what it is chosen by, and
/// what is free of each resource. An inner vertex knows the lowest load below it, how many leaves have it, how far
/// skews range, and the most and the least that is free of each resource on any leaf below. A search goes where the
/// cost is lowest and turns back where not even the most that is free would do; a full cluster is thus recognised at
/// the root. Among nodes of equal load any may be chosen: their number is known, so one draw picks the n-th.
///
/// The cost of a node is its load, less what a pod does for its balance. A pod tilts a node, by the share of CPU that
/// it takes less the share of memory: that improves a node that leans the other way, and the more so the further it
/// leans. So the range of skews bounds the cost of all leaves below a vertex.
struct CapacityTree: Sendable {
  /// Resources per node.
  let resources: Int
  /// Leaves, used or not; a power of two.
  private(set) var width = 1
  private var vertices: ContiguousArray<Vertex>
  /// Per vertex: the most, then the least free of each resource.
  private var bounds: ContiguousArray<Int64>
  private var unused: [Int] = [0]

  private struct Vertex: Equatable {
    /// The lowest load of any leaf below; infinite where there is none.
    var load = Double.infinity
    var ties: Int32 = 0
    var count: Int32 = 0
    var lowestSkew = Double.infinity
    var highestSkew = -Double.infinity

    /// The lowest that the cost of a pod with this tilt may be on any leaf below; exact for a leaf.
    func cost(_ tilt: Double) -> Double {
      guard tilt != 0, count > 0 else { return load }
      let skew = tilt > 0 ? lowestSkew : highestSkew
      return load - (abs(skew) - abs(skew + tilt)) / 2
    }
  }

  init(resources: Int) {
    self.resources = resources
    vertices = []
    bounds = []
    reset(width: 1)
  }

  /// Nodes in the tree.
  var count: Int { Int(vertices[1].count) }
  /// The lowest load of any node; infinite where there is none.
  var lowestLoad: Double { vertices[1].load }

  /// How many nodes have it.
  var ties: Int { Int(vertices[1].ties) }

  /// What no node costs less than.
  func lowestCost(tilt: Double) -> Double { vertices[1].cost(tilt) }

  func load(at position: Int) -> Double { vertices[width + position].load }
  func skew(at position: Int) -> Double { vertices[width + position].lowestSkew }
  func cost(at position: Int, tilt: Double) -> Double { vertices[width + position].cost(tilt) }
  func free(at position: Int, _ resource: Int) -> Int64 { bounds[(width + position) * 2 * resources + resource] }

  // MARK: Changing

  /// A position for one more node. O(1) amortised. The node is there once `update` gives it a load.
  mutating func reserve() -> Int {
    if let position = unused.popLast() { return position }
    let old = self
    reset(width: old.width * 2)
    for position in 0..<old.width {
      place(
        position, load: old.load(at: position), skew: old.skew(at: position), free: { old.free(at: position, $0) })
    }
    for index in stride(from: width - 1, to: 0, by: -1) { _ = combine(index) }
    unused = Array((old.width..<width).reversed())
    return unused.removeLast()
  }

  /// Sets the load and the skew of a node, and what is free on it. O(log n).
  mutating func update(_ position: Int, load: Double, skew: Double, free: (Int) -> Int64) {
    place(position, load: load, skew: skew, free: free)
    rise(from: position)
  }

  /// Takes a node out. O(log n).
  mutating func remove(_ position: Int) {
    clear(width + position)
    rise(from: position)
    unused.append(position)
  }

  private mutating func reset(width: Int) {
    self.width = width
    vertices = ContiguousArray(repeating: Vertex(), count: 2 * width)
    bounds = ContiguousArray(repeating: 0, count: 2 * width * 2 * resources)
    for index in 0..<2 * width { clear(index) }
  }

  private mutating func clear(_ index: Int) {
    vertices[index] = Vertex()
    for offset in 0..<resources {
      bounds[index * 2 * resources + offset] = .min
      bounds[index * 2 * resources + resources + offset] = .max
    }
  }

  private mutating func place(_ position: Int, load: Double, skew: Double, free: (Int) -> Int64) {
    let index = width + position
    guard load < .infinity else { return clear(index) }
    vertices[index] = Vertex(load: load, ties: 1, count: 1, lowestSkew: skew, highestSkew: skew)
    for offset in 0..<resources {
      let amount = free(offset)
      bounds[index * 2 * resources + offset] = amount
      bounds[index * 2 * resources + resources + offset] = amount
    }
  }

  private mutating func rise(from position: Int) {
    var index = (width + position) / 2
    while index > 0, combine(index) { index /= 2 }
  }

  /// Makes a vertex from the two below it; `false` where nothing changed.
  private mutating func combine(_ index: Int) -> Bool {
    let left = vertices[2 * index]
    let right = vertices[2 * index + 1]
    var vertex = left.load <= right.load ? left : right
    if left.load == right.load { vertex.ties = left.ties + right.ties }
    vertex.count = left.count + right.count
    vertex.lowestSkew = min(left.lowestSkew, right.lowestSkew)
    vertex.highestSkew = max(left.highestSkew, right.highestSkew)
    var changed = vertices[index] != vertex
    if changed { vertices[index] = vertex }
    let stride = 2 * resources
    let resources = resources
    bounds.withUnsafeMutableBufferPointer { bounds in
      for offset in 0..<resources {
        let most = max(bounds[2 * index * stride + offset], bounds[(2 * index + 1) * stride + offset])
        let low = offset + resources
        let least = min(bounds[2 * index * stride + low], bounds[(2 * index + 1) * stride + low])
        changed = changed || bounds[index * stride + offset] != most || bounds[index * stride + low] != least
        bounds[index * stride + offset] = most
        bounds[index * stride + low] = least
      }
    }
    return changed
  }

  // MARK: Searching

  struct Choice {
    var position: Int
    var cost: Double
    /// How many nodes were as good, as far as known.
    var ties: Int
  }

  /// The node that costs least of those on which as much is free as `demand` says per resource; `Int64.min` demands
  /// nothing.
  func cheapest(demand: [Int64], tilt: Double, using generator: inout some RandomNumberGenerator) -> Choice? {
    guard mayFit(1, demand) else { return nil }
    if tilt == 0 {
      let position = leastLoaded(rank: ties > 1 ? generator.draw(below: ties) : 0)
      if fits(demand, at: position) { return Choice(position: position, cost: lowestLoad, ties: ties) }
    }
    // The cost differs from the load, or the draw met a node without room: look through the others, equals in an
    // order that further draws decide.
    var best: Choice?
    search(1, demand, tilt, &generator, &best)
    return best
  }

  /// The position of one of the `ties` nodes of the lowest load, counted from 0. The tree must not be empty.
  func leastLoaded(rank: Int) -> Int {
    let lowest = vertices[1].load
    var rank = rank
    var index = 1
    while index < width {
      index *= 2
      let left = vertices[index]
      if left.load == lowest {
        if rank < Int(left.ties) { continue }
        rank -= Int(left.ties)
      }
      index += 1
    }
    return index - width
  }

  /// Whether a node may have room; surely none has where `false`. O(1).
  func mayFit(_ demand: [Int64]) -> Bool { mayFit(1, demand) }

  func fits(_ demand: [Int64], at position: Int) -> Bool { mayFit(width + position, demand) }

  private func search(
    _ index: Int, _ demand: [Int64], _ tilt: Double, _ generator: inout some RandomNumberGenerator,
    _ best: inout Choice?
  ) {
    let cost = vertices[index].cost(tilt)
    if let best, cost >= best.cost { return }
    guard mayFit(index, demand) else { return }
    if index >= width {
      best = Choice(position: index - width, cost: cost, ties: ties)
      return
    }
    let left = vertices[2 * index]
    let right = vertices[2 * index + 1]
    let (leftCost, rightCost) = (left.cost(tilt), right.cost(tilt))
    let rightFirst =
      rightCost < leftCost
      || (rightCost == leftCost && right.count > 0
        && generator.draw(below: Int(left.ties + right.ties)) >= Int(left.ties))
    search(rightFirst ? 2 * index + 1 : 2 * index, demand, tilt, &generator, &best)
    search(rightFirst ? 2 * index : 2 * index + 1, demand, tilt, &generator, &best)
  }

  /// Whether one leaf below a vertex may have room: surely not where `false`; exact for a leaf.
  private func mayFit(_ index: Int, _ demand: [Int64]) -> Bool {
    guard vertices[index].count > 0 else { return false }
    let base = index * 2 * resources
    for offset in 0..<resources where demand[offset] > bounds[base + offset] { return false }
    return true
  }

  /// How many nodes have less than `demand` free of one resource. O(log n) where few nodes lie in between.
  func count(lacking demand: Int64, of resource: Int) -> Int { count(1, demand, resource) }

  private func count(_ index: Int, _ demand: Int64, _ resource: Int) -> Int {
    let base = index * 2 * resources + resource
    guard vertices[index].count > 0, demand > bounds[base + resources] else { return 0 }
    if demand > bounds[base] { return Int(vertices[index].count) }
    return count(2 * index, demand, resource) + count(2 * index + 1, demand, resource)
  }

  // MARK: Checking

  /// What is inconsistent within the tree.
  func checkInvariants() -> [String] {
    var copy = self
    var problems: [String] = []
    for index in stride(from: width - 1, to: 0, by: -1) where copy.combine(index) {
      problems.append("vertex \(index) does not follow from those below it")
    }
    if count + unused.count > width { problems.append("\(count) nodes and \(unused.count) free positions of \(width)") }
    return problems
  }
}

extension RandomNumberGenerator {
  /// A number in 0..<`bound`, from one draw: the bias is below 2^-32 for any bound that occurs here.
  mutating func draw(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
