import KubeModel

extension Pod {
  /// Marks what ran as lost: nobody saw how it ended (kubelet: ContainerStatusUnknown, exit code 137).
  mutating func loseContainers(at time: Instant) {
    func lose(_ status: inout ContainerStatus) {
      guard let running = status.state.running else { return }
      var terminated = ContainerState.Terminated()
      terminated.containerID = status.containerID
      terminated.exitCode = 137
      terminated.reason = "ContainerStatusUnknown"
      terminated.message = "The container could not be located when the pod was terminated"
      terminated.startedAt = running.startedAt
      terminated.finishedAt = time
      status.state = ContainerState()
      status.state.terminated = terminated
      status.ready = false
      status.started = false
    }
    for index in status.initContainerStatuses.indices { lose(&status.initContainerStatuses[index]) }
    for index in status.containerStatuses.indices { lose(&status.containerStatuses[index]) }
  }
}
