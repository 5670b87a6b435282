import KubeModel
import Testing

@testable import ControlPlane

/// Refusals that depend on what there is, in the words that a Kubernetes API server answered with.
struct RefusalTests {
  private static let key = ObjectKey(.job, namespace: "default", name: "run")

  private func running() throws -> SimulatedClusterDriver {
    var cluster = try SimulatedClusterDriver()
    try cluster.apply(JobControllerTests.manifest("run", annotations: ["duration": "600s"]))
    cluster.run(for: .seconds(1))
    return cluster
  }

  private func refusal(of request: Request, _ cluster: SimulatedClusterDriver) -> StatusError? {
    var copy = cluster
    do {
      try copy.submit(request)
      return nil
    } catch {
      return error
    }
  }

  private func expect(
    _ request: Request, _ code: Int, _ reason: String, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = refusal(of: request, try running())
    #expect(error?.code == code, sourceLocation: sourceLocation)
    #expect(error?.reason == reason, sourceLocation: sourceLocation)
    #expect(error?.message == message, sourceLocation: sourceLocation)
  }

  @Test func whatIsNotThere() throws {
    let none = ObjectKey(.job, namespace: "default", name: "none")
    let message = "jobs.batch \"none\" not found"
    try expect(.delete(none), 404, "NotFound", message)
    try expect(.patch(none, .merge, ["spec": ["suspend": true]]), 404, "NotFound", message)
    #expect(StatusError.notFound(none).message == message)
  }

  @Test func anotherName() throws {
    try expect(
      .patch(Self.key, .merge, ["metadata": ["name": "other"]]), 400, "BadRequest",
      "the name of the object (other) does not match the name on the URL (run)")
  }

  @Test func aStaleVersion() throws {
    try expect(
      .patch(Self.key, .merge, ["metadata": ["resourceVersion": "1"], "spec": ["backoffLimit": 2]]), 409, "Conflict",
      "Operation cannot be fulfilled on jobs.batch \"run\": the object has been modified; please apply your changes "
        + "to the latest version and try again")
  }

  @Test func anotherUID() throws {
    let uid = try #require(try running().job("run")).metadata.uid
    try expect(
      .delete(Self.key, DeleteOptions(uid: "zzz")), 409, "Conflict",
      "Operation cannot be fulfilled on Job.batch \"run\": the UID in the precondition (zzz) does not match the UID in "
        + "record (\(uid)). The object might have been deleted and then recreated")
  }

  @Test func aStatusThatCountsBackwards() throws {
    let cluster = try running()
    var job = try #require(cluster.job("run"))
    job.status.succeeded = -1
    let error = refusal(of: .updateStatus(.job(job)), cluster)
    #expect(error?.code == 422)
    #expect(
      error?.message
        == "Job.batch \"run\" is invalid: [status.succeeded: Invalid value: -1: must be greater than or equal to 0, "
        + "status.succeeded: Invalid value: -1: cannot decrease the succeeded counter]")
  }
}
