import KubeModel
import Testing

@testable import Cluster

struct NodePoolTests {
  private let machine = Machine(cores: 2, memory: 1000 * 1024, architecture: "amd64", kernel: "6.1", osName: "Linux")

  @Test func sharesAddUpToTheMachine() {
    let nodes = NodePool.uniform(count: 3, cpu: nil, memory: nil, machine)
    #expect(nodes.map(\.metadata.name) == ["node-1", "node-2", "node-3"])
    #expect(nodes.map { $0.status.capacity["cpu"]?.text } == ["668m", "666m", "666m"])
    #expect(nodes.map { $0.status.capacity["memory"]?.text } == ["334Ki", "333Ki", "333Ki"])
    #expect(nodes.allSatisfy { $0.status.capacity["pods"]?.value == 110 })
    #expect(nodes.allSatisfy { $0.status.allocatable == $0.status.capacity })
    #expect(nodes[1].metadata.labels["kubernetes.io/hostname"] == "node-2")
    #expect(NodePool.uniform(count: 1, cpu: nil, memory: nil, machine)[0].status.capacity["cpu"]?.text == "2")
  }

  @Test func thisMachineHasSomething() {
    let machine = Machine.current()
    #expect(machine.cores >= 1)
    #expect(machine.memory > 64 << 20)
    #expect(!machine.architecture.isEmpty)
    #expect(!machine.kernel.isEmpty)
  }
}
