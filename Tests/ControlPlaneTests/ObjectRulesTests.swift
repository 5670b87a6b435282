import KubeModel
import Testing

@testable import ControlPlane

/// Names, versions, identity and admission: what the API server does with any object.
struct ObjectRulesTests {
  private func key(_ name: String, _ kind: Kind = .configMap) -> ObjectKey {
    ObjectKey(kind, namespace: "default", name: name)
  }

  private func map(_ name: String, generateName: String = "") -> ConfigMap {
    var map = ConfigMap()
    map.metadata.name = name
    map.metadata.generateName = generateName
    return map
  }

  /// What is answered to a request; the test fails where it is accepted.
  private func refusal(
    _ request: Request, _ cluster: inout SimulatedClusterDriver, sourceLocation: SourceLocation = #_sourceLocation
  ) -> StatusError {
    do throws(StatusError) {
      try cluster.submit(request)
      Issue.record("accepted: \(request)", sourceLocation: sourceLocation)
      return .badRequest("")
    } catch {
      return error
    }
  }

  // MARK: Names

  @Test func generatedNamesAreTheBaseAndFiveLetters() throws {
    var cluster = try SimulatedClusterDriver(nodes: 0)
    let long = String(repeating: "a", count: 70)
    let made = try cluster.submit(.create(.configMap(map("", generateName: long))))
    #expect(made.metadata.name.wholeMatch(of: /a{58}[bcdfghjklmnpqrstvwxz2456789]{5}/) != nil)
    #expect(made.metadata.generateName == long)
    // A name that is given counts.
    #expect(try cluster.submit(.create(.configMap(map("given", generateName: "x-")))).metadata.name == "given")
  }

  @Test func theServerSetsIdentityAndTimes() throws {
    var cluster = try SimulatedClusterDriver(nodes: 0)
    var object = map("map")
    object.metadata.uid = "mine"
    object.metadata.creationTimestamp = Instant(seconds: 5)
    object.metadata.deletionTimestamp = Instant(seconds: 6)
    object.metadata.generation = 9
    let made = try cluster.submit(.create(.configMap(object))).metadata
    #expect(made.uid != "mine")
    #expect(made.creationTimestamp == cluster.now.truncatedToSeconds)
    #expect(made.deletionTimestamp == nil)
    #expect(made.generation == 0)
    #expect(made.resourceVersion == String(cluster.plane.version))
  }

  // MARK: Refusals

  @Test func refusalsInTheServersWords() throws {
    var cluster = try SimulatedClusterDriver(nodes: 0)
    try cluster.apply(JobControllerTests.manifest("job", "suspend: true"))
    guard case .job(let job)? = cluster.plane.object(key("job", .job)) else { return }
    var again = Job()
    again.metadata.name = "job"
    again.spec = job.spec
    again.spec.selector = nil
    again.spec.template.metadata.labels = StringMap()
    var error = refusal(.create(.job(again)), &cluster)
    #expect(error.code == 409 && error.reason == "AlreadyExists")
    #expect(error.message == "jobs.batch \"job\" already exists")

    error = refusal(.delete(key("none", .job)), &cluster)
    #expect(error.code == 404 && error.reason == "NotFound")
    #expect(error.message == "jobs.batch \"none\" not found")

    again.metadata.namespace = "nowhere"
    error = refusal(.create(.job(again)), &cluster)
    #expect(error.code == 404 && error.reason == "NotFound")
    #expect(error.message == "namespaces \"nowhere\" not found")

    error = refusal(.patch(key("job", .job), .merge, ["metadata": ["namespace": "other"]]), &cluster)
    #expect(error.code == 400 && error.reason == "BadRequest")
    #expect(error.message == "the namespace of the provided object does not match the namespace sent on the request")
    error = refusal(.patch(key("job", .job), .merge, ["metadata": ["name": "other"]]), &cluster)
    #expect(error.message == "the name of the object (other) does not match the name on the URL (job)")
  }

  // MARK: Versions and identity

