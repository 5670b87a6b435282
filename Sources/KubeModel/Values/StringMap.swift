/// Text keyed by text (labels, annotations, a ConfigMap's data), always sorted by key.
///
/// A sorted array rather than a `Dictionary`: its order is the same in every process, which the control plane's
/// determinism needs, and one map is shared by all pods of a job.
public struct StringMap: Hashable, Sendable {
  /// A key with its value.
  public struct Entry: Hashable, Sendable {
    /// Unique in the map.
    public var key: String
    /// The text under the key; may be empty.
    public var value: String
  }

  /// Sorted by key, each key once.
  public private(set) var entries: [Entry]

  /// An empty map.
  public init() { entries = [] }

  /// A map of the given pairs; of two with the same key the later wins.
  public init(_ pairs: some Sequence<(String, String)>) {
    entries = []
    for (key, value) in pairs { self[key] = value }
  }

  /// Whether there are no entries.
  public var isEmpty: Bool { entries.isEmpty }
  /// The number of entries. O(1).
  public var count: Int { entries.count }
  /// All keys, sorted. O(n).
  public var keys: [String] { entries.map(\.key) }

  /// The value under `key`; setting `nil` removes it. O(log n) to read.
  public subscript(key: String) -> String? {
    get {
      let index = lowerBound(key)
      return index < entries.count && entries[index].key == key ? entries[index].value : nil
    }
    set {
      let index = lowerBound(key)
      let found = index < entries.count && entries[index].key == key
      if let newValue {
        if found {
          entries[index].value = newValue
        } else {
          entries.insert(Entry(key: key, value: newValue), at: index)
        }
      } else if found {
        entries.remove(at: index)
      }
    }
  }

  /// This map with the entries of `other` over it.
  public func merging(_ other: StringMap) -> StringMap {
    var result = self
    for entry in other.entries { result[entry.key] = entry.value }
    return result
  }

  private func lowerBound(_ key: String) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension StringMap: ExpressibleByDictionaryLiteral, Sequence {
  public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
  public func makeIterator() -> IndexingIterator<[Entry]> { entries.makeIterator() }
}
