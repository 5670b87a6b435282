import KubeModel
import Testing

@testable import ControlPlane

func make() -> Pod {
  var pod = Pod()
  pod.metadata.name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  pod.metadata.labels = ["aaaaaaaaaaaaaaaaaaaaaaaaaaa": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"]
  pod.status.hostIP = "127.0.0.1"
  var c = Container()
  c.name = "main"
  c.image = "x"
  c.command = ["true"]
  pod.spec.containers = [c]
  return pod
}
@Test func copyA() { var p = make(); p.applyDefaults(); let q = p; #expect(q == p) }
@Test func copyB() throws { var p = make(); p.applyDefaults(); try p.admit { _ in nil }; let q = p; #expect(q == p) }
@Test func copyC() {
  var p = make()
  p.status.containerStatuses = p.spec.containers.map { ContainerStatus($0, waiting: "x") }
  let q = p
  #expect(q == p)
}
@Test func copyD() {
  var p = make()
  p.status.set("PodScheduled", true, at: Instant(seconds: 1))
  p.status.startTime = Instant(seconds: 1)
  let q = p
  #expect(q == p)
}
@Test func copyE() {
  var p = make()
  p.spec.nodeName = "node-1"
  let q = p
  #expect(q == p)
}
@Test func copyF() {
  var p = make()
  p.spec.addCompletionIndex()
  _ = PodRequirements(spec: p.spec)
  let q = p
  #expect(q == p)
}