  @Test func aStaleVersionIsAConflict() throws {
    var cluster = try SimulatedClusterDriver(nodes: 0)
    try cluster.submit(.create(.configMap(map("map"))))
    try cluster.apply(JobControllerTests.manifest("job", "suspend: true"))
    for target in [key("map"), key("job", .job)] {
      guard var object = cluster.plane.object(target) else { return }
      let stale = object.metadata.resourceVersion
      try cluster.submit(.patch(target, .merge, ["metadata": ["labels": ["a": "b"]]]))
      object.metadata.labels["c"] = "d"
      let error = refusal(.update(object), &cluster)
      #expect(error.code == 409 && error.reason == "Conflict")
      #expect(
        error.message
          == "Operation cannot be fulfilled on \(target.kind.qualifiedPlural) \"\(target.name)\": the object has been "
          + "modified; please apply your changes to the latest version and try again")
      #expect(
        refusal(.patch(target, .merge, ["metadata": ["resourceVersion": .string(stale)]]), &cluster) == error)
      for version in ["", "0"] {
        object.metadata.resourceVersion = version
        object.metadata.labels["version"] = "v\(version)"
        #expect(try cluster.submit(.update(object)).metadata.labels["version"] == "v\(version)")
      }
    }
  }

  @Test func anotherUIDIsAnotherObject() throws {
    var cluster = try SimulatedClusterDriver(nodes: 0)
    try cluster.submit(.create(.configMap(map("map"))))
    guard var object = cluster.plane.object(key("map")) else { return }
    let uid = object.metadata.uid
    object.metadata.uid = "other"
    #expect(
      refusal(.update(object), &cluster).message
        == "Operation cannot be fulfilled on configmaps \"map\": StorageError: invalid object, Code: 4, Key: "
        + "/registry/configmaps/default/map, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in "
        + "precondition: other, UID in object meta: \(uid)")
    #expect(
      refusal(.patch(key("map"), .merge, ["metadata": ["uid": "other"]]), &cluster).message
        == "ConfigMap \"map\" is invalid: metadata.uid: Invalid value: \"other\": field is immutable")
    #expect(
      refusal(.patch(key("map"), .merge, ["metadata": ["creationTimestamp": "2020-01-01T00:00:00Z"]]), &cluster).message
        == "ConfigMap \"map\" is invalid: metadata.creationTimestamp: Invalid value: \"2020-01-01T00:00:00Z\": field "
        + "is immutable")
    #expect(key("node", .node).storagePath == "/registry/minions/node")
  }

  @Test func deletionsCanHavePreconditions() throws {
    var cluster = try SimulatedClusterDriver(nodes: 0)
    try cluster.apply(JobControllerTests.manifest("job", "suspend: true"))
    let target = key("job", .job)
    guard let known = cluster.plane.object(target)?.metadata else { return }
    var error = refusal(.delete(target, DeleteOptions(uid: "zzz")), &cluster)
    #expect(error.code == 409 && error.reason == "Conflict")
    #expect(
      error.message
        == "Operation cannot be fulfilled on Job.batch \"job\": the UID in the precondition (zzz) does not match the "
        + "UID in record (\(known.uid)). The object might have been deleted and then recreated")
    error = refusal(.delete(target, DeleteOptions(resourceVersion: "1")), &cluster)
    #expect(
      error.message
        == "Operation cannot be fulfilled on Job.batch \"job\": the ResourceVersion in the precondition (1) does not "
        + "match the ResourceVersion in record (\(known.resourceVersion)). The object might have been modified")
    try cluster.submit(
      .delete(target, DeleteOptions(uid: known.uid, resourceVersion: known.resourceVersion)))
    #expect(cluster.job("job") == nil)
  }

  @Test func specChangesAreCountedAndStatusIsTheServers() throws {
    var cluster = try SimulatedClusterDriver(nodes: 0)
    try cluster.apply(JobControllerTests.manifest("job", "suspend: true"))
    let target = key("job", .job)
    try cluster.submit(.patch(target, .merge, ["metadata": ["labels": ["a": "b"]], "status": ["succeeded": 7]]))
    #expect(cluster.job("job")?.metadata.generation == 1)
    #expect(cluster.job("job")?.status.succeeded == 0)
    try cluster.submit(.patch(target, .merge, ["spec": ["parallelism": 3]]))
    #expect(cluster.job("job")?.metadata.generation == 2)
    // Nothing changed: no new version.
    let version = cluster.job("job")?.metadata.resourceVersion
    try cluster.submit(.patch(target, .merge, ["spec": ["parallelism": 3]]))
    #expect(cluster.job("job")?.metadata.resourceVersion == version)
  }

  // MARK: Priority classes

  private func priorityClass(_ name: String, _ value: Int, isDefault: Bool = false) -> Request {
    var made = PriorityClass()
    made.metadata.name = name
    made.value = value
    made.globalDefault = isDefault
    return .create(.priorityClass(made))
  }

  @Test func thereIsOneDefaultClass() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    try cluster.submit(priorityClass("first", 10, isDefault: true))
    let error = refusal(priorityClass("second", 20, isDefault: true), &cluster)
    #expect(error.code == 403 && error.reason == "Forbidden")
    #expect(
      error.message
        == "priorityclasses.scheduling.k8s.io \"second\" is forbidden: PriorityClass first is already marked as "
        + "default. Only one default can exist")
    try cluster.submit(priorityClass("second", 20))
    #expect(
      refusal(.patch(ObjectKey(.priorityClass, name: "second"), .merge, ["globalDefault": true]), &cluster).message
        == error.message)
    try cluster.apply(JobControllerTests.manifest("job", annotations: ["duration": "1h"]))
    #expect(cluster.pods[0].spec.priority == 10)
    #expect(cluster.pods[0].spec.priorityClassName == "first")
    try cluster.submit(.delete(ObjectKey(.priorityClass, name: "first")))
    try cluster.submit(.patch(ObjectKey(.priorityClass, name: "second"), .merge, ["globalDefault": true]))
  }

  @Test func admissionSpeaksOfNamesToCome() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    try cluster.apply(JobControllerTests.manifest("job", pod: "priorityClassName: none"))
    #expect(
      cluster.events.first { $0.reason == "FailedCreate" }?.message
        == "Error creating: pods \"job-\" is forbidden: no PriorityClass with name none was found")
    try cluster.apply(JobControllerTests.manifest("other", pod: "priority: 7"))
    #expect(
      cluster.events.first { $0.reason == "FailedCreate" && $0.involvedObject.name == "other" }?.message
        == "Error creating: pods \"other-\" is forbidden: the integer value of priority (7) must not be provided in "
        + "pod spec; priority admission controller computed 0 from the given PriorityClass name")
  }

  @Test func podsTolerateLostNodesForFiveMinutes() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    try cluster.apply(
      JobControllerTests.manifest(
        "job", annotations: ["duration": "1h"],
        pod: "tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute}]"))
    #expect(
      cluster.pods[0].spec.tolerations.map { "\($0.key) \($0.tolerationSeconds ?? -1)" }
        == ["node.kubernetes.io/not-ready -1", "node.kubernetes.io/unreachable 300"])
  }
}
