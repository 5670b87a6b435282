import KubeModel

/// The nodes as the scheduler sees them: what they have, what is taken, and which of them are alike.
///
/// Nodes of equal labels (but for the host name), taints and capacity form a class. Whether a pod may run on them at
/// all is decided once a class. Within one, LeastAllocated shifts by the same amount for all nodes, whatever the pod,
/// and BalancedAllocation by an amount that follows from the node's skew: a tree finds the best.
struct NodeTable: Sendable {
  /// Resource numbers: these three, then every other resource in the order in which it was first seen.
  static let cpu = 0
  static let memory = 1
  static let pods = 2

  private(set) var resources = ["cpu", "memory", "pods"]
  private var resourceNumbers = ["cpu": cpu, "memory": memory, "pods": pods]

  private(set) var nodes: ContiguousArray<Entry> = []
  private var unusedNodes: [Int] = []
  private var nodeNumbers: [String: Int] = [:]
  /// Nodes by the value of their host name label.
  private var hostnames: [String: [Int]] = [:]

  private(set) var classes: ContiguousArray<Class> = []
  private var unusedClasses: [Int] = []
  private var classNumbers: [Class.Key: Int] = [:]

  /// Nodes that exist.
  private(set) var count = 0
  /// Changes whenever a class comes or goes.
  private(set) var classVersion: UInt64 = 0
  /// Changes whenever anything does.
  var version: UInt64 = 0
  /// Changes whenever a node comes, goes or changes, whatever pods do.
  private(set) var nodeVersion: UInt64 = 0

  struct Entry: Sendable {
    var name: String
    var hostname: String?
    /// Labels, the host name among them, and taints; empty where nobody has described the node.
    var traits = NodeTraits(Node())
    /// `nil` where pods are said to be on a node that nobody has described, or that has been deleted.
    var home: Home?
    /// What pods take of each resource, by number; may be shorter than there are resources.
    var used: ContiguousArray<Int64> = [0, 0, 0]
    var scoredMilliCPU: Int64 = 0
    var scoredMemory: Int64 = 0
    /// Pods were put here without asking whether they fit, or capacity shrank: more may be taken than there is.
    var mayBeOverfull = false
    /// What pods have of its ports.
    var ports: [HostPort] = []
    /// The pod that came last, which leads to the others; -1 where there is none.
    var firstPod: Int32 = -1

    struct Home: Sendable {
      var nodeClass: Int
      var position: Int
    }

    func used(_ resource: Int) -> Int64 { resource < used.count ? used[resource] : 0 }
  }

  struct Class: Sendable {
    var key: Key
    /// The resources that these nodes have, by number: CPU, memory, pods, then others.
    var resources: [Int]
    var tree: CapacityTree
    /// Node numbers by position in the tree; -1 where there is none.
    private var members: ContiguousArray<Int> = []

    init(key: Key, resources: [Int]) {
      self.key = key
      self.resources = resources
      tree = CapacityTree(resources: resources.count)
    }

    func node(at position: Int) -> Int { members[position] }

    /// A position for a node, which is there once the tree is told its load.
    mutating func join(_ number: Int) -> Int {
      let position = tree.reserve()
      while members.count < tree.width { members.append(-1) }
      members[position] = number
      return position
    }

    mutating func leave(_ position: Int) {
      tree.remove(position)
      members[position] = -1
    }

    struct Key: Hashable, Sendable {
      /// Without the host name.
      var traits: NodeTraits
      var allocatable: [PodRequirements.NamedAmount]
    }

    var milliCPU: Int64 { key.allocatable[NodeTable.cpu].amount }
    var memory: Int64 { key.allocatable[NodeTable.memory].amount }

    /// Which share of the CPU and of the memory the given amounts are, added: the lower, the better a place.
    func load(milliCPU: Int64, memory: Int64) -> Double {
      share(milliCPU, of: self.milliCPU) + share(memory, of: self.memory)
    }

    private func share(_ amount: Int64, of capacity: Int64) -> Double {
      capacity > 0 ? Double(amount) / Double(capacity) : 1
    }

