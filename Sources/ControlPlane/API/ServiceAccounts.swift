import KubeModel

// The account that every namespace has, whether anybody uses it or not: clients wait for it in a new namespace.
extension ControlPlane {
  private static let defaultAccount = "default"

  /// Makes sure that a namespace has its service account `default`, unless it is about to go.
  mutating func keepServiceAccount(in name: String) {
    let key = ObjectKey(.serviceAccount, namespace: name, name: ControlPlane.defaultAccount)
    guard others[key] == nil, !ControlPlane.systemNamespaces.contains(name),
      case .namespace(let namespace)? = others[ObjectKey(.namespace, name: name)],
      namespace.metadata.deletionTimestamp == nil
    else { return }
    var account = ServiceAccount()
    account.metadata.name = ControlPlane.defaultAccount
    account.metadata.namespace = name
    account.metadata.uid = serviceAccountUID(namespace.metadata.uid)
    account.metadata.creationTimestamp = now.truncatedToSeconds
    addOther(.serviceAccount(account))
  }

  /// A deleted one comes back.
  mutating func serviceAccountRemoved(_ key: ObjectKey) {
    if key.name == ControlPlane.defaultAccount { keepServiceAccount(in: key.namespace) }
  }

  /// Drawn from the namespace and the moment, and not from the cluster's own sequence: what users see of that does not
  /// depend on how many accounts there are.
  private func serviceAccountUID(_ namespace: String) -> String {
    var generator = SeededGenerator(seed: Digest.of(namespace) ^ feed.version)
    return generator.uid()
  }
}
