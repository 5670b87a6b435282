import KubeModel
import Testing

/// The API server's refusals of objects, field by field.
struct RuleTests {
  private static func read(_ kind: Kind, _ text: String) throws -> KubeObject {
    let header = "apiVersion: \(kind.apiVersion)\nkind: \(kind.rawValue)\n"
    var object = try Manifest.read(Array((header + text).utf8), file: "test.yaml")[0].object
    if kind.isNamespaced { object.metadata.namespace = "default" }
    object.applyDefaults()
    return object
  }

  private static func errors(_ kind: Kind, _ text: String) throws -> [String] {
    try read(kind, text).validate().map(\.description)
  }

  private static func changes(_ kind: Kind, _ old: String, _ new: String) throws -> [String] {
    try read(kind, new).validateUpdate(from: read(kind, old)).map(\.description)
  }

  static let created: [(kind: Kind, text: String, errors: [String])] = [
    (.configMap, "metadata: {name: a}\ndata: {ok.key_1: x}", []),
    (
      .configMap, "metadata: {name: a}\ndata: {a/b: x, ..c: z}",
      [
        "data[..c]: Invalid value: \"..c\": must not start with '..'",
        "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or "
          + "'.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ]
    ),
    (
      .configMap, "metadata: {name: a}\ndata: {k: x}\nbinaryData: {k: eA==}",
      ["data[k]: Invalid value: \"k\": duplicate of key present in binaryData"]
    ),
    (.secret, "metadata: {name: a}\nstringData: {k: x}", []),
    (
      .secret, "metadata: {name: a}\ntype: kubernetes.io/tls\nstringData: {tls.crt: x}",
      ["data[tls.key]: Required value"]
    ),
    (.secret, "metadata: {name: a}\ntype: kubernetes.io/basic-auth\nstringData: {username: x}", []),
    (
      .secret, "metadata: {name: a}\ntype: kubernetes.io/basic-auth",
      ["data[username]: Required value", "data[password]: Required value"]
    ),
    (
      .secret, "metadata: {name: a}\ntype: kubernetes.io/ssh-auth\nstringData: {ssh-privatekey: \"\"}",
      ["data[ssh-privatekey]: Required value"]
    ),
    (
      .secret, "metadata: {name: a}\ntype: kubernetes.io/dockerconfigjson",
      ["data[.dockerconfigjson]: Required value"]
    ),
    (
      .secret, "metadata: {name: a}\ntype: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: \"{}\"}", []
    ),
    (
      .secret, "metadata: {name: a}\ntype: kubernetes.io/service-account-token",
      ["metadata.annotations[kubernetes.io/service-account.name]: Required value"]
    ),
    (.priorityClass, "metadata: {name: a}\nvalue: 1000000000", []),
    (
      .priorityClass, "metadata: {name: a}\nvalue: 1000000001",
      ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"]
    ),
    (
      .priorityClass, "metadata: {name: system-a}\nvalue: 1",
      [
        "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: "
          + "system-a is not a known system priority class"
      ]
    ),
    (
      .priorityClass, "metadata: {name: system-node-critical}\nvalue: 1",
      [
        "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: "
          + "value of system-node-critical PriorityClass must be 2000001000"
      ]
    ),
    (.priorityClass, "metadata: {name: system-node-critical}\nvalue: 2000001000", []),
    (
      .priorityClass, "metadata: {name: a}\nvalue: 1\npreemptionPolicy: Sometimes",
      ["preemptionPolicy: Unsupported value: \"Sometimes\": supported values: \"Never\", \"PreemptLowerPriority\""]
    ),
    (
      .node, "metadata: {name: a}\nspec: {taints: [{key: k, effect: NoSchedule}, {key: k, effect: NoSchedule}]}",
      [
        "spec.taints[1]: Duplicate value: {\"Key\":\"k\",\"Value\":\"\",\"Effect\":\"NoSchedule\",\"TimeAdded\":null}: "
          + "taints must be unique by key and effect pair"
      ]
    ),
    (
      .node, "metadata: {name: a}\nspec: {taints: [{key: k, effect: Never}]}",
      [
        "spec.taints[0].effect: Unsupported value: \"Never\": supported values: \"NoSchedule\", \"PreferNoSchedule\", "
          + "\"NoExecute\""
      ]
    ),
    (
      .namespace, "metadata: {name: a.b}",
      ["metadata.name: Invalid value: \"a.b\": must not contain dots"]
    ),
    (
      .configMap, "metadata: {name: a, ownerReferences: [{apiVersion: \"\", kind: \"\", name: \"\", uid: \"\"}]}",
      [
        "metadata.ownerReferences.apiVersion: Invalid value: \"\": version must not be empty",
        "metadata.ownerReferences.kind: Invalid value: \"\": must not be empty",
        "metadata.ownerReferences.name: Invalid value: \"\": must not be empty",
        "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty",
      ]
    ),
    (
      .configMap, "metadata: {name: a, ownerReferences: [{apiVersion: v1, kind: Event, name: e, uid: u}]}",
      [
        "metadata.ownerReferences: Invalid value: "
          + "{\"apiVersion\":\"v1\",\"kind\":\"Event\",\"name\":\"e\",\"uid\":\"u\"}: "
          + "/v1, Kind=Event is disallowed from being an owner"
      ]
    ),
    (
      .configMap, "metadata: {name: a, finalizers: [orphan, foregroundDeletion]}",
      [
        "metadata.finalizers: Invalid value: [\"orphan\",\"foregroundDeletion\"]: finalizer orphan and "
          + "foregroundDeletion cannot be both set"
      ]
    ),
    (
      .configMap, "metadata: {name: a, finalizers: [mine]}",
      [
        "metadata.finalizers[0]: Invalid value: \"mine\": name is neither a standard finalizer name nor is it fully "
          + "qualified"
      ]
    ),
    (
      .configMap, "metadata: {name: a, labels: {k: \"-x\"}}",
      [
        "metadata.labels: Invalid value: \"-x\": a valid label must be an empty string or consist of alphanumeric "
          + "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
          + "'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
      ]
    ),
  ]

  @Test(arguments: created.indices) func newObjects(_ index: Int) throws {
    let (kind, text, errors) = RuleTests.created[index]
    #expect(try RuleTests.errors(kind, text) == errors)
  }

  private static func pod(
    _ more: String = "", image: String = "one", tolerations: String = "{key: a, operator: Exists}"
  )
    -> String
  {
    "metadata: {name: a}\nspec: {\(more.isEmpty ? "" : "\(more), ")restartPolicy: Never, tolerations: "
      + "[\(tolerations)], containers: [{name: main, image: \(image)}]}"
  }
  private static let otherFields =
    "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
    + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
    + "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

  static let updated: [(kind: Kind, old: String, new: String, errors: [String])] = [
    (.pod, pod(), pod(image: "two"), []),
    (.pod, pod(), pod(tolerations: "{key: a, operator: Exists}, {key: b, operator: Exists}"), []),
    (
      .pod, pod(), pod(tolerations: "{key: b, operator: Exists}"),
      ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"]
    ),
    (.pod, pod(), pod("hostname: other"), [otherFields]),
    (.pod, pod(), pod("activeDeadlineSeconds: 5"), []),
    (.pod, pod("activeDeadlineSeconds: 5"), pod("activeDeadlineSeconds: 4"), []),
    (
      .pod, pod("activeDeadlineSeconds: 5"), pod("activeDeadlineSeconds: 6"),
      ["spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value"]
    ),
    (
      .pod, pod("activeDeadlineSeconds: 5"), pod(),
      ["spec.activeDeadlineSeconds: Invalid value: \"null\": must not update from a positive integer to nil value"]
    ),
    (.pod, pod("schedulingGates: [{name: a}]"), pod(), []),
    (
      .pod, pod("schedulingGates: [{name: a}]"), pod("schedulingGates: [{name: a}, {name: b}]"),
      ["spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'"]
    ),
    (
      .pod, pod("schedulingGates: [{name: a}], nodeSelector: {x: v}"),
      pod("schedulingGates: [{name: a}], nodeSelector: {x: v, z: w}"), []
    ),
    (
      .pod, pod("schedulingGates: [{name: a}], nodeSelector: {x: v}"),
      pod("schedulingGates: [{name: a}], nodeSelector: {z: w}"),
      [
        "spec.nodeSelector: Invalid value: {\"z\":\"w\"}: only additions to spec.nodeSelector are allowed (no "
          + "mutations or deletions)"
      ]
    ),
    (
      .configMap, "metadata: {name: a}\nimmutable: true\ndata: {k: x}", "metadata: {name: a}\ndata: {k: z}",
      [
        "immutable: Forbidden: field is immutable when `immutable` is set",
        "data: Forbidden: field is immutable when `immutable` is set",
      ]
    ),
    (
      .secret, "metadata: {name: a}\ntype: one", "metadata: {name: a}\ntype: two",
      ["type: Invalid value: \"two\": field is immutable"]
    ),
    (
      .priorityClass, "metadata: {name: a}\nvalue: 1", "metadata: {name: a}\nvalue: 2",
      ["value: Forbidden: may not be changed in an update."]
    ),
    (
      .node, "metadata: {name: a}\nspec: {providerID: x, podCIDR: 10.0.0.0/24}",
      "metadata: {name: a}\nspec: {providerID: q, podCIDR: 10.0.1.0/24}",
      [
        "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid",
        "spec.providerID: Forbidden: node updates may not change providerID except from \"\" to valid",
      ]
    ),
    (.node, "metadata: {name: a}", "metadata: {name: a}\nspec: {providerID: q, unschedulable: true}", []),
  ]

  @Test(arguments: updated.indices) func changedObjects(_ index: Int) throws {
    let (kind, old, new, errors) = RuleTests.updated[index]
    #expect(try RuleTests.changes(kind, old, new) == errors)
  }

  @Test func sizes() {
    var map = ConfigMap()
    map.metadata = ObjectMeta(name: "a", namespace: "default")
    map.data["k"] = String(repeating: "x", count: 1_048_576)
    #expect(map.validate() == [])
    map.binaryData["b"] = base64Encoded([1])
    #expect(map.validate().map(\.description) == ["[]: Too long: may not be more than 1048576 bytes"])
    var secret = Secret()
    secret.metadata = ObjectMeta(name: "a", namespace: "default")
    secret.data["k"] = base64Encoded([UInt8](repeating: 1, count: 1_048_576))
    #expect(secret.validate() == [])
    secret.data["k"] = base64Encoded([UInt8](repeating: 1, count: 1_048_577))
    #expect(secret.validate().map(\.description) == ["data: Too long: may not be more than 1048576 bytes"])
    map = ConfigMap()
    map.metadata = ObjectMeta(name: "a", namespace: "default")
    map.metadata.annotations["key"] = String(repeating: "x", count: 262_144)
    #expect(
      map.validate().map(\.description) == ["metadata.annotations: Too long: may not be more than 262144 bytes"])
  }
}
