/// One container of a pod: a program with its arguments and surroundings.
public struct Container: ObjectModel {
  public static let goName = "Container"

  public var args: [String] = []
  public var command: [String] = []
  public var env: [EnvVar] = []
  public var envFrom: [EnvFromSource] = []
  public var image = ""
  public var imagePullPolicy = ""
  public var lifecycle: JSONValue?
  public var livenessProbe: JSONValue?
  public var name = ""
  public var ports: JSONValue?
  public var readinessProbe: JSONValue?
  public var resizePolicy: JSONValue?
  public var resources = ResourceRequirements()
  /// `Always` makes an init container a sidecar.
  public var restartPolicy: String?
  public var restartPolicyRules: JSONValue?
  public var securityContext: JSONValue?
  public var startupProbe: JSONValue?
  public var stdin = false
  public var stdinOnce = false
  public var terminationMessagePath = ""
  public var terminationMessagePolicy = ""
  public var tty = false
  public var volumeDevices: JSONValue?
  public var volumeMounts: [VolumeMount] = []
  public var workingDir = ""

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("args", &args)
    v.field("command", &command)
    v.field("env", &env)
    v.field("envFrom", &envFrom)
    v.field("image", &image)
    v.field("imagePullPolicy", &imagePullPolicy)
    v.field("lifecycle", &lifecycle)
    v.field("livenessProbe", &livenessProbe)
    v.required("name", &name)
    v.field("ports", &ports)
    v.field("readinessProbe", &readinessProbe)
    v.field("resizePolicy", &resizePolicy)
    v.required("resources", &resources)
    v.field("restartPolicy", &restartPolicy)
    v.field("restartPolicyRules", &restartPolicyRules)
    v.field("securityContext", &securityContext)
    v.field("startupProbe", &startupProbe)
    v.field("stdin", &stdin)
    v.field("stdinOnce", &stdinOnce)
    v.field("terminationMessagePath", &terminationMessagePath)
    v.field("terminationMessagePolicy", &terminationMessagePolicy)
    v.field("tty", &tty)
    v.field("volumeDevices", &volumeDevices)
    v.field("volumeMounts", &volumeMounts)
    v.field("workingDir", &workingDir)
  }
}

public struct EnvVar: ObjectModel {
  public static let goName = "EnvVar"
  public var name = ""
  public var value = ""
  public var valueFrom: EnvVarSource?
  public init() {}
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("name", &name)
    v.field("value", &value)
    v.field("valueFrom", &valueFrom)
  }
}

public struct EnvVarSource: ObjectModel {
  public static let goName = "EnvVarSource"
  public var configMapKeyRef: KeySelector?
  public var fieldRef: FieldSelector?
  public var fileKeyRef: JSONValue?
  public var resourceFieldRef: ResourceFieldSelector?
  public var secretKeyRef: KeySelector?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("configMapKeyRef", &configMapKeyRef)
    v.field("fieldRef", &fieldRef)
    v.field("fileKeyRef", &fileKeyRef)
    v.field("resourceFieldRef", &resourceFieldRef)
    v.field("secretKeyRef", &secretKeyRef)
  }
}

/// One key of a ConfigMap or a Secret.
public struct KeySelector: ObjectModel {
  public static let goName = "KeySelector"
  public var key = ""
  public var name = ""
  public var optional: Bool?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("key", &key)
    v.field("name", &name)
    v.field("optional", &optional)
  }
}

public struct FieldSelector: ObjectModel {
  public static let goName = "ObjectFieldSelector"
  public var apiVersion = ""
  public var fieldPath = ""
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("apiVersion", &apiVersion)
    v.required("fieldPath", &fieldPath)
  }
}

public struct ResourceFieldSelector: ObjectModel {
  public static let goName = "ResourceFieldSelector"
  public var containerName = ""
  public var divisor: Quantity?
  public var resource = ""
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("containerName", &containerName)
    v.field("divisor", &divisor)
    v.required("resource", &resource)
  }
}

public struct EnvFromSource: ObjectModel {
  public static let goName = "EnvFromSource"
  public var configMapRef: Reference?
  public var prefix = ""
  public var secretRef: Reference?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("configMapRef", &configMapRef)
    v.field("prefix", &prefix)
    v.field("secretRef", &secretRef)
  }

  public struct Reference: ObjectModel {
    public static let goName = "EnvSource"
    public var name = ""
    public var optional: Bool?
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("name", &name)
      v.field("optional", &optional)
    }
  }
}

public struct ResourceRequirements: ObjectModel {
  public static let goName = "ResourceRequirements"
  public var claims: JSONValue?
  public var limits: ResourceList?
  public var requests: ResourceList?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("claims", &claims)
    v.field("limits", &limits)
    v.field("requests", &requests)
  }
}

public struct VolumeMount: ObjectModel {
  public static let goName = "VolumeMount"
  public var mountPath = ""
  public var mountPropagation: String?
  public var name = ""
  public var readOnly = false
  public var recursiveReadOnly: String?
  public var subPath = ""
  public var subPathExpr = ""
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("mountPath", &mountPath)
    v.field("mountPropagation", &mountPropagation)
    v.required("name", &name)
    v.field("readOnly", &readOnly)
    v.field("recursiveReadOnly", &recursiveReadOnly)
    v.field("subPath", &subPath)
    v.field("subPathExpr", &subPathExpr)
  }
}

/// A volume: its name and, as it stands in the manifest, its source.
public struct Volume: Model {
  public var name = ""
  /// All members but `name`: one source, such as `emptyDir`.
  public var source = JSONObject()

  public init() {}

  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> Volume? {
    guard case .object(var object) = json else {
      decoder.mismatch(json, goType: "v1.Volume")
      return nil
    }
    var volume = Volume()
    volume.name = object["name"]?.string ?? ""
    object["name"] = nil
    volume.source = object
    return volume
  }

  public func encode(to writer: inout JSONWriter) {
    var members = source.members + [.init(name: "name", value: .string(name))]
    members.sort { $0.name < $1.name }
    JSONValue.object(JSONObject(members)).encode(to: &writer)
  }
}
