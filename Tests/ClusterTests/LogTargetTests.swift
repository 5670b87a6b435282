import KubeModel
import Testing

@testable import Cluster

struct LogTargetTests {
  private func pod(_ containers: [String] = ["a"], restarts: Int = 0) -> Pod {
    var pod = Pod()
    pod.metadata.name = "p"
    pod.metadata.namespace = "default"
    pod.metadata.uid = "u"
    pod.spec.nodeName = "node-1"
    pod.spec.containers = containers.map { name in
      var container = Container()
      container.name = name
      return container
    }
    pod.status.containerStatuses = containers.map { name in
      var status = ContainerStatus()
      status.name = name
      status.restartCount = restarts
      status.state.running = ContainerState.Running()
      if restarts > 0 { status.lastState.terminated = ContainerState.Terminated() }
      return status
    }
    return pod
  }

  private func attempt(_ pod: Pod, _ container: String? = nil, previous: Bool = false) throws -> Int {
    let request = LogRequest(namespace: "default", pod: "p", container: container, previous: previous)
    return try LogTarget(request, in: pod).id.attempt
  }

  private func refusal(_ pod: Pod, _ container: String? = nil, previous: Bool = false) -> String? {
    do {
      _ = try attempt(pod, container, previous: previous)
      return nil
    } catch {
      return (error as? StatusError)?.code == 400 ? "\(error)" : nil
    }
  }

  @Test func theContainerIsTheNamedTheAnnotatedOrTheFirst() throws {
    var two = pod(["a", "b"])
    let request = LogRequest(namespace: "default", pod: "p")
    #expect(try LogTarget(request, in: two).id.container == "a")
    two.metadata.annotations["kubectl.kubernetes.io/default-container"] = "b"
    #expect(try LogTarget(request, in: two).id.container == "b")
    #expect(try LogTarget(LogRequest(namespace: "default", pod: "p", container: "a"), in: two).id.container == "a")
    #expect(refusal(two, "c") == "container c is not valid for pod p")
  }

  @Test func previousIsTheRunBefore() throws {
    #expect(try attempt(pod(restarts: 3)) == 3)
    #expect(try attempt(pod(restarts: 3), previous: true) == 2)
    #expect(refusal(pod(), previous: true) == "previous terminated container \"a\" in pod \"p\" not found")
  }

  @Test func aContainerThatWaitsToBeRestartedShowsItsLastRun() throws {
    var waiting = pod(restarts: 2)
    waiting.status.containerStatuses[0].state = ContainerState()
    waiting.status.containerStatuses[0].state.waiting = ContainerState.Waiting()
    #expect(try attempt(waiting) == 2)
    #expect(try attempt(waiting, previous: true) == 2)
  }

  @Test func whatHasNotStartedSaysWhy() {
    var waiting = pod()
    waiting.status.containerStatuses[0].state = ContainerState()
    #expect(refusal(waiting) == "container \"a\" in pod \"p\" is waiting to start - no logs yet")
    waiting.status.containerStatuses[0].state.waiting = ContainerState.Waiting()
    waiting.status.containerStatuses[0].state.waiting?.reason = "ContainerCreating"
    #expect(refusal(waiting) == "container \"a\" in pod \"p\" is waiting to start: ContainerCreating")
    var unassigned = pod()
    unassigned.spec.nodeName = ""
    #expect(refusal(unassigned) == "pod p does not have a host assigned")
  }
}
