internal import KubeModel

// What kubectl shows of each kind.
extension Column {
  private static func job(_ object: KubeObject) -> Job {
    if case .job(let job) = object { job } else { Job() }
  }

  private static func containers(_ spec: PodSpec) -> JSONValue {
    .string(spec.containers.map(\.name).joined(separator: ","))
  }

  private static func images(_ spec: PodSpec) -> JSONValue {
    .string(spec.containers.map(\.image).joined(separator: ","))
  }

  static let job: [Column] = [
    name,
    Column("Status", "Complete, Failed, Suspended, Running and the like.") { object, _ in
      .string(JobDisplay.status(job(object)))
    },
    Column("Completions", "How many pods have succeeded, of how many that are wanted.") { object, _ in
      .string(JobDisplay(job(object)).completions)
    },
    Column("Duration", "From the job's start to its completion, else to now.") { object, now in
      .string(JobDisplay.duration(job(object), now: now).map(humanDuration) ?? "")
    },
    age,
    Column("Containers", wide: true, "The containers of its pods.") { object, _ in
      containers(job(object).spec.template.spec)
    },
    Column("Images", wide: true, "The images of those containers.") { object, _ in
      images(job(object).spec.template.spec)
    },
    Column("Selector", wide: true, "Which pods are the job's.") { object, _ in
      .string(job(object).spec.selector?.displayText ?? "<none>")
    },
  ]

  private static func cronJob(_ object: KubeObject) -> CronJob {
    if case .cronJob(let cronJob) = object { cronJob } else { CronJob() }
  }

  static let cronJob: [Column] = [
    name,
    Column("Schedule", "When it runs.") { object, _ in .string(cronJob(object).spec.schedule) },
    Column("Timezone", "The time zone of its schedule.") { object, _ in
      .string(CronJobDisplay(cronJob(object)).timeZone)
    },
    Column("Suspend", type: "boolean", "Whether it starts no jobs at present.") { object, _ in
      .string(CronJobDisplay(cronJob(object)).suspend)
    },
    Column("Active", type: "integer", "Its jobs that have not finished.") { object, _ in
      .int(Int64(CronJobDisplay(cronJob(object)).active))
    },
    Column("Last Schedule", "How long ago it was last due and ran.") { object, now in
      .string(CronJobDisplay.lastSchedule(cronJob(object), now: now))
    },
    age,
    Column("Containers", wide: true, "The containers of its jobs' pods.") { object, _ in
      containers(cronJob(object).spec.jobTemplate.spec.template.spec)
    },
    Column("Images", wide: true, "The images of those containers.") { object, _ in
      images(cronJob(object).spec.jobTemplate.spec.template.spec)
    },
    Column("Selector", wide: true, "Which pods are its jobs', where they choose themselves.") { object, _ in
      .string(cronJob(object).spec.jobTemplate.spec.selector?.displayText ?? "<none>")
    },
  ]

  private static func pod(_ object: KubeObject) -> Pod {
    if case .pod(let pod) = object { pod } else { Pod() }
  }

  private static func orNone(_ text: String) -> JSONValue { .string(text.isEmpty ? "<none>" : text) }

  static let pod: [Column] = [
    name,
    Column("Ready", "Containers that are ready, of all.") { object, _ in .string(PodDisplay(pod(object)).ready) },
    Column("Status", "The pod's phase, or what holds it up.") { object, _ in
      .string(PodDisplay(pod(object)).status)
    },
    Column("Restarts", "How often its containers were started again.") { object, now in
      .string(PodDisplay(pod(object)).restartsText(now: now))
    },
    age,
    Column("IP", wide: true, "The pod's address.") { object, _ in orNone(pod(object).status.podIP) },
    Column("Node", wide: true, "Where it runs.") { object, _ in orNone(pod(object).spec.nodeName) },
    Column("Nominated Node", wide: true, "Where room is being made for it.") { object, _ in
      orNone(pod(object).status.nominatedNodeName)
    },
    Column("Readiness Gates", wide: true, "Conditions beyond its own that it waits for.") { _, _ in
      .string("<none>")
    },
  ]

  private static func node(_ object: KubeObject) -> Node {
    if case .node(let node) = object { node } else { Node() }
  }

  private static func address(_ type: String, of node: Node) -> JSONValue {
    let object = KubeObject.node(node).jsonValue
    let found = object["status"]?["addresses"]?.array?.first { $0["type"]?.string == type }
    return orNone(found?["address"]?.string ?? "")
  }

  private static func info(_ name: String, of node: Node) -> String {
    KubeObject.node(node).jsonValue["status"]?["nodeInfo"]?[name]?.string ?? ""
  }

  private static func orUnknown(_ text: String) -> JSONValue { .string(text.isEmpty ? "<unknown>" : text) }

