internal import KubeModel

/// Looks at what is to be applied as Kubernetes does before all else (structured-merge-diff, typed): each field has to
/// be one that its kind has, and of its type, and no two elements of a list may be the same one.
struct TypedDocument {
  /// What a value has to be.
  private enum Expected {
    case model(ModelSchema)
    case kept(FieldTypes.FieldType)
  }

  private var complaints: [String] = []

  /// 500, as Kubernetes answers; none where the kind is shown in another form than it is stored in.
  static func check(_ document: JSONValue, _ resource: Resource) throws(StatusError) {
    guard resource.conversion == nil, document.object != nil else { return }
    var checker = TypedDocument()
    checker.look(at: document, .model(.object(Schemas.type(resource.kind))), "")
    guard !checker.complaints.isEmpty else { return }
    let metadata = document["metadata"]
    let title =
      "\(metadata?["namespace"]?.string ?? "")/\(metadata?["name"]?.string ?? ""); \(resource.group)/"
      + "\(resource.version), Kind=\(resource.kind.rawValue)"
    let text =
      checker.complaints.count == 1
      ? checker.complaints[0] : (["errors:"] + checker.complaints.map { "  " + $0 }).joined(separator: "\n")
    throw StatusError(code: 500, reason: "", message: "failed to create typed patch object (\(title)): \(text)")
  }

  private mutating func complain(_ path: String, _ text: String) {
    complaints.append(path.isEmpty ? text : "\(path): \(text)")
  }

  private mutating func look(at value: JSONValue, _ expected: Expected, _ path: String) {
    if case .null = value { return }
    switch expected {
    case .model(let schema): look(at: value, schema, path)
    case .kept(let type): look(at: value, type, path)
    }
  }

  private mutating func look(at value: JSONValue, _ schema: ModelSchema, _ path: String) {
    switch schema {
    case .string, .dateTime: expectText(value, path)
    case .quantity: expectScalar(value, path)
    case .boolean: expectBoolean(value, path)
    case .integer: expectNumber(value, path)
    case .map(let element): lookIntoMap(value, .model(element), path)
    case .list(let element): lookIntoList(value, .model(element), nil, path)
    case .object(let type): lookIntoStruct(value, type.goName, type.fields, path)
    case .any: break
    }
  }

  private mutating func look(at value: JSONValue, _ type: FieldTypes.FieldType, _ path: String) {
    switch type {
    case .text, .bytes, .time, .microTime: expectText(value, path)
    case .quantity, .intOrString: expectScalar(value, path)
    case .boolean: expectBoolean(value, path)
    case .integer: expectNumber(value, path)
    case .map(let element): lookIntoMap(value, .kept(element), path)
    case .list(let element): lookIntoList(value, .kept(element), nil, path)
    case .object(let goName): lookIntoStruct(value, goName, [], path)
    case .any: break
    }
  }

  // MARK: What holds others

  /// - Parameter fields: what the struct's model lists; more of it is in the types that are kept as they stand.
  private mutating func lookIntoStruct(
    _ value: JSONValue, _ goName: String, _ fields: [FieldSchema], _ path: String
  ) {
    guard let object = value.object else { return complain(path, "expected map, got \(value.inGo)") }
    for member in object.members {
      let place = "\(path).\(member.name)"
      guard let expected = TypedDocument.expected(member.name, in: goName, fields) else {
        complain(place, "field not declared in schema")
        continue
      }
      guard let keys = TypedDocument.keys["\(goName).\(member.name)"] else {
        look(at: member.value, expected, place)
        continue
      }
      switch expected {
      case .model(.list(let element)): lookIntoList(member.value, .model(element), keys, place)
      case .kept(.list(let element)): lookIntoList(member.value, .kept(element), keys, place)
      default: look(at: member.value, expected, place)
      }
    }
  }

  private static func expected(_ name: String, in goName: String, _ fields: [FieldSchema]) -> Expected? {
    let known = fields.first { $0.name == name }
    if let known, !known.schema.isKept { return .model(known.schema) }
    if name == "volumes", known != nil { return .kept(.list(.object("Volume"))) }
    if let type = FieldTypes.kubernetes.type(of: name, in: goName) { return .kept(type) }
    if FieldTypes.isLeftOut(name, in: goName) { return .model(.any) }
    return known.map { .model($0.schema) }
  }

  private mutating func lookIntoMap(_ value: JSONValue, _ element: Expected, _ path: String) {
    guard let object = value.object else { return complain(path, "expected map, got \(value.inGo)") }
    for member in object.members { look(at: member.value, element, "\(path).\(member.name)") }
  }

