internal import KubeModel

/// The schemas of a document, each type once.
struct Schemas {
  private(set) var members: [JSONObject.Member] = []
  private var known: Set<String> = []

  /// Adds a resource's own type and all that it is made of.
  mutating func add(_ resource: Resource) {
    let name = Schemas.name(resource)
    if resource.conversion != nil {
      // Only its name is told of a kind that is shown in another form.
      members.append(
        .init(
          name: name,
          value: ["type": "object", "x-kubernetes-group-version-kind": [Schemas.identity(resource)]]))
      return
    }
    add(Schemas.type(resource.kind), name: name, identity: Schemas.identity(resource))
  }

  private mutating func add(_ type: any ObjectModel.Type, name: String, identity: JSONValue? = nil) {
    guard known.insert(name).inserted else { return }
    let fields = type.fields
    var properties: [JSONObject.Member] = []
    for field in fields { properties.append(.init(name: field.name, value: property(field, of: type.goName))) }
    var schema = JSONObject([.init(name: "type", value: "object")])
    schema["description"] = Descriptions.of(type: type.goName).map { .string($0) }
    // A client may leave out what the server fills in.
    let given = fields.filter { $0.isRequired && !Schemas.filledIn.contains($0.name) }.map { JSONValue.string($0.name) }
    if !given.isEmpty, identity == nil { schema["required"] = .array(given) }
    schema["properties"] = .object(JSONObject(properties))
    if let identity { schema["x-kubernetes-group-version-kind"] = [identity] }
    members.append(.init(name: name, value: .object(schema)))
  }

  private static let filledIn: Set<String> = ["metadata", "spec", "status", "template", "resources"]

  private mutating func property(_ field: FieldSchema, of type: String) -> JSONValue {
    // What the model keeps as it stands is described by the types that it has to have.
    let kept = field.schema.isKept ? FieldTypes.kubernetes.type(of: field.name, in: type) : nil
    guard var schema = (kept.map { self.schema($0) } ?? self.schema(field.schema)).object else {
      return .object(JSONObject())
    }
    schema["description"] = Descriptions.of(field: field.name, in: type).map { .string($0) }
    // How clients are to merge a list: as the server does.
    if schema["type"] == "array", let key = StrategicMerge.keys[field.name] {
      schema["x-kubernetes-patch-strategy"] = "merge"
      if !key.isEmpty { schema["x-kubernetes-patch-merge-key"] = .string(key) }
    }
    return .object(schema)
  }

  private mutating func schema(_ schema: ModelSchema) -> JSONValue {
    switch schema {
    case .string: return ["type": "string"]
    case .dateTime: return ["type": "string", "format": "date-time"]
    case .quantity: return ["oneOf": [["type": "string"], ["type": "number"]]]
    case .boolean: return ["type": "boolean"]
    case .integer(let bits): return ["type": "integer", "format": .string("int\(bits)")]
    case .map(let value): return ["type": "object", "additionalProperties": self.schema(value)]
    case .list(let element): return ["type": "array", "items": self.schema(element)]
    case .object(let type):
      let name = Schemas.name(type)
      add(type, name: name)
      return ["allOf": [Schemas.reference(name)]]
    case .any: return ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
    }
  }

  // MARK: Types without a model

  private mutating func schema(_ type: FieldTypes.FieldType) -> JSONValue {
    switch type {
    case .text: return ["type": "string"]
    case .bytes: return ["type": "string", "format": "byte"]
    case .time, .microTime: return ["type": "string", "format": "date-time"]
    case .quantity: return ["oneOf": [["type": "string"], ["type": "number"]]]
    case .intOrString: return ["format": "int-or-string", "oneOf": [["type": "integer"], ["type": "string"]]]
    case .boolean: return ["type": "boolean"]
    case .integer(let bits): return ["type": "integer", "format": .string("int\(bits)")]
    case .map(let value): return ["type": "object", "additionalProperties": schema(value)]
    case .list(let element): return ["type": "array", "items": schema(element)]
    case .any: return ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
    case .object(let goName):
      let name = Schemas.name(goName)
      add(goName, name: name)
      return ["allOf": [Schemas.reference(name)]]
    }
  }

  private mutating func add(_ goName: String, name: String) {
    guard known.insert(name).inserted else { return }
    var properties: [JSONObject.Member] = []
    for field in FieldTypes.kubernetes.fields(of: goName) {
      guard var schema = schema(field.type).object else { continue }
      schema["description"] = Descriptions.of(field: field.name, in: goName).map { .string($0) }
      properties.append(.init(name: field.name, value: .object(schema)))
    }
    var schema = JSONObject([.init(name: "type", value: "object")])
    schema["description"] = Descriptions.of(type: goName).map { .string($0) }
    schema["properties"] = .object(JSONObject(properties))
    members.append(.init(name: name, value: .object(schema)))
  }

  // MARK: Names

  static func name(_ resource: Resource) -> String {
    "io.k8s.api.\(resource.group.isEmpty ? "core" : resource.group.split(separator: ".")[0]).\(resource.version)."
      + resource.kind.rawValue
  }

  private static func name(_ type: any ObjectModel.Type) -> String { name(type.goName) }

  private static func name(_ name: String) -> String {
    if ["ObjectMeta", "OwnerReference", "LabelSelector", "LabelSelectorRequirement"].contains(name) {
      return "io.k8s.apimachinery.pkg.apis.meta.v1.\(name)"
    }
    let isBatch = ["Job", "CronJob", "PodFailurePolicy", "SuccessPolicy", "Uncounted"].contains { name.hasPrefix($0) }
    let group = isBatch ? "batch" : name.hasPrefix("Lease") ? "coordination" : "core"
    return "io.k8s.api.\(group).v1.\(name)"
  }

  static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

  static func identity(_ resource: Resource) -> JSONValue {
    [
      "group": .string(resource.group), "kind": .string(resource.kind.rawValue),
      "version": .string(resource.version),
    ]
  }

  static func type(_ kind: Kind) -> any ObjectModel.Type {
    switch kind {
    case .configMap: ConfigMap.self
    case .cronJob: CronJob.self
    case .event: Event.self
    case .job: Job.self
    case .lease: Lease.self
    case .namespace: Namespace.self
    case .node: Node.self
    case .pod: Pod.self
    case .priorityClass: PriorityClass.self
    case .secret: Secret.self
    case .serviceAccount: ServiceAccount.self
    }
  }
}

extension ModelSchema {
  /// Whether it says nothing of what stands there.
  var isKept: Bool {
    switch self {
    case .any: true
    case .list(let element): element.isKept
    default: false
    }
  }
}
