import KubeModel

/// What a ``SlotTable`` keeps: an object and what the control plane notes about it.
protocol SlotEntry: Sendable {
  /// A free slot.
  init()
  /// Grows with every entry; 0 marks a free slot.
  var sequence: UInt64 { get set }
  var name: NamespacedName { get }
  var uid: String { get }
}

/// A place in a table, and which of the objects that lived there is meant.
struct SlotRef<Entry>: Hashable, Sendable {
  var slot: Int
  var sequence: UInt64
}

struct NamespacedName: Hashable, Sendable {
  var namespace: String
  var name: String
}

/// All objects of a kind of which there are many, by slot, name and UID. Slots are used again.
struct SlotTable<Entry: SlotEntry>: Sendable {
  /// By slot. Reached directly: a coroutine that yields an entry is miscompiled for structs of this size (Swift 6.3).
  var entries: [Entry] = []
  private var free: [Int] = []
  private var byName: [NamespacedName: Int] = [:]
  private var byUID: [String: Int] = [:]
  private var nextSequence: UInt64 = 1

  var count: Int { byUID.count }

  func slot(namespace: String, name: String) -> Int? { byName[NamespacedName(namespace: namespace, name: name)] }
  func slot(uid: String) -> Int? { byUID[uid] }
  func ref(_ slot: Int) -> SlotRef<Entry> { SlotRef(slot: slot, sequence: entries[slot].sequence) }
  /// The slot, if the object that is meant still lives there.
  func slot(_ ref: SlotRef<Entry>) -> Int? { entries[ref.slot].sequence == ref.sequence ? ref.slot : nil }
  /// All slots in use, the oldest object first. O(n log n).
  var slotsByAge: [Int] {
    entries.indices.filter { entries[$0].sequence != 0 }.sorted { entries[$0].sequence < entries[$1].sequence }
  }

  /// Adds an object, whose name and UID must be new.
  mutating func insert(_ entry: Entry) -> Int {
    let slot = free.popLast() ?? entries.count
    if slot == entries.count { entries.append(entry) } else { entries[slot] = entry }
    entries[slot].sequence = nextSequence
    nextSequence += 1
    byName[entry.name] = slot
    byUID[entry.uid] = slot
    return slot
  }

  mutating func remove(_ slot: Int) {
    byName[entries[slot].name] = nil
    byUID[entries[slot].uid] = nil
    entries[slot] = Entry()
    free.append(slot)
  }
}