    /// By how much the share of the CPU that is taken exceeds that of the memory. Both count up to 1; 0 where there
    /// are not both to compare.
    func skew(milliCPU: Int64, memory: Int64) -> Double {
      guard self.milliCPU > 0, self.memory > 0 else { return 0 }
      return min(share(milliCPU, of: self.milliCPU), 1) - min(share(memory, of: self.memory), 1)
    }
  }

  // MARK: Nodes

  /// Adds or updates a node. Returns its number, or `nil` where nothing changed that matters here.
  mutating func set(_ node: Node) -> Int? {
    let key = Self.key(node)
    let hostname = node.metadata.labels[hostnameLabel]
    let number = number(adding: node.metadata.name)
    if let home = nodes[number].home {
      if nodes[number].hostname == hostname, classes[home.nodeClass].key == key { return nil }
      leave(number, home)
    }
    version += 1
    nodeVersion += 1
    count += 1
    nodes[number].hostname = hostname
    nodes[number].traits = NodeTraits(node)
    if let hostname { hostnames[hostname, default: []].append(number) }
    let nodeClass = classNumber(adding: key)
    let position = classes[nodeClass].join(number)
    nodes[number].home = Entry.Home(nodeClass: nodeClass, position: position)
    nodes[number].mayBeOverfull = true
    refresh(number)
    return number
  }

  /// Takes a node away; what pods took of it stays on the books until they are released.
  mutating func remove(_ name: String) {
    guard let number = nodeNumbers[name], let home = nodes[number].home else { return }
    version += 1
    nodeVersion += 1
    leave(number, home)
    forgetIfEmpty(number)
  }

  func number(of name: String) -> Int? { nodeNumbers[name].flatMap { nodes[$0].home == nil ? nil : $0 } }

  func numbers(withHostname hostname: String) -> [Int] { hostnames[hostname] ?? [] }

  private static func key(_ node: Node) -> Class.Key {
    var traits = NodeTraits(node)
    traits.labels[hostnameLabel] = nil
    let list = node.status.allocatable.isEmpty ? node.status.capacity : node.status.allocatable
    let amounts = Amounts(list)
    var allocatable = ["cpu", "memory", "pods"].map { PodRequirements.NamedAmount(name: $0, amount: amounts[$0]) }
    allocatable += amounts.entries.filter { !["cpu", "memory", "pods"].contains($0.name) }
    return Class.Key(traits: traits, allocatable: allocatable)
  }

  private mutating func leave(_ number: Int, _ home: Entry.Home) {
    count -= 1
    nodes[number].home = nil
    if let hostname = nodes[number].hostname {
      hostnames[hostname]?.removeAll { $0 == number }
      if hostnames[hostname]?.isEmpty ?? false { hostnames[hostname] = nil }
      nodes[number].hostname = nil
    }
    classes[home.nodeClass].leave(home.position)
    if classes[home.nodeClass].tree.count == 0 {
      classNumbers[classes[home.nodeClass].key] = nil
      unusedClasses.append(home.nodeClass)
      classVersion += 1
    }
  }

  private mutating func number(adding name: String) -> Int {
    if let number = nodeNumbers[name] { return number }
    let number = unusedNodes.popLast() ?? nodes.count
    if number == nodes.count { nodes.append(Entry(name: name)) } else { nodes[number] = Entry(name: name) }
    nodeNumbers[name] = number
    return number
  }

  /// Lets a node's number go where neither pods nor anybody else says that there is such a node.
  mutating func forgetIfEmpty(_ number: Int) {
    guard nodes[number].home == nil, nodes[number].used[Self.pods] == 0 else { return }
    nodeNumbers[nodes[number].name] = nil
    unusedNodes.append(number)
  }

  private mutating func classNumber(adding key: Class.Key) -> Int {
    if let number = classNumbers[key] { return number }
    let resources = key.allocatable.map { resourceNumber(adding: $0.name) }
    let new = Class(key: key, resources: resources)
    let number = unusedClasses.popLast() ?? classes.count
    if number == classes.count { classes.append(new) } else { classes[number] = new }
    classNumbers[key] = number
    classVersion += 1
    return number
  }

