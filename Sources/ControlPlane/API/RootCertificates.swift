import KubeModel

// The ConfigMap that every namespace has, with the certificate by which clients within the cluster know its API server
// (kube-controller-manager's root-ca-certificate-publisher). Clients wait for it in a new namespace.
extension ControlPlane {
  static let rootCertificateMap = "kube-root-ca.crt"
  private static let rootCertificateEntry = "ca.crt"
  private static let rootCertificateDescription =
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    + "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    + "clusters."

  /// From now on it is this certificate, in every namespace; empty for none.
  mutating func publishRootCertificate(_ certificate: String) throws(StatusError) -> KubeObject {
    rootCertificate = certificate
    for key in others.keys.sorted() where key.kind == .namespace { keepRootCertificate(in: key.name) }
    return try existing(ObjectKey(.configMap, namespace: "default", name: ControlPlane.rootCertificateMap))
  }

  /// Takes up the certificate that was published last, from storage.
  mutating func restoreRootCertificate() {
    let key = ObjectKey(.configMap, namespace: "default", name: ControlPlane.rootCertificateMap)
    guard case .configMap(let map)? = others[key] else { return }
    rootCertificate = map.data[ControlPlane.rootCertificateEntry] ?? ""
  }

  /// Makes sure that a namespace has the certificate as it is, unless it is about to go.
  mutating func keepRootCertificate(in name: String) {
    guard case .namespace(let namespace)? = others[ObjectKey(.namespace, name: name)],
      namespace.metadata.deletionTimestamp == nil
    else { return }
    let key = ObjectKey(.configMap, namespace: name, name: ControlPlane.rootCertificateMap)
    var data = StringMap()
    data[ControlPlane.rootCertificateEntry] = rootCertificate
    if case .configMap(var map)? = others[key] {
      guard map.data != data || !map.binaryData.isEmpty else { return }
      map.data = data
      map.binaryData = StringMap()
      changeOther(.configMap(map))
      return
    }
    if ControlPlane.systemNamespaces.contains(name) { return }
    var map = ConfigMap()
    map.metadata.name = key.name
    map.metadata.namespace = name
    map.metadata.uid = ownUID(key, in: namespace.metadata.uid)
    map.metadata.creationTimestamp = now.truncatedToSeconds
    map.metadata.annotations["kubernetes.io/description"] = ControlPlane.rootCertificateDescription
    map.data = data
    addOther(.configMap(map))
  }

  /// A deleted or changed one comes back.
  mutating func rootCertificateTouched(_ key: ObjectKey) {
    guard key.kind == .configMap, key.name == ControlPlane.rootCertificateMap else { return }
    keepRootCertificate(in: key.namespace)
  }

  /// The UID of what every namespace has: drawn from the namespace and the moment, and not from the cluster's own
  /// sequence. What users see of that does not depend on how many of these there are.
  func ownUID(_ key: ObjectKey, in namespace: String) -> String {
    var generator = SeededGenerator(seed: Digest.of(namespace + key.kind.rawValue) ^ feed.version)
    return generator.uid()
  }
}
