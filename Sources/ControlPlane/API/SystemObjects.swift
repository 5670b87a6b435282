import KubeModel

// What every cluster has from the beginning, beside the namespace `default` (kube-apiserver's systemnamespaces
// controller and its hook of priority classes).
extension ControlPlane {
  /// Namespaces of Kubernetes' own.
  static let systemNamespaces: Set<String> = ["kube-node-lease", "kube-public", "kube-system"]

  private static let systemPriorityClasses: [(name: String, value: Int, description: String)] = [
    (
      "system-cluster-critical", 2_000_000_000,
      "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."
    ),
    (
      "system-node-critical", 2_000_001_000,
      "Used for system critical pods that must not be moved from their current node."
    ),
  ]

  static func isSystemPriorityClass(_ key: ObjectKey) -> Bool {
    key.kind == .priorityClass && systemPriorityClasses.contains { $0.name == key.name }
  }

  /// Adds what is not there. It is as old as the namespace `default`, and follows from it: nothing of it is a change,
  /// and nothing of it is stored before somebody changes it.
  mutating func addSystemObjects() {
    guard case .namespace(let model)? = others[ObjectKey(.namespace, name: "default")] else { return }
    for name in ControlPlane.systemNamespaces.sorted() {
      var namespace = Namespace()
      namespace.metadata = systemMetadata(ObjectKey(.namespace, name: name), like: model.metadata)
      namespace.applyDefaults()
      addSystemObject(.namespace(namespace))
    }
    for known in ControlPlane.systemPriorityClasses {
      var priorityClass = PriorityClass()
      priorityClass.metadata = systemMetadata(ObjectKey(.priorityClass, name: known.name), like: model.metadata)
      priorityClass.metadata.generation = 1
      priorityClass.value = known.value
      priorityClass.description = known.description
      priorityClass.preemptionPolicy = "PreemptLowerPriority"
      addSystemObject(.priorityClass(priorityClass))
    }
  }

  private mutating func addSystemObject(_ object: KubeObject) {
    guard others[object.key] == nil else { return }
    others[object.key] = object
    tellScheduler(of: object, exists: true)
  }

  private func systemMetadata(_ key: ObjectKey, like model: ObjectMeta) -> ObjectMeta {
    var metadata = ObjectMeta()
    var generator = SeededGenerator(seed: Digest.of(model.uid + key.description))
    metadata.name = key.name
    metadata.uid = generator.uid()
    metadata.creationTimestamp = model.creationTimestamp
    metadata.resourceVersion = model.resourceVersion
    return metadata
  }
}
