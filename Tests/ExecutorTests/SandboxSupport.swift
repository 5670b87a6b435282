import Executor
import Glibc
import KubeModel
import Testing

/// Whether bubblewrap works here: what `bwrap` itself says of it.
let hasBubblewrap = system("bwrap --dev-bind / / true >/dev/null 2>&1") == 0

extension Trait where Self == ConditionTrait {
  static var needsBubblewrap: Self {
    .enabled(if: hasBubblewrap, "bubblewrap is not installed, or may not make namespaces here")
  }
}

extension Harness {
  /// Starts a script in a container with volumes; `change` adds what else is special about it.
  func sandboxed(
    _ script: String, pod: String = "pod", container: String = "main", attempt: Int = 0, volumes: [PodVolume] = [],
    mounts: [ContainerMount] = [], _ change: (inout ContainerStart) -> Void = { _ in }
  ) -> ContainerID {
    let id = ContainerID(podUID: "uid-" + pod, container: container, attempt: attempt)
    var start = ContainerStart(
      id: id, namespace: "default", podName: pod, nodeName: "node-1", image: "debian:12",
      command: ["/bin/sh", "-c", script])
    start.volumes = volumes
    start.mounts = mounts
    change(&start)
    runtime.carryOut([.start(start)])
    return id
  }

  /// The lines of a container's log.
  func said(_ id: ContainerID) async -> [String] { (try? await text(id)) ?? [] }
}
