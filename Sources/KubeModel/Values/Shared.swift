/// A value in shared storage that is copied when it is changed: hundreds of thousands of pods hold one job's template.
@dynamicMemberLookup
public struct Shared<Value: Hashable & Sendable>: Hashable, Sendable {
  private var box: Box

  /// Creates storage of its own that holds `value`.
  public init(_ value: Value) {
    box = Box(value)
  }

  /// The value; changing it copies the storage first where others hold it too.
  public var value: Value {
    get { box.value }
    set {
      if isKnownUniquelyReferenced(&box) { box.value = newValue } else { box = Box(newValue) }
    }
    _modify {
      if !isKnownUniquelyReferenced(&box) { box = Box(box.value) }
      yield &box.value
    }
  }

  /// Reads from the value in its place: `value` would copy all of it first.
  public func read<Member>(_ body: (borrowing Value) -> Member) -> Member { body(box.value) }

  /// A member of the value. Changing one copies the storage first where others hold it too.
  public subscript<Member>(dynamicMember path: WritableKeyPath<Value, Member>) -> Member {
    get { box.value[keyPath: path] }
    _modify { yield &value[keyPath: path] }
  }

  /// Whether both hold one and the same storage.
  public func isIdentical(to other: Shared) -> Bool { box === other.box }

  public static func == (left: Shared, right: Shared) -> Bool {
    left.box === right.box || left.box.value == right.box.value
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(box.value) }

  // Safe to send: `value` is changed only through `Shared`, and only while its reference is the single one.
  private final class Box: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
  }
}
