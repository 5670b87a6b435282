/// The types of fields that the models keep as they stand, and of all that is in them: what a client sends there has to
/// be of the right types as everywhere else, or no program that knows the types could read the object back.
public struct FieldTypes: Sendable {
  /// What a field holds.
  public indirect enum FieldType: Hashable, Sendable {
    /// Text; Go's name for the type where it has one of its own.
    case text(goType: String)
    case boolean, bytes, quantity, intOrString, time, microTime
    /// Whatever stands there.
    case any
    /// An integer of 32 or 64 bits.
    case integer(bits: Int)
    /// A struct, by its name.
    case object(String)
    case list(FieldType)
    /// Members by any name, all alike.
    case map(FieldType)
  }

  /// A field of a struct.
  public struct Field: Hashable, Sendable {
    /// The member's name in JSON.
    public var name: String
    /// What it holds.
    public var type: FieldType
  }

  /// By struct; its fields in alphabetical order.
  private let structs: [String: [Field]]

  /// Those of Kubernetes 1.36.
  public static let kubernetes = FieldTypes(text)

  /// The fields of a struct that are known here; none of one that is not.
  public func fields(of name: String) -> [Field] { structs[name] ?? [] }

  /// What a struct's field holds; `nil` where it is not known here.
  public func type(of field: String, in name: String) -> FieldType? {
    structs[name]?.first { $0.name == field }?.type
  }

  /// Fields that Kubernetes has and nothing here keeps: a pod that comes from another cluster brings them along.
  private static let leftOut: [String: Set<String>] = [
    "ContainerStatus": ["allocatedResourcesStatus", "stopSignal", "user", "volumeMounts"],
    "NodeSpec": ["externalID"],
    "PodStatus": [
      "allocatedResources", "ephemeralContainerStatuses", "extendedResourceClaimStatus",
      "nodeAllocatableResourceClaimStatuses", "resize", "resourceClaimStatuses", "resources",
    ],
  ]

  /// Whether a struct of Kubernetes' has a field that is dropped here without a word.
  public static func isLeftOut(_ field: String, in name: String) -> Bool { leftOut[name]?.contains(field) == true }

  private init(_ text: String) {
    var structs: [String: [Field]] = [:]
    var current = ""
    for line in text.split(separator: "\n") {
      var words = line.split(separator: " ")[...]
      if !line.hasPrefix("  "), let name = words.popFirst() { current = String(name) }
      structs[current, default: []] += words.map {
        let sides = $0.split(separator: ":", maxSplits: 1)
        return Field(name: String(sides[0]), type: FieldTypes.type(sides[1]))
      }
    }
    self.structs = structs
  }

  private static func type(_ text: Substring) -> FieldType {
    if text.last == "*" { return .list(type(text.dropLast())) }
    if text.last == "%" { return .map(type(text.dropLast())) }
    switch text {
    case "any": return .any
    case "bool": return .boolean
    case "bytes": return .bytes
    case "int32": return .integer(bits: 32)
    case "int64": return .integer(bits: 64)
    case "intOrString": return .intOrString
    case "microTime": return .microTime
    case "quantity": return .quantity
    case "string": return .text(goType: "string")
    case "time": return .time
    default:
      return text.hasPrefix("string/") ? .text(goType: String(text.dropFirst("string/".count))) : .object(String(text))
    }
  }
}

extension FieldTypes.FieldType {
  /// What Go calls the type in an error.
  var goType: String {
    switch self {
    case .text(let goType): goType
    case .boolean: "bool"
    case .bytes: "[]uint8"
    case .quantity: "resource.Quantity"
    case .intOrString: "intstr.IntOrString"
    case .time: "v1.Time"
    case .microTime: "v1.MicroTime"
    case .any: "interface {}"
    case .integer(let bits): "int\(bits)"
    case .object(let name): "v1.\(name)"
    case .list(let element): "[]\(element.goType)"
    case .map(.quantity): "v1.ResourceList"
    case .map(let value): "map[string]\(value.goType)"
    }
  }
}
