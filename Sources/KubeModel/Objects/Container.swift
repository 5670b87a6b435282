/// One container of a pod: a program with its arguments and surroundings.
public struct Container: ObjectModel {
  public static let goName = "Container"

  /// Arguments, after `command`. Here they make the whole command line where `command` is empty: no image has an entry
  /// point. `$(VAR)` is expanded.
  public var args: [String] = []
  /// The program and its first arguments, in place of an image's entry point; `$(VAR)` is expanded.
  public var command: [String] = []
  /// The container's own variables, in order; a later one of the same name wins, and wins over `envFrom`.
  public var env: [EnvVar] = []
  /// ConfigMaps and Secrets whose every key becomes a variable; of the same key in several, the last wins.
  public var envFrom: [EnvFromSource] = []
  /// What the manifest calls the program's image; required. Here only a label: nothing is pulled.
  public var image = ""
  /// `Always`, `IfNotPresent` or `Never`; default `Always` for the tag `latest` or none, else `IfNotPresent`. No effect
  /// here.
  public var imagePullPolicy = ""
  /// Hooks after the start and before the stop; kept, no effect here.
  public var lifecycle: JSONValue?
  /// Restarts a container that fails it; defaults: timeout 1 s, period 10 s, 3 failures.
  public var livenessProbe: JSONValue?
  /// A DNS label, unique among the pod's containers and init containers.
  public var name = ""
  /// Ports that the program listens on, 1…65535, `protocol` default `TCP`; a `hostPort` is given to one pod of a node.
  public var ports: JSONValue?
  /// Decides whether the container is ready; without one it is, while it runs.
  public var readinessProbe: JSONValue?
  /// Which resources may change without a restart; kept, no effect here.
  public var resizePolicy: JSONValue?
  /// What the scheduler sets aside for the container, and its limits.
  public var resources = ResourceRequirements()
  /// `Always` makes an init container a sidecar.
  public var restartPolicy: String?
  /// Restart rules by exit code; kept, no effect here.
  public var restartPolicyRules: JSONValue?
  /// User, capabilities and the like; kept, no effect here.
  public var securityContext: JSONValue?
  /// Holds the other probes back until it has succeeded.
  public var startupProbe: JSONValue?
  /// Whether standard input stays open for clients to attach to; no effect here.
  public var stdin = false
  /// Whether standard input closes after the first client; no effect here.
  public var stdinOnce = false
  /// Where the program may leave a last message; default `/dev/termination-log`.
  public var terminationMessagePath = ""
  /// `File` (default), or `FallbackToLogsOnError`: the end of the log where a failed program left no message.
  public var terminationMessagePolicy = ""
  /// Whether the container gets a terminal; no effect here.
  public var tty = false
  /// Block devices; kept, no effect here.
  public var volumeDevices: JSONValue?
  /// Where the pod's volumes appear.
  public var volumeMounts: [VolumeMount] = []
  /// Where the program starts; empty for the runtime's default. `$(VAR)` is expanded.
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

/// An environment variable of a container.
public struct EnvVar: ObjectModel {
  public static let goName = "EnvVar"
  /// Required; not unique: of several with one name the last wins.
  public var name = ""
  /// The text where `valueFrom` is `nil`; `$(VAR)` names variables that stand before this one.
  public var value = ""
  /// Where the value comes from, found out at the container's start.
  public var valueFrom: EnvVarSource?
  public init() {}
  /// Creates a variable with a literal value.
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

/// Where a variable's value comes from: exactly one of the five.
public struct EnvVarSource: ObjectModel {
  public static let goName = "EnvVarSource"
  /// A key of a ConfigMap in the pod's namespace.
  public var configMapKeyRef: KeySelector?
  /// A field of the pod itself.
  public var fieldRef: FieldSelector?
  /// A key of a file in a volume; kept, and empty text here.
  public var fileKeyRef: JSONValue?
  /// A request or a limit of one of the pod's containers.
  public var resourceFieldRef: ResourceFieldSelector?
  /// A key of a Secret in the pod's namespace; its value is decoded from Base64.
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
  /// The key whose value is wanted.
  public var key = ""
  /// The ConfigMap or Secret, in the pod's namespace.
  public var name = ""
  /// Whether the variable is left out where object or key are missing; else the container waits for them.
  public var optional: Bool?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("key", &key)
    v.field("name", &name)
    v.field("optional", &optional)
  }
}

/// A field of a pod that a variable takes its value from (core/v1 ObjectFieldSelector).
public struct FieldSelector: ObjectModel {
  public static let goName = "ObjectFieldSelector"
  /// The version that `fieldPath` is written for; default `v1`.
  public var apiVersion = ""
  /// `metadata.name`, `metadata.labels['k']`, `spec.nodeName`, `status.podIP`, …
  public var fieldPath = ""
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("apiVersion", &apiVersion)
    v.required("fieldPath", &fieldPath)
  }
}

