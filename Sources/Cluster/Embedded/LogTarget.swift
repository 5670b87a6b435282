internal import KubeModel

/// Which run of which container a log request means.
///
/// Follows the API server (which container) and the kubelet (which run), with their refusals. One difference: a
/// request that names no container of a pod that has several gets kubectl's choice, the container that the annotation
/// `kubectl.kubernetes.io/default-container` names, or the first.
struct LogTarget: Hashable {
  var id: ContainerID
  var namespace: String
  var podName: String

  init(_ request: LogRequest, in pod: Pod) throws(StatusError) {
    namespace = pod.metadata.namespace
    podName = pod.metadata.name
    let name = try LogTarget.container(request.container, in: pod)
    guard !pod.spec.nodeName.isEmpty else {
      throw .badRequest("pod \(podName) does not have a host assigned")
    }
    let statuses = pod.status.containerStatuses + pod.status.initContainerStatuses
    guard let status = statuses.first(where: { $0.name == name }) else {
      throw .badRequest("container \"\(name)\" in pod \"\(podName)\" is not available")
    }
    id = ContainerID(podUID: pod.metadata.uid, container: name, attempt: status.restartCount)
    if request.previous {
      // A container that waits to be restarted has its last run's state in `lastState`, under that run's count.
      let isWaiting = status.state.waiting != nil
      guard status.lastState.terminated != nil, isWaiting || status.restartCount > 0 else {
        throw .badRequest("previous terminated container \"\(name)\" in pod \"\(podName)\" not found")
      }
      if !isWaiting { id.attempt -= 1 }
    } else if let waiting = status.state.waiting {
      // What waits to be started again still shows its last run.
      guard status.lastState.terminated != nil else {
        throw .badRequest("container \"\(name)\" in pod \"\(podName)\" is waiting to start: \(waiting.reason)")
      }
    } else if status.state.running == nil, status.state.terminated == nil {
      throw .badRequest("container \"\(name)\" in pod \"\(podName)\" is waiting to start - no logs yet")
    }
  }

  private static func container(_ requested: String?, in pod: Pod) throws(StatusError) -> String {
    let names = (pod.spec.initContainers + pod.spec.containers).map(\.name)
    if let requested, !requested.isEmpty {
      guard names.contains(requested) else {
        throw .badRequest("container \(requested) is not valid for pod \(pod.metadata.name)")
      }
      return requested
    }
    if let preferred = pod.metadata.annotations["kubectl.kubernetes.io/default-container"], names.contains(preferred) {
      return preferred
    }
    guard let first = pod.spec.containers.first else {
      throw .badRequest("a container name must be specified for pod \(pod.metadata.name)")
    }
    return first.name
  }
}

extension LogSequence {
  /// What is left of a log behind its last line.
  static var empty: LogSequence { LogSequence(AsyncThrowingStream { $0.finish() }) }

  /// A log that consists of a remark.
  static func note(_ text: String) -> LogSequence {
    LogSequence(
      AsyncThrowingStream { continuation in
        continuation.yield([LogLine(time: .wallClock, stream: .note, bytes: Array(text.utf8))])
        continuation.finish()
      })
  }
}
