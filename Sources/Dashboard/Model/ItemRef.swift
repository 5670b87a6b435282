internal import KubeModel

/// Names an object, or a container of a pod, however often it changes.
struct ItemRef: Hashable, Sendable {
  let kind: Kind
  /// The object's UID, for a container that of its pod and its name.
  let id: String
  /// The pod of a container.
  let pod: String?

  init(_ kind: Kind, _ id: String, pod: String? = nil) {
    self.kind = kind
    self.id = id
    self.pod = pod
  }

  init(_ item: Item) {
    self.init(item.kind, item.id, pod: (item as? ContainerItem)?.uid)
  }
}

extension Store {
  subscript(ref: ItemRef) -> Item? {
    guard let pod = ref.pod else { return self[ref.kind, ref.id] }
    return self.pod(pod).flatMap { ContainerItem.all(of: $0).first { $0.id == ref.id } }
  }
}
