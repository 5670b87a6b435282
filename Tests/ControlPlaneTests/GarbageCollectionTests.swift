import KubeModel
import Testing

@testable import ControlPlane

/// What becomes of dependents and owners, and what finalizers hold.
struct GarbageCollectionTests {
  private typealias Driver = SimulatedClusterDriver

  private func key(_ name: String, _ kind: Kind = .configMap) -> ObjectKey {
    ObjectKey(kind, namespace: "default", name: name)
  }

  private func uid(_ key: ObjectKey, _ cluster: Driver) -> String {
    cluster.plane.object(key)?.metadata.uid ?? "00000000-0000-4000-8000-000000000000"
  }

  private func owner(_ key: ObjectKey, _ cluster: Driver, blocks: Bool = true) -> OwnerReference {
    var owner = OwnerReference()
    owner.apiVersion = key.kind.apiVersion
    owner.kind = key.kind.rawValue
    owner.name = key.name
    owner.uid = uid(key, cluster)
    owner.blockOwnerDeletion = blocks
    return owner
  }

  /// A ConfigMap that the given objects own.
  private func make(
    _ name: String, owners: [ObjectKey] = [], finalizers: [String] = [], blocks: Bool = true, _ cluster: inout Driver
  ) throws {
    var map = ConfigMap()
    map.metadata.name = name
    map.metadata.finalizers = finalizers
    map.metadata.ownerReferences = owners.map { owner($0, cluster, blocks: blocks) }
    try cluster.submit(.create(.configMap(map)))
  }

  private func delete(_ key: ObjectKey, _ policy: PropagationPolicy?, _ cluster: inout Driver) throws {
    try cluster.submit(.delete(key, DeleteOptions(propagationPolicy: policy)))
  }

  private func names(_ cluster: Driver, _ kind: Kind = .configMap) -> [String] {
    // Without the one that every namespace has.
    cluster.plane.list(kind).map(\.metadata.name).filter { $0 != "kube-root-ca.crt" }
  }

  /// The changes of the ConfigMaps in short, in order.
  private func story(_ cluster: Driver, from start: Int) -> [String] {
    cluster.changes[start...].compactMap { change in
      guard change.object.kind == .configMap else { return nil }
      let metadata = change.object.metadata
      let notes = metadata.finalizers + metadata.ownerReferences.map { "of \($0.name)" }
      return "\(change.verb.rawValue) \(metadata.name)" + (notes.isEmpty ? "" : " \(notes)")
    }
  }

  private func expectSound(_ cluster: Driver, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(cluster.plane.checkInvariants() == [], sourceLocation: sourceLocation)
  }

  // MARK: Policies

