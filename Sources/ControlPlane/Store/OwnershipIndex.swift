import KubeModel

/// Which objects name which owner. A job's pods are not in here: they are in their job's books.
struct OwnershipIndex: Sendable {
  /// By the owner's UID.
  private var dependents: [String: Set<ObjectKey>] = [:]

  /// The objects that name the owner, in order.
  func dependents(of uid: String) -> [ObjectKey] { dependents[uid]?.sorted() ?? [] }

  mutating func add(_ key: ObjectKey, owners: [OwnerReference]) {
    for owner in owners { dependents[owner.uid, default: []].insert(key) }
  }

  mutating func remove(_ key: ObjectKey, owners: [OwnerReference]) {
    for owner in owners {
      dependents[owner.uid]?.remove(key)
      if dependents[owner.uid]?.isEmpty == true { dependents[owner.uid] = nil }
    }
  }

  var all: [String: Set<ObjectKey>] { dependents }
}

extension [OwnerReference] {
  /// The owners that the index has to know of an object of the given kind.
  func indexed(for kind: Kind) -> [OwnerReference] {
    kind == .pod ? filter { !($0.controller == true && $0.kind == Kind.job.rawValue) } : self
  }
}