  static let node: [Column] = [
    name,
    Column("Status", "Whether it takes pods.") { object, _ in .string(NodeDisplay(node(object)).status) },
    Column("Roles", "What it is for.") { object, _ in .string(NodeDisplay(node(object)).roles) },
    age,
    Column("Version", "The version of what runs its pods.") { object, _ in
      .string(info("kubeletVersion", of: node(object)))
    },
    Column("Internal-IP", wide: true, "Its address within the cluster.") { object, _ in
      address("InternalIP", of: node(object))
    },
    Column("External-IP", wide: true, "Its address for others.") { object, _ in
      address("ExternalIP", of: node(object))
    },
    Column("OS-Image", wide: true, "Its operating system.") { object, _ in
      orUnknown(info("osImage", of: node(object)))
    },
    Column("Kernel-Version", wide: true, "Its kernel, and for which processor.") { object, _ in
      let kernel = info("kernelVersion", of: node(object))
      let architecture = info("architecture", of: node(object))
      return orUnknown(kernel.isEmpty || architecture.isEmpty ? kernel : "\(kernel) (\(architecture))")
    },
    Column("Container-Runtime", wide: true, "What runs its containers.") { object, _ in
      orUnknown(info("containerRuntimeVersion", of: node(object)))
    },
  ]

  static let namespace: [Column] = [
    name,
    Column("Status", "Active, or Terminating while it goes.") { object, _ in
      guard case .namespace(let namespace) = object else { return "" }
      return .string(namespace.status.phase)
    },
    age,
  ]

  static let configMap: [Column] = [
    name,
    Column("Data", "How many entries it has.") { object, _ in
      guard case .configMap(let map) = object else { return 0 }
      return .int(Int64(map.data.count + map.binaryData.count))
    },
    age,
  ]

  static let secret: [Column] = [
    name,
    Column("Type", "What its data is for.") { object, _ in
      guard case .secret(let secret) = object else { return "" }
      return .string(secret.type)
    },
    Column("Data", "How many entries it has.") { object, _ in
      guard case .secret(let secret) = object else { return 0 }
      return .int(Int64(secret.data.count))
    },
    age,
  ]

  static let serviceAccount: [Column] = [name, age]

  static let lease: [Column] = [
    name,
    Column("Holder", "Who has it.") { object, _ in
      guard case .lease(let lease) = object else { return "" }
      return .string(lease.spec.holderIdentity ?? "")
    },
    age,
  ]

  private static func priorityClass(_ object: KubeObject) -> PriorityClass {
    if case .priorityClass(let found) = object { found } else { PriorityClass() }
  }

  static let priorityClass: [Column] = [
    name,
    Column("Value", type: "integer", "The priority of its pods, higher first.") { object, _ in
      .int(Int64(priorityClass(object).value))
    },
    Column("Global-Default", type: "boolean", "Whether pods that name no class get it.") { object, _ in
      .bool(priorityClass(object).globalDefault)
    },
    age,
    Column("PreemptionPolicy", "Whether its pods may displace others.") { object, _ in
      .string(priorityClass(object).preemptionPolicy ?? "")
    },
  ]

  private static func event(_ object: KubeObject) -> Event {
    if case .event(let event) = object { event } else { Event() }
  }

  static let event: [Column] = [
    Column("Last Seen", "How long ago it last happened.") { object, now in
      .string(age(of: event(object).lastSeen, now))
    },
    Column("Type", "Normal or Warning.") { object, _ in .string(event(object).type) },
    Column("Reason", "Why, as one word.") { object, _ in .string(event(object).reason) },
    Column("Object", "What it happened to.") { object, _ in
      let involved = event(object).involvedObject
      return .string(involved.kind.lowercased() + (involved.name.isEmpty ? "" : "/\(involved.name)"))
    },
    Column("Subobject", wide: true, "The part of it that it happened to.") { object, _ in
      .string(event(object).involvedObject.fieldPath)
    },
    Column("Source", wide: true, "Who reports it.") { object, _ in
      let found = event(object)
      let host = found.source.host.isEmpty ? found.reportingInstance : found.source.host
      return .string(host.isEmpty ? found.reporter : "\(found.reporter), \(host)")
    },
    Column("Message", "What happened.") { object, _ in
      var message = event(object).message
      while message.last?.isWhitespace == true { message.removeLast() }
      return .string(message)
    },
    Column("First Seen", wide: true, "How long ago it first happened.") { object, now in
      .string(age(of: event(object).firstSeen, now))
    },
    Column("Count", wide: true, "How often it happened.") { object, _ in
      .int(Int64(event(object).occurrences))
    },
    Column("Name", format: "name", wide: true, "The event's own name.") { object, _ in
      .string(object.metadata.name)
    },
  ]
}
