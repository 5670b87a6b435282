internal import KubeModel

/// Why a node cannot start a pod that was placed there, in the words of its kubelet. Only an event tells it: the pod
/// itself says `ContainerCreating`, as if it were on its way.
struct StartFailure: Hashable, Sendable {
  /// `FailedMount`, …
  let reason: String
  let message: String
  let firstSeen: Instant?

  private static let reasons: Set = ["FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox"]

  /// `nil` for events of another kind.
  init?(_ event: Event) {
    guard event.type == "Warning", event.involvedObject.kind == Kind.pod.rawValue,
      StartFailure.reasons.contains(event.reason)
    else { return nil }
    (reason, message, firstSeen) = (event.reason, event.message, event.firstSeen)
  }

  /// `FailedMount: MountVolume.SetUp failed for volume "data" : …`
  var text: String { message.isEmpty ? reason : "\(reason): \(message)" }

  /// What is the matter, without what the reason says already: `volume "data" : configmap "conf" not found`.
  var gist: String {
    let start = "MountVolume.SetUp failed for "
    return message.hasPrefix(start) ? String(message.dropFirst(start.count)) : text
  }

  /// What it takes, where that is known.
  var remedy: String {
    switch reason {
    case "FailedMount", "FailedAttachVolume", "FailedMapVolume":
      "It starts by itself once what the volume names is there; until then it is tried again and again."
    default: ""
    }
  }
}

extension Pod {
  /// Whether it was placed and none of its containers has begun, nor waits for anything else than its start.
  var isOnItsWay: Bool {
    guard !status.phase.isTerminal, status.phase != .running, !spec.nodeName.isEmpty else { return false }
    return (status.containerStatuses + status.initContainerStatuses).allSatisfy { status in
      status.lastState.terminated == nil && status.state.waiting.map(ContainerItem.isOnItsWay) ?? false
    }
  }
}
