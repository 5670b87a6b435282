internal import KubeModel

/// A kind of which a jobdeck cluster always has the same objects, mostly none: programs for clusters read such lists
/// before they do anything else (Kubernetes' own end-to-end tests wait for the replica sets of kube-system, and want to
/// know the address family of the service `kubernetes`), and give up where there is no such kind.
///
/// They can be read and listed by those who know them. Discovery does not tell of them: they are no part of what jobdeck
/// offers, and `kubectl get deployments` says so.
struct FixedResource: Sendable {
  var group = ""
  var plural: String
  var kind: String
  var objects: [JSONValue] = []

  var groupVersion: String { group.isEmpty ? "v1" : "\(group)/v1" }

  static let all = [
    FixedResource(plural: "endpoints", kind: "Endpoints"),
    FixedResource(plural: "replicationcontrollers", kind: "ReplicationController"),
    FixedResource(plural: "services", kind: "Service", objects: [kubernetes]),
    FixedResource(group: "apps", plural: "daemonsets", kind: "DaemonSet"),
    FixedResource(group: "apps", plural: "deployments", kind: "Deployment"),
    FixedResource(group: "apps", plural: "replicasets", kind: "ReplicaSet"),
    FixedResource(group: "apps", plural: "statefulsets", kind: "StatefulSet"),
  ]

  /// How a cluster's API server is found from inside. Pods are processes of this machine: there is no other address for
  /// them than the one that everybody uses.
  private static let kubernetes: JSONValue = [
    "metadata": [
      "name": "kubernetes", "namespace": "default",
      "labels": ["component": "apiserver", "provider": "kubernetes"],
    ],
    "spec": [
      "clusterIP": "None", "clusterIPs": ["None"], "internalTrafficPolicy": "Cluster", "ipFamilies": ["IPv4"],
      "ipFamilyPolicy": "SingleStack", "sessionAffinity": "None", "type": "ClusterIP",
    ],
    "status": ["loadBalancer": .object(JSONObject())],
  ]

  /// `nil` where there is no such kind.
  static func find(group: String, version: String, plural: String) -> FixedResource? {
    version == "v1" ? all.first { $0.group == group && $0.plural == plural } : nil
  }

  /// `deployments.apps`
  var qualifiedPlural: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// An object with its kind, as it stands alone.
  func whole(_ object: JSONValue) -> JSONValue {
    .object(
      JSONObject(
        [.init(name: "kind", value: .string(kind)), .init(name: "apiVersion", value: .string(groupVersion))]
          + (object.object?.members ?? [])))
  }
}
