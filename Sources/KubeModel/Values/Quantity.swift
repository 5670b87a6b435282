/// A Kubernetes resource quantity: `500m`, `1.5`, `64Mi`, `1e3`.
///
/// Equal by value, not by spelling; the canonical spelling is what Kubernetes writes back.
public struct Quantity: Hashable, Comparable, Sendable {
  /// The value in thousandths, rounded up as Kubernetes' `MilliValue` does; saturates at Int64's bounds.
  public var milli: Int64
  /// How it is spelled.
  public var text: String

  /// Creates a quantity of a value in thousandths and its spelling, which must agree; `text` is not checked.
  public init(milli: Int64, text: String) {
    self.milli = milli
    self.text = text
  }

  /// Equal by value: `0.1` is `100m`.
  public static func == (left: Quantity, right: Quantity) -> Bool { left.milli == right.milli }

  public static func < (left: Quantity, right: Quantity) -> Bool { left.milli < right.milli }

  public func hash(into hasher: inout Hasher) { hasher.combine(milli) }

  /// Whole units, rounded up as Kubernetes' `Value` does.
  public var value: Int64 { milli >= 0 ? milli / 1000 + (milli % 1000 == 0 ? 0 : 1) : milli / 1000 }
}

/// Quantities by resource name (`cpu`, `memory`, `pods`, …), sorted by name.
public struct ResourceList: Hashable, Sendable {
  /// A resource with its quantity.
  public struct Entry: Hashable, Sendable {
    /// The resource's name: `cpu`, `memory`, `nvidia.com/gpu`, …
    public var name: String
    /// How much of it: cores for `cpu`, bytes for `memory`, pieces for most others.
    public var quantity: Quantity
  }

  /// Sorted by name, each name once.
  public private(set) var entries: [Entry] = []

  /// An empty list.
  public init() {}

  /// Whether no resource is named; a quantity of 0 is one.
  public var isEmpty: Bool { entries.isEmpty }

  /// The quantity of a resource; `nil` where it is not named. Setting `nil` removes it. O(number of resources).
  public subscript(name: String) -> Quantity? {
    get { entries.first { $0.name == name }?.quantity }
    set {
      entries.removeAll { $0.name == name }
      if let newValue {
        let index = entries.firstIndex { $0.name > name } ?? entries.count
        entries.insert(Entry(name: name, quantity: newValue), at: index)
      }
    }
  }
}
