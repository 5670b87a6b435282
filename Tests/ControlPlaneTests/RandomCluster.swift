import KubeModel

@testable import ControlPlane

/// A control plane under random inputs, with everything checked that must hold after each of them.
///
/// It stands for clients, runtimes, clock and storage: it creates, edits and deletes objects, lets containers start,
/// end and fail to start in any legal order, takes nodes down, lets time jump, and now and then restores the cluster
/// from what storage would hold.
struct RandomCluster {
  private enum Stage { case starting, running }

  private(set) var plane: ControlPlane
  private(set) var now = Instant(seconds: 1_790_000_000)
  /// What is wrong, and after which input it was found.
  private(set) var problems: [String] = []
  private(set) var inputs = 0
  /// The latest inputs, for a report.
  private(set) var history: [String] = []
  var generator: SeededGenerator
  private let configuration: ControlPlane.Configuration
  /// What the feed says there is.
  private(set) var table: [ObjectKey: KubeObject] = [:]
  /// The latest input's changes: the version before each, the object before it.
  private var latest: [(version: UInt64, key: ObjectKey, object: KubeObject?)] = []
  private var known: [Kind: Set<ObjectKey>] = [:]
  private var version: UInt64 = 0
  private var containers: [ContainerID: Stage] = [:]
  /// The same in an order of its own, so that choices do not depend on hashing.
  private var running: [ContainerID] = []
  private var started: Set<ContainerID> = []
  /// The highest counters of each job so far.
  private var counters: [String: (failed: Int, succeeded: Int)] = [:]
  private var names = 0

  init(seed: UInt64) {
    generator = SeededGenerator(seed)
    configuration = ControlPlane.Configuration(
      seed: seed, podEventDelay: seed % 4 == 3 ? .seconds(1) : .zero,
      defaultRuntimeClass: seed % 2 == 0 ? "process" : "simulated")
    plane = ControlPlane(configuration, at: now)
    // What was there before all changes.
    for object in [Kind.namespace, .priorityClass].flatMap({ plane.list($0) })
    where object.key != ObjectKey(.namespace, name: "default") {
      table[object.key] = object
      known[object.kind, default: []].insert(object.key)
    }
    for _ in 0..<3 { submit(.create(.node(node())), "add node") }
    submit(.create(.configMap(configMap())), "add config map")
    submit(.create(.priorityClass(priorityClass())), "add priority class")
  }

  // MARK: Inputs

