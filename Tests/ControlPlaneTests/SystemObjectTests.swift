import ControlPlane
import KubeModel
import Testing

@Suite struct SystemObjectTests {
  private let start = Instant(seconds: 1_800_000_000)

  /// They follow from the namespace `default`, and are the same after each restart.
  @Test func systemObjectsAreTheSameAfterARestart() throws {
    var plane = ControlPlane(at: start)
    let before = plane.list(.namespace) + plane.list(.priorityClass)
    #expect(before.count == 6)
    // Nothing of them is a change, so that nothing of them is stored.
    let stored = (plane.changes(since: 0) ?? []).map(\.object)
    #expect(!stored.contains { $0.key.name.hasPrefix("kube-") && $0.kind == .namespace })
    let again = ControlPlane(restoring: stored, version: plane.version, at: start + .seconds(3600))
    #expect(again.list(.namespace) + again.list(.priorityClass) == before)
    #expect(again.version == plane.version)

    // What somebody has changed is stored as all else, and is not made anew.
    guard case .namespace(var system)? = plane.object(ObjectKey(.namespace, name: "kube-system")) else {
      throw StatusError.badRequest("no kube-system")
    }
    system.metadata.labels["team"] = "a"
    let changed = try plane.submit(.update(.namespace(system), dryRun: false), at: start)
    let third = ControlPlane(
      restoring: stored + [changed], version: plane.version, at: start + .seconds(3600))
    #expect(third.object(changed.key) == changed)
  }

  @Test func systemNamespacesHoldNothingOfTheirOwn() {
    let plane = ControlPlane(at: start)
    #expect(plane.list(.configMap).map(\.metadata.namespace) == ["default"])
    #expect(plane.list(.serviceAccount).map(\.metadata.namespace) == ["default"])
  }
}
