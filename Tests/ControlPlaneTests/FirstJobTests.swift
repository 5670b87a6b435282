import KubeModel
import Testing

@testable import ControlPlane

@Test func jobRuns() throws {
  var plane = ControlPlane(at: Instant(seconds: 1000))
  var node = Node()
  node.metadata.name = "node-1"
  node.status.capacity["cpu"] = Quantity("4")
  node.status.capacity["memory"] = Quantity("8Gi")
  try plane.submit(.create(.node(node)), at: Instant(seconds: 1000))
  var job = Job()
  job.metadata.name = "hello"
  var c = Container()
  c.name = "main"
  c.image = "x"
  c.command = ["true"]
  job.spec.template.spec.containers = [c]
  job.spec.template.spec.restartPolicy = .never
  job.spec.completions = 3
  job.spec.parallelism = 2
  try plane.submit(.create(.job(job)), at: Instant(seconds: 1001))
  var t = Instant(seconds: 1002)
  for _ in 0..<10 {
    for effect in plane.takeEffects() {
      if case .start(let start) = effect {
        plane.observe(.started(start.id, at: t), at: t)
        plane.observe(.exited(start.id, ContainerExit(exitCode: 0, startedAt: t, finishedAt: t)), at: t)
      }
    }
    t = t + .seconds(1)
    plane.advance(to: t)
  }
  guard case .job(let done)? = plane.object(ObjectKey(.job, namespace: "default", name: "hello")) else { Issue.record(); return }
  #expect(done.status.succeeded == 3)
  #expect(done.isFinished)
}
