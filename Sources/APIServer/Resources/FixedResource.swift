internal import KubeModel

/// A kind of which a jobdeck cluster always has the same objects, mostly none: programs for clusters read such lists
/// before they do anything else (Kubernetes' own end-to-end tests wait for the replica sets of kube-system, and want to
/// know the address family of the service `kubernetes`), and give up where there is no such kind.
///
/// They can be read, listed and watched. Discovery tells of those that clients look for by name (`kubectl get svc`,
/// `kubectl cluster-info`, `kubectl apply --prune`), and that nothing else can be done with them.
struct FixedResource: Sendable {
  var group = ""
  var plural: String
  var kind: String
  var shortNames: [String] = []
  var isNamespaced = true
  /// Whether discovery tells of it.
  var isTold = true
  var objects: [JSONValue] = []
  /// What `kubectl get` shows of an object.
  var columns = [FixedColumn.name, .age]

  static let verbs = ["get", "list", "watch"]

  var groupVersion: String { group.isEmpty ? "v1" : "\(group)/v1" }

  static let all = [
    FixedResource(plural: "endpoints", kind: "Endpoints", shortNames: ["ep"]),
    // kubectl shows what limits a namespace where it describes it.
    FixedResource(plural: "limitranges", kind: "LimitRange", shortNames: ["limits"], isTold: false),
    FixedResource(plural: "resourcequotas", kind: "ResourceQuota", shortNames: ["quota"], isTold: false),
    FixedResource(plural: "persistentvolumeclaims", kind: "PersistentVolumeClaim", shortNames: ["pvc"]),
    FixedResource(
      plural: "persistentvolumes", kind: "PersistentVolume", shortNames: ["pv"], isNamespaced: false),
    FixedResource(plural: "replicationcontrollers", kind: "ReplicationController", shortNames: ["rc"]),
    FixedResource(
      plural: "services", kind: "Service", shortNames: ["svc"], objects: [kubernetes],
      columns: FixedColumn.ofServices),
    FixedResource(group: "apps", plural: "daemonsets", kind: "DaemonSet", shortNames: ["ds"]),
    FixedResource(group: "apps", plural: "deployments", kind: "Deployment", shortNames: ["deploy"]),
    FixedResource(group: "apps", plural: "replicasets", kind: "ReplicaSet", shortNames: ["rs"]),
    FixedResource(group: "apps", plural: "statefulsets", kind: "StatefulSet", shortNames: ["sts"]),
    FixedResource(
      group: "networking.k8s.io", plural: "ingresses", kind: "Ingress", shortNames: ["ing"]),
    // kubectl looks here before it says of a kind that the server lacks it.
    FixedResource(
      group: "apiextensions.k8s.io", plural: "customresourcedefinitions", kind: "CustomResourceDefinition",
      isNamespaced: false, isTold: false),
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