  @Test func backgroundDeletionTakesOwnersBeforeDependents() throws {
    var cluster = try Driver(nodes: 0)
    try make("top", &cluster)
    try make("middle", owners: [key("top")], &cluster)
    try make("bottom", owners: [key("middle")], &cluster)
    let start = cluster.changes.count
    try delete(key("top"), nil, &cluster)
    #expect(
      story(cluster, from: start) == ["DELETED top", "DELETED middle [\"of top\"]", "DELETED bottom [\"of middle\"]"])
    expectSound(cluster)
  }

  @Test func foregroundDeletionTakesDependentsBeforeOwners() throws {
    var cluster = try Driver(nodes: 0)
    try make("top", &cluster)
    try make("middle", owners: [key("top")], &cluster)
    try make("bottom", owners: [key("middle")], finalizers: ["example.com/hold"], &cluster)
    try make("aside", owners: [key("top")], finalizers: ["example.com/hold"], blocks: false, &cluster)
    let start = cluster.changes.count
    try delete(key("top"), .foreground, &cluster)
    #expect(names(cluster) == ["aside", "bottom", "middle", "top"])
    #expect(cluster.plane.object(key("middle"))?.metadata.finalizers == ["foregroundDeletion"])
    expectSound(cluster)
    try cluster.submit(.patch(key("bottom"), .merge, ["metadata": ["finalizers": nil]]))
    // What does not block is not waited for.
    #expect(names(cluster) == ["aside"])
    let deleted = story(cluster, from: start).filter { $0.hasPrefix("DELETED") }.map { $0.split(separator: " ")[1] }
    #expect(deleted == ["bottom", "middle", "top"])
    try cluster.submit(.patch(key("aside"), .merge, ["metadata": ["finalizers": nil]]))
    #expect(names(cluster).isEmpty)
    expectSound(cluster)
  }

  @Test func foregroundDeletionDoesNotWaitForAnotherNamespace() throws {
    var cluster = try Driver(nodes: 0)
    var space = Namespace()
    space.metadata.name = "space"
    try cluster.submit(.create(.namespace(space)))
    try make("top", &cluster)
    var stray = ConfigMap()
    stray.metadata.name = "stray"
    stray.metadata.namespace = "space"
    stray.metadata.ownerReferences = [owner(key("top"), cluster)]
    stray.metadata.finalizers = ["example.com/hold"]
    try cluster.submit(.create(.configMap(stray)))
    try delete(key("top"), .foreground, &cluster)
    #expect(names(cluster) == ["stray"])
    expectSound(cluster)
  }

  @Test func orphansStayWithoutTheirOwner() throws {
    var cluster = try Driver(nodes: 0)
    try make("top", &cluster)
    try make("other", &cluster)
    try make("child", owners: [key("top"), key("other")], &cluster)
    let start = cluster.changes.count
    try delete(key("top"), .orphan, &cluster)
    #expect(
      story(cluster, from: start) == [
        "MODIFIED top [\"orphan\"]", "MODIFIED child [\"of other\"]", "DELETED top [\"orphan\"]",
      ])
    #expect(names(cluster) == ["child", "other"])
    expectSound(cluster)
  }

  @Test(arguments: [PropagationPolicy.background, .foreground])
  func anotherOwnerKeepsAnObject(_ policy: PropagationPolicy) throws {
    var cluster = try Driver(nodes: 0)
    try make("one", &cluster)
    try make("two", &cluster)
    try make("child", owners: [key("one"), key("two")], &cluster)
    try delete(key("one"), policy, &cluster)
    #expect(names(cluster) == ["child", "two"])
    #expect(cluster.plane.object(key("child"))?.metadata.ownerReferences.map(\.name) == ["two"])
    try delete(key("two"), policy, &cluster)
    #expect(names(cluster).isEmpty)
    expectSound(cluster)
  }

  @Test func aSecondDeletionChangesThePolicy() throws {
    var cluster = try Driver(nodes: 0)
    try make("top", &cluster)
    try make("child", owners: [key("top")], finalizers: ["example.com/hold"], &cluster)
    try delete(key("top"), .foreground, &cluster)
    // Without a policy it stays as it was.
    try delete(key("top"), nil, &cluster)
    #expect(names(cluster) == ["child", "top"])
    try delete(key("top"), .background, &cluster)
    #expect(names(cluster) == ["child"])
    expectSound(cluster)
  }

  // MARK: Owners that are not there

  @Test func anObjectWhoseOwnerIsNotThereGoes() throws {
    var cluster = try Driver(nodes: 1)
    try make("child", owners: [key("nobody")], &cluster)
    #expect(names(cluster).isEmpty)
    // An object of the same name is not the owner.
    try make("owner", &cluster)
    var map = ConfigMap()
    map.metadata.name = "child"
    map.metadata.ownerReferences = [owner(key("owner"), cluster)]
    map.metadata.ownerReferences[0].uid = "other"
    try cluster.submit(.create(.configMap(map)))
    #expect(names(cluster) == ["owner"])
    expectSound(cluster)
  }

  @Test func aPodWhoseJobIsNotThereGoes() throws {
    var cluster = try Driver(nodes: 1)
    var pod = Pod()
    pod.metadata.name = "pod"
    pod.metadata.finalizers = [ControlPlane.trackingFinalizer]
    pod.metadata.ownerReferences = [owner(key("gone", .job), cluster)]
    pod.metadata.ownerReferences[0].controller = true
    pod.spec.containers = [testContainer([:])]
    pod.spec.containers[0].name = "main"
    pod.spec.containers[0].image = "busybox"
    try cluster.submit(.create(.pod(pod)))
    cluster.run(for: .seconds(60))
    #expect(cluster.pods.isEmpty)
    expectSound(cluster)
  }

  @Test func ownersInOtherNamespacesAreNoneAndToldOf() throws {
    var cluster = try Driver(nodes: 1)
    try cluster.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n")
    try cluster.apply(JobControllerTests.manifest("job", "suspend: true"))
    let job = owner(key("job", .job), cluster)
    var map = ConfigMap()
    map.metadata.name = "map"
    map.metadata.namespace = "team"
    map.metadata.ownerReferences = [job]
    try cluster.submit(.create(.configMap(map)))
    #expect(names(cluster).isEmpty)
    let event = try #require(cluster.events.first { $0.reason == "OwnerRefInvalidNamespace" })
    #expect(
      event.message
        == "ownerRef [batch/v1/Job, namespace: team, name: job, uid: \(job.uid)] does not exist in namespace \"team\"")
    #expect(event.source.component == "garbage-collector-controller")
    #expect(event.type == "Warning")
  }

  @Test func ownersOfKindsThatNobodyKnowsKeepTheirObjects() throws {
    var cluster = try Driver(nodes: 1)
    var map = ConfigMap()
    map.metadata.name = "map"
    map.metadata.ownerReferences = [owner(key("x"), cluster)]
    map.metadata.ownerReferences[0].apiVersion = "example.com/v1"
    map.metadata.ownerReferences[0].kind = "Database"
    try cluster.submit(.create(.configMap(map)))
    #expect(names(cluster) == ["map"])
    expectSound(cluster)
  }

  @Test func anOwnerWithoutANamespaceOwnsWhatIsInOne() throws {
    var cluster = try Driver(nodes: 1)
    try make("map", owners: [ObjectKey(.node, name: "node-1")], &cluster)
    #expect(names(cluster) == ["map"])
    try delete(ObjectKey(.node, name: "node-1"), nil, &cluster)
    #expect(names(cluster).isEmpty)
    expectSound(cluster)
  }

  @Test func anObjectCanBeGivenToAnOwnerAndTakenBack() throws {
    var cluster = try Driver(nodes: 1)
    try cluster.apply(JobControllerTests.manifest("job", "suspend: true"))
    try make("map", owners: [key("job", .job)], &cluster)
    try make("kept", owners: [key("job", .job)], &cluster)
    try cluster.submit(.patch(key("kept"), .merge, ["metadata": ["ownerReferences": nil]]))
    try delete(key("job", .job), .background, &cluster)
    #expect(names(cluster) == ["kept"])
    expectSound(cluster)
  }

  // MARK: Jobs, cron jobs and pods

  @Test func aJobWaitsForWhatElseItOwnsToo() throws {
    var cluster = try Driver(nodes: 1)
    try cluster.apply(JobControllerTests.manifest("job", annotations: ["duration": "1h"]))
    try make("map", owners: [key("job", .job)], finalizers: ["example.com/hold"], &cluster)
    cluster.run(for: .seconds(5))
    try delete(key("job", .job), .foreground, &cluster)
    cluster.run(for: .seconds(60))
    #expect(cluster.pods.isEmpty)
    #expect(cluster.job("job") != nil)
    try cluster.submit(.patch(key("map"), .merge, ["metadata": ["finalizers": nil]]))
    #expect(cluster.job("job") == nil)
    expectSound(cluster)
  }

  @Test(arguments: [PropagationPolicy.background, .foreground])
  func aPodThatSomebodyElseOwnsTooOutlivesItsJob(_ policy: PropagationPolicy) throws {
    var cluster = try Driver(nodes: 1)
    try cluster.apply(JobControllerTests.manifest("job", annotations: ["duration": "1h"]))
    try make("map", &cluster)
    cluster.run(for: .seconds(5))
    guard case .pod(var pod) = cluster.plane.list(.pod)[0] else { return }
    pod.metadata.ownerReferences.append(owner(key("map"), cluster))
    try cluster.submit(.update(.pod(pod)))
    try delete(key("job", .job), policy, &cluster)
    cluster.run(for: .seconds(60))
    #expect(cluster.job("job") == nil)
    let left = try #require(cluster.pods.first)
    #expect(left.metadata.deletionTimestamp == nil)
    #expect(left.metadata.ownerReferences.map(\.name) == ["map"])
    #expect(left.metadata.finalizers.isEmpty)
    expectSound(cluster)
    try delete(key("map"), nil, &cluster)
    cluster.run(for: .seconds(60))
    #expect(cluster.pods.isEmpty)
    expectSound(cluster)
  }

  private static let cronJob = """
    apiVersion: batch/v1
    kind: CronJob
    metadata: {name: cron}
    spec:
      schedule: "* * * * *"
      jobTemplate:
        spec:
          template:
            metadata: {annotations: {jobdeck.dev/duration: 1h, jobdeck.dev/term-delay: 2s}}
            spec:
              restartPolicy: Never
              containers: [{name: main, image: busybox, command: ["true"]}]
    """

  @Test(arguments: [nil, PropagationPolicy.background, .foreground, .orphan])
  func cronJobsGoWithTheirJobsUnlessTheyAreOrphaned(_ policy: PropagationPolicy?) throws {
    var cluster = try Driver(nodes: 2)
    try cluster.apply(GarbageCollectionTests.cronJob)
    cluster.run(for: .seconds(130))
    #expect(cluster.plane.list(.job).count == 2)
    #expect(cluster.pods.count == 2)
    try delete(key("cron", .cronJob), policy, &cluster)
    #expect(cluster.plane.list(.cronJob).count == (policy == .foreground ? 1 : 0))
    expectSound(cluster)
    cluster.run(for: .seconds(130))
    #expect(cluster.plane.list(.cronJob).isEmpty)
    #expect(cluster.plane.list(.job).count == (policy == .orphan ? 2 : 0))
    #expect(cluster.pods.count == (policy == .orphan ? 2 : 0))
    #expect(cluster.plane.list(.job).allSatisfy { $0.metadata.ownerReferences.isEmpty })
    let order = cluster.changes.filter { $0.verb == .deleted && $0.object.kind != .event }.map(\.object.kind)
    if policy == .foreground { #expect(order == [.pod, .pod, .job, .job, .cronJob] || order.last == .cronJob) }
    expectSound(cluster)
  }

  @Test func onlyJobsLeaveTheirDependentsByDefault() {
    #expect(
      DeleteOptions().warnings(for: .job) == [
        "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or "
          + "set propagationPolicy=Orphan to suppress this warning"
      ])
    #expect(DeleteOptions(propagationPolicy: .orphan).warnings(for: .job).isEmpty)
    #expect(DeleteOptions().warnings(for: .cronJob).isEmpty)
    #expect(KubeObject.job(Job()).defaultPropagationPolicy == .orphan)
    #expect(KubeObject.cronJob(CronJob()).defaultPropagationPolicy == .background)
  }

  // MARK: Finalizers

  @Test(arguments: [Kind.configMap, .secret, .cronJob, .node, .namespace, .priorityClass, .job, .pod])
  func theLastFinalizerLetsAnObjectGo(_ kind: Kind) throws {
    var cluster = try Driver(nodes: 0)
    let spec =
      "{restartPolicy: Never, containers: [{name: main, image: busybox, command: [\"true\"]}]}"
    let bodies: [Kind: String] = [
      .cronJob: "spec: {schedule: \"* * * * *\", suspend: true, jobTemplate: {spec: {template: {spec: \(spec)}}}}",
      .job: "spec: {suspend: true, template: {spec: \(spec)}}", .pod: "spec: \(spec)",
    ]
    try cluster.apply(
      """
      apiVersion: \(kind.apiVersion)
      kind: \(kind.rawValue)
      metadata: {name: held, finalizers: [example.com/one, example.com/two]}
      \(bodies[kind] ?? "")
      """)
    let key = ObjectKey(kind, namespace: "default", name: "held")
    let generation = cluster.plane.object(key)?.metadata.generation ?? 0
    try delete(key, .background, &cluster)
    let metadata = try #require(cluster.plane.object(key)?.metadata)
    #expect(metadata.deletionTimestamp == cluster.now.truncatedToSeconds)
    #expect(metadata.deletionGracePeriodSeconds == 0)
    #expect(metadata.generation == (generation > 0 ? generation + 1 : 0))
    expectSound(cluster)
    do throws(StatusError) {
      try cluster.submit(
        .patch(key, .merge, ["metadata": ["finalizers": ["example.com/one", "example.com/two", "example.com/new"]]]))
      Issue.record("a finalizer was added")
    } catch {
      #expect(
        error.message.hasSuffix(
          "\"held\" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being "
            + "deleted, found new finalizers []string{\"example.com/new\"}"))
    }
    try cluster.submit(
      .patch(key, .merge, ["metadata": ["finalizers": ["example.com/two"], "deletionTimestamp": nil]]))
    #expect(cluster.plane.object(key)?.metadata.deletionTimestamp == metadata.deletionTimestamp)
    // It comes back as it was.
    let objects = Kind.allCases.flatMap { cluster.plane.list($0) }
    let copy = ControlPlane(restoring: objects, version: cluster.plane.version, .init(seed: 2), at: cluster.now)
    #expect(copy.object(key) != nil)
    #expect(copy.checkInvariants() == [])
    try cluster.submit(.patch(key, .merge, ["metadata": ["finalizers": nil]]))
    cluster.run(for: .seconds(30))
    #expect(cluster.plane.object(key) == nil)
    expectSound(cluster)
  }

  // MARK: Namespaces

  @Test func aNamespaceGoesWhenNothingHoldsItsContent() throws {
    var cluster = try Driver(nodes: 1)
    try cluster.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n")
    var map = ConfigMap()
    map.metadata.name = "map"
    map.metadata.namespace = "team"
    map.metadata.finalizers = ["example.com/hold"]
    try cluster.submit(.create(.configMap(map)))
    let space = ObjectKey(.namespace, name: "team")
    try delete(space, nil, &cluster)
    guard case .namespace(let namespace)? = cluster.plane.object(space) else {
      Issue.record("the namespace is gone")
      return
    }
    #expect(namespace.status.phase == "Terminating")
    do throws(StatusError) {
      map.metadata.name = ""
      map.metadata.generateName = "new-"
      try cluster.submit(.create(.configMap(map)))
      Issue.record("something was created")
    } catch {
      #expect(error.code == 403)
      #expect(error.reason == "Forbidden")
      #expect(
        error.message
          == "configmaps \"new-\" is forbidden: unable to create new content in namespace team because it is being "
          + "terminated")
      #expect(
        error.causes == [
          FieldError(
            type: "NamespaceTerminating", field: "metadata.namespace", body: "namespace team is being terminated")
        ])
    }
    try cluster.submit(
      .patch(ObjectKey(.configMap, namespace: "team", name: "map"), .merge, ["metadata": ["finalizers": nil]]))
    #expect(cluster.plane.object(space) == nil)
    #expect(cluster.plane.list(.event, namespace: "team").isEmpty)
    expectSound(cluster)
  }

  @Test(arguments: ["default", "kube-node-lease", "kube-public", "kube-system"])
  func someNamespacesStay(_ name: String) throws {
    var cluster = try Driver(nodes: 0)
    do throws(StatusError) {
      try cluster.submit(.delete(ObjectKey(.namespace, name: name)))
      Issue.record("the namespace was deleted")
    } catch {
      #expect(error.code == 403)
      #expect(error.message == "namespaces \"\(name)\" is forbidden: this namespace may not be deleted")
    }
  }

  // MARK: At random

  /// Owners and dependents in any constellation, changed and deleted in any way: no invariant breaks, and in the end
  /// nothing is left that nobody holds.
  @Test(arguments: 0..<8) func anyGraphComesToRest(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }
    var cluster = try Driver(nodes: 1)
    try cluster.apply(JobControllerTests.manifest("job", "suspend: true"))
    let all = (0..<8).map { key("map-\($0)") } + [key("job", .job)]
    for step in 0..<400 {
      let target = all[below(all.count)]
      switch below(6) {
      case 0, 1:
        let owners = (0..<below(3)).map { _ in all[below(all.count)] }
        guard target.kind == .configMap, cluster.plane.object(target) == nil else { continue }
        try make(
          target.name, owners: owners, finalizers: below(4) == 0 ? ["example.com/hold"] : [], blocks: below(3) > 0,
          &cluster)
      case 2, 3:
        guard cluster.plane.object(target) != nil else { continue }
        let policies: [PropagationPolicy?] = [nil, .background, .foreground, .orphan]
        try delete(target, policies[below(4)], &cluster)
      case 4:
        guard var object = cluster.plane.object(target) else { continue }
        object.metadata.finalizers.removeAll { $0 == "example.com/hold" }
        try cluster.submit(.update(object))
      default:
        guard var object = cluster.plane.object(target) else { continue }
        object.metadata.ownerReferences = (0..<below(3)).map { _ in owner(all[below(all.count)], cluster) }
        try cluster.submit(.update(object))
      }
      let problems = cluster.plane.checkInvariants()
      #expect(problems == [], "seed \(seed), step \(step)")
      if !problems.isEmpty { return }
      if below(60) == 0 {
        let objects = Kind.allCases.flatMap { cluster.plane.list($0) }
        cluster.plane = ControlPlane(
          restoring: objects, version: cluster.plane.version, .init(seed: seed), at: cluster.now)
        #expect(cluster.plane.checkInvariants() == [], "seed \(seed), restored after step \(step)")
      }
      if cluster.job("job") == nil { try cluster.apply(JobControllerTests.manifest("job", "suspend: true")) }
    }
    for key in all {
      guard var object = cluster.plane.object(key) else { continue }
      object.metadata.finalizers.removeAll { $0 == "example.com/hold" }
      try cluster.submit(.update(object))
    }
    for key in all where cluster.plane.object(key) != nil { try delete(key, .background, &cluster) }
    #expect(names(cluster).isEmpty)
    #expect(names(cluster, .job).isEmpty)
  }
}