  /// - Parameter keys: what tells the elements apart; nothing for a set, `nil` for a list that is replaced as a whole.
  private mutating func lookIntoList(_ value: JSONValue, _ element: Expected, _ keys: [String]?, _ path: String) {
    guard case .array(let elements) = value else {
      if case .null = value { return }
      return complain(path, "expected list, got \(value.inGo)")
    }
    var seen = Set<String>()
    for (index, item) in elements.enumerated() {
      var step = "[\(index)]"
      if let keys {
        if keys.isEmpty {
          step = "[=\(item.compactJSON)]"
        } else if let identity = ListKeys.identity(of: item, keys) {
          step = ListKeys.text(keys, identity)
        } else {
          let missing = keys.first { item[$0] == nil } ?? ""
          complain(
            path,
            "element \(index): associative list with keys has an element that omits key field \(goQuoted(missing)) "
              + "(and doesn't have default value)")
          return
        }
        if !seen.insert(step).inserted { complain(path, "duplicate entries for key \(step)") }
      }
      look(at: item, element, path + step)
    }
  }

  /// The lists whose elements are told apart, by struct and field (Kubernetes' OpenAPI document: x-kubernetes-list-type,
  /// x-kubernetes-list-map-keys).
  private static let keys: [String: [String]] = [
    "Container.env": ["name"], "Container.ports": ["containerPort", "protocol"],
    "Container.volumeDevices": ["devicePath"], "Container.volumeMounts": ["mountPath"],
    "ContainerRestartRuleOnExitCodes.values": [], "EphemeralContainer.env": ["name"],
    "EphemeralContainer.ports": ["containerPort", "protocol"], "EphemeralContainer.volumeDevices": ["devicePath"],
    "EphemeralContainer.volumeMounts": ["mountPath"], "NamespaceStatus.conditions": ["type"],
    "NodeSpec.podCIDRs": [], "NodeStatus.addresses": ["type"], "NodeStatus.conditions": ["type"],
    "ObjectMeta.finalizers": [], "ObjectMeta.ownerReferences": ["uid"],
    "PodFailurePolicyOnExitCodesRequirement.values": [], "PodSpec.containers": ["name"],
    "PodSpec.ephemeralContainers": ["name"], "PodSpec.hostAliases": ["ip"], "PodSpec.imagePullSecrets": ["name"],
    "PodSpec.initContainers": ["name"], "PodSpec.resourceClaims": ["name"], "PodSpec.schedulingGates": ["name"],
    "PodSpec.topologySpreadConstraints": ["topologyKey", "whenUnsatisfiable"], "PodSpec.volumes": ["name"],
    "PodStatus.conditions": ["type"], "PodStatus.podIPs": ["ip"], "ResourceRequirements.claims": ["name"],
    "ServiceAccount.secrets": ["name"], "UncountedTerminatedPods.failed": [], "UncountedTerminatedPods.succeeded": [],
  ]

  // MARK: Scalars, in the words of Go's formats

  private mutating func expectText(_ value: JSONValue, _ path: String) {
    guard value.string == nil else { return }
    complain(path, "expected string, got &value.valueUnstructured{Value:\(value.inGoSource)}")
  }

  private mutating func expectNumber(_ value: JSONValue, _ path: String) {
    switch value {
    case .int, .double: break
    default: complain(path, "expected numeric (int or float), got \(value.goType)")
    }
  }

  private mutating func expectBoolean(_ value: JSONValue, _ path: String) {
    if case .bool = value { return }
    complain(path, "expected boolean, got \(value.inGo)")
  }

  private mutating func expectScalar(_ value: JSONValue, _ path: String) {
    if value.object != nil || value.array != nil { complain(path, "expected any scalar, got \(value.inGo)") }
  }
}

extension JSONValue {
  /// As Go's `%v` prints the holder of a value: `&{map[a:1]}`.
  fileprivate var inGo: String { "&{\(plainGo)}" }

  private var plainGo: String {
    switch self {
    case .null: "<nil>"
    case .string(let text): text
    case .array(let values): "[\(values.map(\.plainGo).joined(separator: " "))]"
    case .object(let object):
      "map[\(object.members.sorted { $0.name < $1.name }.map { "\($0.name):\($0.value.plainGo)" }.joined(separator: " "))]"
    default: compactJSON
    }
  }

  /// As Go's `%#v` prints it.
  fileprivate var inGoSource: String {
    switch self {
    case .null: "interface {}(nil)"
    case .string(let text): goQuoted(text)
    case .array(let values): "[]interface {}{\(values.map(\.inGoSource).joined(separator: ", "))}"
    case .object(let object):
      "map[string]interface {}{"
        + object.members.sorted { $0.name < $1.name }.map { "\(goQuoted($0.name)):\($0.value.inGoSource)" }
        .joined(separator: ", ") + "}"
    default: compactJSON
    }
  }

  /// The type that Go's decoder gives it.
  fileprivate var goType: String {
    switch self {
    case .null: "<nil>"
    case .bool: "bool"
    case .int: "int64"
    case .double: "float64"
    case .string: "string"
    case .array: "[]interface {}"
    case .object: "map[string]interface {}"
    }
  }
}