  /// One random input, and the checks behind it.
  mutating func step() {
    switch Int.random(in: 0..<100, using: &generator) {
    case 0..<9: createJob()
    case 9..<10: submit(.create(.pod(barePod())), "create pod")
    case 10..<18: editJob()
    case 18..<21: deleteJob()
    case 21..<24: deletePod()
    case 24..<26: editPod()
    case 26..<31: changeNodes()
    case 31..<46: advance()
    case 46..<47: restore()
    case 47..<49: others()
    case 49..<51: changeCronJobs()
    default: report()
    }
    inputs += 1
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

  mutating func pick<Value>(_ values: [Value]) -> Value? { values.randomElement(using: &generator) }

  mutating func option<Value>(_ values: [Value?]) -> Value? { values.randomElement(using: &generator) ?? nil }

  mutating func newName(_ prefix: String) -> String {
    names += 1
    return "\(prefix)-\(names)"
  }

  /// The objects of a kind, in an order that does not depend on hashing.
  func keys(_ kind: Kind) -> [ObjectKey] { (known[kind] ?? []).sorted() }

  mutating func namespace() -> String {
    pick(["default", "default", "default"] + keys(.namespace).map(\.name)) ?? "default"
  }

  private mutating func node() -> Node {
    var node = testNode(
      newName("node"), cpu: pick(["2", "4", "8"]) ?? "4", memory: "8Gi", pods: pick(["3", "6", "110"]) ?? "6")
    node.status.capacity = node.status.allocatable
    if chance(20) { node.metadata.labels["zone"] = "a" }
    return node
  }

  private mutating func configMap() -> ConfigMap {
    var map = ConfigMap()
    map.metadata.name = "settings"
    map.data["mode"] = "fast"
    return map
  }

  private func priorityClass() -> PriorityClass {
    var high = PriorityClass()
    high.metadata.name = "high"
    high.value = 1000
    return high
  }

  mutating func podSpec() -> PodSpec {
    var spec = PodSpec()
    func container(_ name: String) -> Container {
      var container = Container()
      container.name = name
      container.image = "local"
      container.command = ["true"]
      return container
    }
    var main = container("main")
    var requests = ResourceList()
    requests["cpu"] = quantity(pick(["100m", "500m", "1", "3", "16"]) ?? "1")
    main.resources.requests = requests
    if chance(5) { main.command = [] }
    if chance(5) {
      var source = EnvVarSource()
      source.configMapKeyRef = KeySelector()
      source.configMapKeyRef?.name = "settings"
      source.configMapKeyRef?.key = "mode"
      var variable = EnvVar()
      variable.name = "MODE"
      variable.valueFrom = source
      main.env = [variable]
    }
    spec.containers = chance(15) ? [main, container("second")] : [main]
    if chance(10) { spec.initContainers.append(container("setup")) }
    if chance(8) {
      var sidecar = container("sidecar")
      sidecar.restartPolicy = "Always"
      spec.initContainers.append(sidecar)
    }
    spec.restartPolicy = chance(35) ? .onFailure : .never
    if chance(60) { spec.terminationGracePeriodSeconds = pick([0, 1, 5, 30]) }
    if chance(10) { spec.activeDeadlineSeconds = Int.random(in: 1...60, using: &generator) }
    if chance(5) { spec.nodeSelector["zone"] = "a" }
    if chance(10) { spec.priorityClassName = pick(["high", "missing"]) ?? "" }
    if chance(10) {
      var toleration = Toleration()
      toleration.operator = "Exists"
      if chance(50) {
        toleration.key = "node.kubernetes.io/unreachable"
        toleration.effect = "NoExecute"
        toleration.tolerationSeconds = option([nil, 0, 20])
      }
      spec.tolerations = [toleration]
    }
    if chance(15) { addPlacement(to: &spec) }
    if chance(10) { addProbesAndVolumes(to: &spec) }
    return spec
  }

  private mutating func createJob() {
    if keys(.job).count > 12, chance(80) { return report() }
    var job = Job()
    job.metadata.name = newName("job")
    job.metadata.namespace = namespace()
    job.spec.template.spec = podSpec()
    let isIndexed = chance(50)
    if isIndexed || chance(70) { job.spec.completions = Int.random(in: 0...6, using: &generator) }
    if isIndexed { job.spec.completionMode = .indexed }
    if chance(80) { job.spec.parallelism = Int.random(in: 0...5, using: &generator) }
    if isIndexed, chance(30) { job.spec.parallelism = job.spec.completions }
    if chance(70) { job.spec.backoffLimit = Int.random(in: 0...4, using: &generator) }
    if chance(20) { job.spec.activeDeadlineSeconds = Int.random(in: 0...300, using: &generator) }
    if chance(30) { job.spec.ttlSecondsAfterFinished = Int.random(in: 0...60, using: &generator) }
    if chance(15) { job.spec.suspend = true }
    if chance(35) { job.spec.podReplacementPolicy = chance(50) ? .failed : .terminatingOrFailed }
    if chance(3) { job.spec.managedBy = "example.com/other" }
    if chance(5) { job.metadata.finalizers = ["example.com/hold"] }
    if chance(8) {
      job.spec.manualSelector = true
      let value = pick(["a", "b"]) ?? "a"
      job.spec.selector = LabelSelector()
      job.spec.selector?.matchLabels["run"] = value
      job.spec.template.metadata.labels["run"] = value
    }
    addPolicies(to: &job)
    submit(.create(.job(job), dryRun: chance(2)), "create \(job.metadata.name)")
  }

  private mutating func barePod() -> Pod {
    var pod = Pod()
    pod.metadata.name = newName("pod")
    pod.spec = podSpec()
    if chance(50) { pod.metadata.labels["run"] = pick(["a", "b"]) ?? "a" }
    if chance(5) { pod.metadata.finalizers = ["example.com/hold"] }
    if chance(10) { pod.spec.schedulingGates = [gate("example.com/wait")] }
    return pod
  }

  private mutating func editJob() {
    guard let key = pick(keys(.job)), case .job(var job)? = table[key] else { return createJob() }
    switch Int.random(in: 0..<11, using: &generator) {
    case 0, 1: job.spec.parallelism = Int.random(in: 0...6, using: &generator)
    case 2, 3: job.spec.suspend = !(job.spec.suspend ?? false)
    case 4: job.spec.ttlSecondsAfterFinished = chance(20) ? nil : Int.random(in: 0...60, using: &generator)
    case 5: job.metadata.labels["edited"] = "\(inputs)"
    case 6: job.spec.activeDeadlineSeconds = chance(30) ? nil : Int.random(in: 0...300, using: &generator)
    case 7: job.spec.podReplacementPolicy = chance(50) ? .failed : .terminatingOrFailed
    case 8: job.spec.backoffLimit = Int.random(in: 0...5, using: &generator)
    case 9:
      let number = Int.random(in: 0...6, using: &generator)
      job.spec.completions = number
      job.spec.parallelism = number
    default: job.metadata.finalizers.removeAll { $0 == "example.com/hold" }
    }
    submit(.update(.job(job)), "edit \(key.name)")
  }

  private mutating func deleteJob() {
    guard let key = pick(keys(.job)) else { return createJob() }
    var options = DeleteOptions()
    options.propagationPolicy = option([nil, .background, .background, .foreground, .orphan])
    submit(.delete(key, options), "delete \(key.name) \(options.propagationPolicy?.rawValue ?? "")")
  }

  private mutating func deletePod() {
    guard let key = pick(keys(.pod)) else { return createJob() }
    if chance(20) {
      return submit(.evict(key, DeleteOptions(gracePeriodSeconds: option([nil, 0, 3]))), "evict \(key.name)")
    }
    submit(.delete(key, DeleteOptions(gracePeriodSeconds: option([nil, nil, 0, 1, 60, -1]))), "delete \(key.name)")
  }

  private mutating func editPod() {
    guard let key = pick(keys(.pod)), case .pod(var pod)? = table[key] else { return createJob() }
    switch Int.random(in: 0..<8, using: &generator) {
    case 6, 7: pod.spec.schedulingGates = []
    case 4, 5:
      // A second owner.
      guard let owner = pick(keys(.job) + keys(.node) + keys(.configMap)), let object = table[owner] else { return }
      var reference = OwnerReference()
      reference.apiVersion = owner.kind.apiVersion
      reference.kind = owner.kind.rawValue
      reference.name = owner.name
      reference.uid = object.metadata.uid
      reference.blockOwnerDeletion = chance(50)
      pod.metadata.ownerReferences.removeAll { $0.controller != true }
      pod.metadata.ownerReferences.append(reference)
    case 0: pod.metadata.labels["run"] = pick(["a", "b", "c"])
    case 1: pod.metadata.labels["batch.kubernetes.io/controller-uid"] = nil
    case 2: pod.metadata.ownerReferences = []
    default: pod.metadata.finalizers.removeAll { $0 == "example.com/hold" }
    }
    submit(.update(.pod(pod)), "edit \(key.name)")
  }

  private mutating func changeNodes() {
    guard let key = pick(keys(.node)), case .node(var node)? = table[key] else {
      return submit(.create(.node(self.node())), "add node")
    }
    switch Int.random(in: 0..<15, using: &generator) {
    case 10, 11:
      // A client's own taint, there or not.
      let own = "example.com/maintenance"
      if node.spec.taints.contains(where: { $0.key == own }) {
        node.spec.taints.removeAll { $0.key == own }
      } else {
        node.spec.taints.append(Taint(key: own, effect: chance(70) ? "NoExecute" : "NoSchedule"))
      }
      submit(.update(.node(node)), "taint \(key.name)")
    case 12: submit(.drainNode(key.name, gracePeriodSeconds: option([nil, 0, 3])), "drain \(key.name)")
    case 13, 14:
      var ready = Condition("Ready", chance(50), reason: "Told", at: now)
      if chance(20) { ready.status = "Unknown" }
      node.status.conditions.replace(ready)
      submit(.updateStatus(.node(node)), "status \(key.name)")
    case 0..<2 where keys(.node).count < 5: submit(.create(.node(self.node())), "add node")
    case 0..<3: submit(.failNode(key.name), "fail \(key.name)")
    case 3..<7: submit(.recoverNode(key.name), "recover \(key.name)")
    case 7: submit(.delete(key), "delete \(key.name)")
    default:
      node.spec.unschedulable.toggle()
      submit(.update(.node(node)), "cordon \(key.name)")
    }
  }

  private mutating func others() {
    let settings = ObjectKey(.configMap, namespace: "default", name: "settings")
    switch Int.random(in: 0..<4, using: &generator) {
    case 0 where table[settings] == nil: submit(.create(.configMap(configMap())), "add config map")
    case 0:
      submit(
        .delete(settings, DeleteOptions(propagationPolicy: option([nil, .foreground, .orphan]))), "delete config map")
    case 1:
      if let name = pick(keys(.namespace).filter { $0.name.hasPrefix("space") }) {
        submit(.delete(name), "delete namespace \(name.name)")
      }
    default:
      if keys(.namespace).count > 6 { return }
      var namespace = Namespace()
      namespace.metadata.name = newName("space")
      submit(.create(.namespace(namespace)), "add namespace")
    }
  }

  private mutating func advance() {
    switch Int.random(in: 0..<10, using: &generator) {
    case 0..<5: now = max(now, min(plane.nextTimer ?? now, now + .seconds(400)))
    case 5..<8: now = now + .milliseconds(Int.random(in: 1...5000, using: &generator))
    case 8: now = now + .seconds(Int.random(in: 1...120, using: &generator))
    default: now = now + .seconds(chance(5) ? 4000 : Int.random(in: 1...700, using: &generator))
    }
    plane.advance(to: now)
    check("advance")
  }

  private mutating func report() {
    if !probes.isEmpty, chance(25) {
      // Also of containers that have ended since.
      let order = probes.remove(at: Int.random(in: 0..<probes.count, using: &generator))
      let outcome = chance(60) ? ProbeOutcome.success : .failure("no")
      return observe(.probed(order.container, order.kind, outcome))
    }
    guard let id = pick(running) else { return advance() }
    if chance(30) { now = now + .milliseconds(Int.random(in: 0...900, using: &generator)) }
    switch containers[id] {
    case .starting:
      if chance(6) {
        end(id)
        let isStart = chance(50)
        // What was never created is tried again as the same attempt.
        if !isStart { started.remove(id) }
        observe(
          .failedToStart(
            id, reason: isStart ? "StartError" : "CreateContainerError", message: "no", exitCode: 128, at: now))
      } else {
        containers[id] = .running
        observe(.started(id, at: now))
      }
    case .running:
      // A sidecar's end is rare.
      let code = pick([0, 0, 0, 0, 0, 1, 2, 137, 143]) ?? 0
      end(id)
      observe(.exited(id, ContainerExit(exitCode: code, startedAt: now, finishedAt: now)))
    case nil: break
    }
  }

  private mutating func end(_ id: ContainerID) {
    containers[id] = nil
    running.removeAll { $0 == id }
  }

  private mutating func observe(_ report: PodReport) {
    plane.observe(report, at: now)
    check("report \(report)")
  }

  mutating func submit(_ request: Request, _ what: String) {
    // What is due anyway is not the request's doing.
    plane.advance(to: now)
    let before = plane.version
    do throws(StatusError) {
      try plane.submit(request, at: now)
    } catch {
      if plane.version != before { problem("a refused request changed something: \(error)", what) }
    }
    check(what)
  }

  /// Comes back from what storage would hold.
  private mutating func restore() {
    // The crash may have come before all of the latest input's changes were stored.
    for _ in 0..<(chance(40) ? Int.random(in: 0...latest.count, using: &generator) : 0) {
      guard let change = latest.popLast() else { break }
      version = change.version
      table[change.key] = change.object
      if change.object == nil {
        known[change.key.kind]?.remove(change.key)
      } else {
        known[change.key.kind, default: []].insert(change.key)
      }
      if case .job(let job)? = change.object {
        counters[job.metadata.uid] = (job.status.failed, job.status.succeeded)
      }
    }
    latest = []
    let throughText = chance(25)
    let objects = table.keys.sorted().compactMap { key -> KubeObject? in
      guard throughText, let object = table[key] else { return table[key] }
      let text = object.json(keepsMicroseconds: true)
      guard let read = try? KubeObject.read(text, expecting: key.kind).object else { return nil }
      if read != object { problem("storage changes \(key)", "restore") }
      return read
    }
    now = now + .milliseconds(Int.random(in: 0...100_000, using: &generator))
    containers = [:]
    running = []
    started = []
    stopped = []
    probes = []
    plane = ControlPlane(restoring: objects, version: version, configuration, at: now)
    check("restore")
  }

  // MARK: Checks

  private mutating func problem(_ text: String, _ what: String) {
    problems.append("input \(inputs) (\(what)): \(text)")
  }

  private mutating func check(_ what: String) {
    history.append(what)
    if history.count > 40 { history.removeFirst(20) }
    takeChanges(what)
    takeEffects(what)
    // Big clusters cost more to look through.
    if inputs % (1 + plane.pods.count / 3) == 0 {
      for text in plane.checkInvariants() { problem(text, what) }
      for key in keys(.cronJob) {
        guard case .cronJob(let cronJob)? = table[key] else { continue }
        for text in cronJobProblems(cronJob) { problem(text, what) }
      }
    }
    if inputs % 128 == 0 { checkTable(what) }
  }

  private mutating func takeChanges(_ what: String) {
    guard let changes = plane.changes(since: version) else { return problem("the feed lost changes", what) }
    if !changes.isEmpty { latest = [] }
    for change in changes {
      latest.append((version, change.object.key, table[change.object.key]))
      if change.version <= version { problem("version \(change.version) after \(version)", what) }
      version = change.version
      let key = change.object.key
      switch change.verb {
      case .added:
        if table[key] != nil { problem("\(key) is added twice", what) }
        table[key] = change.object
        known[key.kind, default: []].insert(key)
      case .modified:
        if table[key] == nil { problem("\(key) changes and does not exist", what) }
        table[key] = change.object
      case .deleted:
        known[key.kind]?.remove(key)
        if table.removeValue(forKey: key) == nil { problem("\(key) is deleted and does not exist", what) }
      }
      if change.object.kind != .event, change.object.metadata.resourceVersion != String(change.version) {
        problem("\(key) has resource version \(change.object.metadata.resourceVersion)", what)
      }
      if case .job(let job) = change.object { checkCounters(job, what) }
    }
    if version != plane.version { problem("version \(plane.version), the feed ends at \(version)", what) }
    plane.discardChanges(through: version)
  }

  private mutating func checkCounters(_ job: Job, _ what: String) {
    let known = counters[job.metadata.uid] ?? (0, 0)
    // The completions of an Indexed job can be lowered, and with them what counts.
    let maySink = job.spec.completionMode == .indexed && job.spec.completions == job.spec.parallelism
    if job.status.failed < known.failed || (job.status.succeeded < known.succeeded && !maySink) {
      problem("the counters of \(job.metadata.name) go back", what)
    }
    if job.status.conditions.isTrue("Complete"), job.status.conditions.isTrue("Failed") {
      problem("\(job.metadata.name) is complete and failed", what)
    }
    counters[job.metadata.uid] = (job.status.failed, job.status.succeeded)
  }

  private mutating func takeEffects(_ what: String) {
    let effects = plane.takeEffects()
    var ended: Set<String> = []
    for effect in effects {
      switch effect {
      case .stop(let uid, _), .remove(let uid, _, _): ended.insert(uid)
      case .probe(let order): probes.append(order)
      case .start, .stopContainer: break
      }
    }
    for effect in effects {
      guard case .start(let start) = effect else { continue }
      if containers[start.id] != nil { problem("\(start.id) is started twice", what) }
      if !started.insert(start.id).inserted, start.id.attempt > 0 { problem("\(start.id) is started again", what) }
      containers[start.id] = .starting
      running.append(start.id)
      if ended.contains(start.id.podUID) { continue }
      guard let slot = plane.pods.slot(uid: start.id.podUID) else {
        problem("\(start.podName) is started and does not exist", what)
        continue
      }
      let pod = plane.pods.entries[slot].pod
      if pod.spec.nodeName != start.nodeName || pod.status.phase.isTerminal || pod.metadata.deletionTimestamp != nil {
        problem("\(start.podName) is started in phase \(pod.status.phase.rawValue)", what)
      }
      if plane.failedNodes[start.nodeName] != nil { problem("\(start.podName) starts on a failed node", what) }
    }
    // A pod that is gone and was told so: what runs of it is the runtime's to kill.
    for case .remove(let uid, _, _) in effects {
      for id in running where id.podUID == uid {
        if !effects.contains(where: { if case .stop(uid, _) = $0 { true } else { false } }), !stopped.contains(uid) {
          problem("\(id) is left running", what)
        }
      }
    }
    for case .stop(let uid, _) in effects { stopped.insert(uid) }
  }

  private var stopped: Set<String> = []
  /// Asked for and not yet answered.
  private var probes: [ProbeOrder] = []

  private mutating func checkTable(_ what: String) {
    for kind in Kind.allCases {
      let listed = plane.list(kind)
      let expected = keys(kind)
      if listed.map(\.key) != expected {
        let difference = Set(listed.map(\.key)).symmetricDifference(expected)
        problem("the feed and the table differ in their \(kind.rawValue)s: \(difference)", what)
      }
      guard kind != .event else { continue }
      for object in listed where table[object.key] != object {
        problem("the feed lacks a change of \(object.key)", what)
      }
    }
  }

  // MARK: The end

  /// Whether it is the last failed pod of an index whose job makes no pods at present: it stays for the next one.
  private func waitsForSuccessor(_ pod: Pod) -> Bool {
    guard let owner = pod.metadata.controller,
      case .job(let job)? = table[ObjectKey(.job, namespace: pod.metadata.namespace, name: owner.name)]
    else { return false }
    return job.spec.backoffLimitPerIndex != nil && !job.status.isFinished
      && (job.spec.suspend == true || job.spec.parallelism == 0)
  }

  /// Lets everything come to its end, and checks that it does.
  mutating func drain() {
    // They would go on for ever.
    for key in keys(.cronJob) { submit(.delete(key, DeleteOptions(propagationPolicy: .background)), "drain") }
    for key in keys(.node) {
      submit(.recoverNode(key.name), "drain")
      if case .node(var node)? = table[key] {
        node.setKubeletConditions(at: now)
        submit(.updateStatus(.node(node)), "drain")
      }
      if case .node(var node)? = table[key] {
        node.spec.unschedulable = false
        node.spec.taints = []
        submit(.update(.node(node)), "drain")
      }
    }
    var big = testNode("big", cpu: "1000", memory: "1000Gi", pods: "10000", labels: ["zone": "a"])
    big.status.capacity = big.status.allocatable
    submit(.create(.node(big)), "drain")
    if table[ObjectKey(.configMap, namespace: "default", name: "settings")] == nil {
      submit(.create(.configMap(configMap())), "drain")
    }
    // A crash may have lost it.
    if keys(.priorityClass).isEmpty { submit(.create(.priorityClass(priorityClass())), "drain") }
    for key in keys(.pod) {
      guard case .pod(var pod)? = table[key], !pod.spec.schedulingGates.isEmpty else { continue }
      pod.spec.schedulingGates = []
      submit(.update(.pod(pod)), "drain")
    }
    runToEnd()
    for key in keys(.pod) {
      guard case .pod(let pod)? = table[key], pod.metadata.deletionTimestamp != nil else { continue }
      if pod.metadata.finalizers != ["example.com/hold"], !waitsForSuccessor(pod) {
        problem("\(key.name) does not go away", "drain")
      }
    }
    for key in keys(.job) {
      guard case .job(let job)? = table[key], !job.status.isFinished else { continue }
      let waits =
        job.spec.suspend == true || job.spec.parallelism == 0 || job.spec.managedBy != nil
        || job.metadata.deletionTimestamp != nil || job.status.terminating ?? 0 > 0
        || job.spec.template.spec.priorityClassName == "missing"
        || job.spec.template.spec.containers[0].command.isEmpty
        || job.metadata.namespace != "default" && needsSettings(job.spec.template.spec)
        || mayWaitForOthers(job.spec.template.spec)
      // Clients' pods, which such a job adopts, may never start.
      let hasStrangers = job.spec.manualSelector == true && podStates.contains("no command specified")
      if !waits, !hasStrangers { problem("\(key.name) does not end: \(job.status) \(podStates)", "drain") }
    }
    for key in keys(.job) + keys(.pod) {
      guard var object = table[key] else { continue }
      var metadata = object.metadata
      metadata.finalizers.removeAll { $0 == "example.com/hold" }
      if metadata.finalizers != object.metadata.finalizers {
        object.metadata = metadata
        submit(.update(object), "drain")
      }
    }
    for key in keys(.job) { submit(.delete(key, DeleteOptions(propagationPolicy: .foreground)), "drain") }
    for key in keys(.pod) { submit(.delete(key), "drain") }
    runToEnd()
    // Timers of what is gone stay until they are due: of cron jobs, a week at most.
    now = now + .seconds(8 * 86_400)
    plane.advance(to: now)
    check("drain")
    checkTable("drain")
    if !keys(.pod).isEmpty || !keys(.job).isEmpty { problem("left: \(keys(.pod)) \(keys(.job))", "drain") }
    if !running.isEmpty { problem("left running: \(running)", "drain") }
    if let timer = plane.nextTimer { problem("a timer is left: \(timer)", "drain") }
  }

  private var podStates: String {
    keys(.pod).compactMap { key in
      guard case .pod(let pod)? = table[key], !pod.status.phase.isTerminal else { return nil }
      let conditions = pod.status.conditions.filter { !$0.isTrue }.map { "\($0.type) \($0.reason) \($0.message)" }
      return "\(key.name) on \(pod.spec.nodeName) \(conditions) \(pod.status.containerStatuses.map(\.state))"
    }.joined(separator: "; ")
  }

  /// Ends all containers, as they come, and lets time pass.
  private mutating func runToEnd() {
    for _ in 0..<600 {
      // All of a pod's containers come and go at once, so that no pod reaches its deadline.
      while let id = running.first {
        if containers[id] == .starting {
          containers[id] = .running
          observe(.started(id, at: now))
        }
        end(id)
        observe(.exited(id, ContainerExit(exitCode: 0, startedAt: now, finishedAt: now)))
      }
      now = max(now, plane.nextTimer ?? now) + .milliseconds(1)
      plane.advance(to: now)
      check("drain")
      if running.isEmpty, plane.nextTimer.map({ $0 > now + .seconds(3000) }) ?? true { break }
    }
  }
}