/// A request or limit that a variable takes its value from.
public struct ResourceFieldSelector: ObjectModel {
  public static let goName = "ResourceFieldSelector"
  /// Which of the pod's containers; empty for the variable's own.
  public var containerName = ""
  /// The unit of the result, which is rounded up to whole ones; 0, the default, counts as 1.
  public var divisor: Quantity?
  /// `limits.cpu`, `requests.memory`, …; a limit that is not set is what the node can allocate.
  public var resource = ""
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("containerName", &containerName)
    v.field("divisor", &divisor)
    v.required("resource", &resource)
  }
}

/// A ConfigMap or a Secret whose keys all become variables: one of the two references.
public struct EnvFromSource: ObjectModel {
  public static let goName = "EnvFromSource"
  /// A ConfigMap in the pod's namespace.
  public var configMapRef: Reference?
  /// Put before each key to make the variable's name; may be empty.
  public var prefix = ""
  /// A Secret in the pod's namespace; its values are decoded from Base64.
  public var secretRef: Reference?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("configMapRef", &configMapRef)
    v.field("prefix", &prefix)
    v.field("secretRef", &secretRef)
  }

  /// The object that the variables come from.
  public struct Reference: ObjectModel {
    public static let goName = "EnvSource"
    /// The ConfigMap or Secret, in the pod's namespace.
    public var name = ""
    /// Whether nothing happens where the object is missing; else the container waits for it.
    public var optional: Bool?
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("name", &name)
      v.field("optional", &optional)
    }
  }
}

/// What a container asks of its node, and how much it may use.
public struct ResourceRequirements: ObjectModel {
  public static let goName = "ResourceRequirements"
  /// Devices by dynamic resource allocation; kept, no effect here.
  public var claims: JSONValue?
  /// The most it may use. A container above its memory limit is killed; that of cpu is not kept here.
  public var limits: ResourceList?
  /// What the scheduler sets aside. A pod's default to its limits, a template's do not; a request may not exceed its
  /// limit.
  public var requests: ResourceList?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("claims", &claims)
    v.field("limits", &limits)
    v.field("requests", &requests)
  }
}

/// A volume's place in a container.
public struct VolumeMount: ObjectModel {
  public static let goName = "VolumeMount"
  /// Path inside the container; required, unique in it.
  public var mountPath = ""
  /// How mounts are shared with the node: `None`, `HostToContainer` or `Bidirectional`; kept, no effect here.
  public var mountPropagation: String?
  /// One of the pod's volumes.
  public var name = ""
  /// Whether the container may only read it; configMap, secret and the like always are so.
  public var readOnly = false
  /// How far `readOnly` goes: `Disabled`, `IfPossible` or `Enabled`; kept, no effect here.
  public var recursiveReadOnly: String?
  /// A relative path in the volume, without `..`; empty for all of the volume.
  public var subPath = ""
  /// The same with `$(VAR)` in it; excludes `subPath`.
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
  /// A DNS label, unique in the pod; what `VolumeMount.name` refers to.
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
    object = decoder.checked(object, as: "Volume")
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