  mutating func resourceNumber(adding name: String) -> Int {
    if let number = resourceNumbers[name] { return number }
    resources.append(name)
    resourceNumbers[name] = resources.count - 1
    return resources.count - 1
  }

  // MARK: Pods

  /// What a pod takes of a node.
  struct Load: Sendable {
    var milliCPU: Int64
    var memory: Int64
    var scoredMilliCPU: Int64
    var scoredMemory: Int64
    var others: [Amount] = []
    var ports: [HostPort] = []

    struct Amount: Sendable {
      var resource: Int
      var amount: Int64
    }
  }

  /// Number of the node that pods are said to be on, whether or not it is known otherwise.
  mutating func numberForPod(on name: String) -> Int {
    let number = number(adding: name)
    nodes[number].mayBeOverfull = true
    return number
  }

  /// Whether a node has what a pod takes, whatever else speaks against it.
  func hasRoom(_ number: Int, for load: Load) -> Bool {
    guard let home = nodes[number].home else { return false }
    func fits(_ amount: Int64, _ offset: Int) -> Bool {
      amount <= 0 || amount <= classes[home.nodeClass].tree.free(at: home.position, offset)
    }
    guard fits(1, Self.pods), fits(load.milliCPU, Self.cpu), fits(load.memory, Self.memory) else { return false }
    return load.others.allSatisfy { other in
      classes[home.nodeClass].resources.firstIndex(of: other.resource).map { fits(other.amount, $0) } ?? false
    }
  }

  mutating func add(_ load: Load, to number: Int) {
    nodes[number].ports += load.ports
    change(number, load, by: 1)
  }

  /// - Parameter keeping: the node's number is still needed, though nothing may be known of it any more.
  mutating func subtract(_ load: Load, from number: Int, keeping: Bool = false) {
    for port in load.ports {
      if let index = nodes[number].ports.firstIndex(of: port) { nodes[number].ports.remove(at: index) }
    }
    change(number, load, by: -1)
    if !keeping { forgetIfEmpty(number) }
  }

  /// More may be taken of the node than there is, until pods that are being evicted have left it.
  mutating func overfill(_ number: Int) { nodes[number].mayBeOverfull = true }

  mutating func setFirstPod(_ pod: Int32, of number: Int) { nodes[number].firstPod = pod }

  private mutating func change(_ number: Int, _ load: Load, by sign: Int64) {
    version += 1
    // Wrapping: pods that were bound past the scheduler may ask for absurd sums, and subtracting undoes adding.
    nodes[number].used[Self.cpu] &+= sign &* load.milliCPU
    nodes[number].used[Self.memory] &+= sign &* load.memory
    nodes[number].used[Self.pods] += sign
    for other in load.others {
      while nodes[number].used.count <= other.resource { nodes[number].used.append(0) }
      nodes[number].used[other.resource] &+= sign &* other.amount
    }
    nodes[number].scoredMilliCPU &+= sign &* load.scoredMilliCPU
    nodes[number].scoredMemory &+= sign &* load.scoredMemory
    refresh(number)
  }

  /// Brings a node's place in its class up to date.
  private mutating func refresh(_ number: Int) {
    let node = nodes[number]
    guard let home = node.home else { return }
    let load = classes[home.nodeClass].load(milliCPU: node.scoredMilliCPU, memory: node.scoredMemory)
    let skew = classes[home.nodeClass].skew(milliCPU: node.used[Self.cpu], memory: node.used[Self.memory])
    var overfull = false
    let resources = classes[home.nodeClass].resources
    let allocatable = classes[home.nodeClass].key.allocatable
    classes[home.nodeClass].tree.update(home.position, load: load, skew: skew) { offset in
      let free = allocatable[offset].amount &- node.used(resources[offset])
      overfull = overfull || free < 0
      return free
    }
    if node.mayBeOverfull, !overfull, node.used.indices.allSatisfy({ node.used[$0] == 0 || resources.contains($0) }) {
      nodes[number].mayBeOverfull = false
    }
  }
}
