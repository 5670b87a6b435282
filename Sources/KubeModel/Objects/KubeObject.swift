/// An object of any kind.
///
/// Indirect: copying it costs one retain, however large the object is. A feed holds many copies.
public indirect enum KubeObject: Hashable, Sendable {
  case configMap(ConfigMap)
  case cronJob(CronJob)
  case event(Event)
  case job(Job)
  case lease(Lease)
  case namespace(Namespace)
  case node(Node)
  case pod(Pod)
  case priorityClass(PriorityClass)
  case secret(Secret)
  case serviceAccount(ServiceAccount)

  /// The kind, as the case says it.
  public var kind: Kind {
    switch self {
    case .configMap: .configMap
    case .cronJob: .cronJob
    case .event: .event
    case .job: .job
    case .lease: .lease
    case .namespace: .namespace
    case .node: .node
    case .pod: .pod
    case .priorityClass: .priorityClass
    case .secret: .secret
    case .serviceAccount: .serviceAccount
    }
  }

  /// The metadata of whichever object this is; setting it leaves the rest alone.
  public var metadata: ObjectMeta {
    get {
      switch self {
      case .configMap(let object): object.metadata
      case .cronJob(let object): object.metadata
      case .event(let object): object.metadata
      case .job(let object): object.metadata
      case .lease(let object): object.metadata
      case .namespace(let object): object.metadata
      case .node(let object): object.metadata
      case .pod(let object): object.metadata
      case .priorityClass(let object): object.metadata
      case .secret(let object): object.metadata
      case .serviceAccount(let object): object.metadata
      }
    }
    set {
      switch self {
      case .configMap(var object):
        object.metadata = newValue
        self = .configMap(object)
      case .cronJob(var object):
        object.metadata = newValue
        self = .cronJob(object)
      case .event(var object):
        object.metadata = newValue
        self = .event(object)
      case .job(var object):
        object.metadata = newValue
        self = .job(object)
      case .lease(var object):
        object.metadata = newValue
        self = .lease(object)
      case .namespace(var object):
        object.metadata = newValue
        self = .namespace(object)
      case .node(var object):
        object.metadata = newValue
        self = .node(object)
      case .pod(var object):
        object.metadata = newValue
        self = .pod(object)
      case .priorityClass(var object):
        object.metadata = newValue
        self = .priorityClass(object)
      case .secret(var object):
        object.metadata = newValue
        self = .secret(object)
      case .serviceAccount(var object):
        object.metadata = newValue
        self = .serviceAccount(object)
      }
    }
  }

  /// What the object is called, from its kind and metadata.
  public var key: ObjectKey { metadata.key(kind) }

  /// Appends this object as compact JSON, members in alphabetical order as kubectl prints them.
  public func encode(to writer: inout JSONWriter) {
    switch self {
    case .configMap(let object): object.encode(to: &writer)
    case .cronJob(let object): object.encode(to: &writer)
    case .event(let object): object.encode(to: &writer)
    case .job(let object): object.encode(to: &writer)
    case .lease(let object): object.encode(to: &writer)
    case .namespace(let object): object.encode(to: &writer)
    case .node(let object): object.encode(to: &writer)
    case .pod(let object): object.encode(to: &writer)
    case .priorityClass(let object): object.encode(to: &writer)
    case .secret(let object): object.encode(to: &writer)
    case .serviceAccount(let object): object.encode(to: &writer)
    }
  }

  /// Reads an object of the given kind; `nil` where `decoder` has noted why not.
  public static func decode(_ json: JSONValue, kind: Kind, _ decoder: inout ModelDecoder) -> KubeObject? {
    switch kind {
    case .configMap: ConfigMap.decode(json, &decoder).map(KubeObject.configMap)
    case .cronJob: CronJob.decode(json, &decoder).map(KubeObject.cronJob)
    case .event: Event.decode(json, &decoder).map(KubeObject.event)
    case .job: Job.decode(json, &decoder).map(KubeObject.job)
    case .lease: Lease.decode(json, &decoder).map(KubeObject.lease)
    case .namespace: Namespace.decode(json, &decoder).map(KubeObject.namespace)
    case .node: Node.decode(json, &decoder).map(KubeObject.node)
    case .pod: Pod.decode(json, &decoder).map(KubeObject.pod)
    case .priorityClass: PriorityClass.decode(json, &decoder).map(KubeObject.priorityClass)
    case .secret: Secret.decode(json, &decoder).map(KubeObject.secret)
    case .serviceAccount: ServiceAccount.decode(json, &decoder).map(KubeObject.serviceAccount)
    }
  }
}
