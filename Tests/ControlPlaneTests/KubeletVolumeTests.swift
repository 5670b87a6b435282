import KubeModel
import Testing

@testable import ControlPlane

/// Volumes of pods, up to the order to the runtime.
@Suite struct KubeletVolumeTests {
  private func spec(_ volumes: String, mounts: String = #"{"name":"v","mountPath":"/v"}"#) -> String {
    #"{"restartPolicy":"Never","containers":[{"name":"main","image":"x","command":["run"],"#
      + #""volumeMounts":[\#(mounts)]}],"volumes":[\#(volumes)]}"#
  }

  private let config =
    #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"one","b":"two"},"#
    + #""binaryData":{"z":"AAH/"}}"#
  private let secret =
    #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"key":"AAH/"}}"#

  private func file(_ path: String, _ text: String, _ mode: Int = 0o644) -> VolumeFile {
    VolumeFile(path: path, bytes: Array(text.utf8), mode: mode)
  }

  @Test func contents() throws {
    let binary = VolumeFile(path: "z", bytes: [0, 1, 255])
    let cases: [(String, PodVolume.Content)] = [
      (#""emptyDir":{"medium":"Memory"}"#, .emptyDirectory),
      (#""hostPath":{"path":"/srv","type":"Directory"}"#, .hostPath("/srv", type: "Directory")),
      (#""hostPath":{"path":"/srv"}"#, .hostPath("/srv", type: "")),
      (#""configMap":{"name":"c"}"#, .files([file("a", "one"), file("b", "two"), binary])),
      (
        #""configMap":{"name":"c","defaultMode":256,"items":[{"key":"b","path":"d/e"},"#
          + #"{"key":"a","path":"f","mode":511}]}"#,
        .files([file("d/e", "two", 0o400), file("f", "one", 0o777)])
      ),
      (#""configMap":{"name":"none","optional":true}"#, .files([])),
      (#""configMap":{"name":"c","optional":true,"items":[{"key":"none","path":"x"}]}"#, .files([])),
      (#""secret":{"secretName":"s"}"#, .files([VolumeFile(path: "key", bytes: [0, 1, 255])])),
      (
        #""downwardAPI":{"items":[{"path":"name","fieldRef":{"fieldPath":"metadata.name"}},"#
          + #"{"path":"memory","resourceFieldRef":{"containerName":"main","resource":"limits.memory","#
          + #""divisor":"1Gi"}}]}"#,
        .files([file("name", "p"), file("memory", "64")])
      ),
      (
        #""projected":{"sources":[{"configMap":{"name":"c","items":[{"key":"a","path":"a"}]}},"#
          + #"{"secret":{"name":"s","items":[{"key":"key","path":"k"}]}}]}"#,
        .files([file("a", "one"), VolumeFile(path: "k", bytes: [0, 1, 255])])
      ),
    ]
    for (source, content) in cases {
      let bench = try KubeletRig(
        spec(#"{"name":"v",\#(source)},{"name":"unused","configMap":{"name":"no"}}"#), others: [config, secret])
      #expect(bench.starts.map(\.volumes) == [[PodVolume(name: "v", content: content)]], "\(source)")
    }
  }

  @Test func mountsAreResolved() throws {
    let mounts =
      #"{"name":"v","mountPath":"/a","readOnly":true},{"name":"v","mountPath":"/b","subPathExpr":"$(POD)/x"}"#
    let text = spec(#"{"name":"v","emptyDir":{}}"#, mounts: mounts).split(separator: #""command":["run"]"#)
    let bench = try KubeletRig(
      text[0] + #""command":["run"],"env":[{"name":"POD","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]"#
        + text[1])
    #expect(
      bench.starts.first?.mounts == [
        ContainerMount(volume: "v", mountPath: "/a", isReadOnly: true),
        ContainerMount(volume: "v", mountPath: "/b", subPath: "p/x"),
      ])
  }

  @Test(arguments: [
    (#""configMap":{"name":"late"}"#, #"configmap "late" not found"#),
    (#""secret":{"secretName":"late"}"#, #"secret "late" not found"#),
    (
      #""configMap":{"name":"c","items":[{"key":"k","path":"k"}]}"#,
      "configmap references non-existent config key: k"
    ),
    (#""secret":{"secretName":"s","items":[{"key":"k","path":"k"}]}"#, "references non-existent secret key: k"),
    (
      #""persistentVolumeClaim":{"claimName":"x"}"#, "jobdeck has no volumes of type persistentVolumeClaim"
    ),
  ])
  func whatIsMissingHoldsThePodBack(source: String, problem: String) throws {
    var bench = try KubeletRig(spec(#"{"name":"v",\#(source)}"#), others: [config, secret])
    #expect(bench.state == "Pending: main ContainerCreating")
    #expect(
      bench.conditions == [
        "PodReadyToStartContainers: no", "Initialized", "Ready: no ContainersNotReady",
        "ContainersReady: no ContainersNotReady", "PodScheduled",
      ])
    let event = "FailedMount MountVolume.SetUp failed for volume \"v\" : \(problem)"
    #expect(bench.events == [event])
    // After 0.5, 1, 2, 4 … seconds, up to two minutes.
    bench.wait(.milliseconds(7500))
    #expect(bench.events == [event + " x5"])
    bench.wait(.seconds(1000))
    #expect(bench.events == [event + " x16"])
    #expect(bench.starts.isEmpty)
  }

  @Test func itGoesOnWhenTheObjectAppears() throws {
    var bench = try KubeletRig(spec(#"{"name":"v","configMap":{"name":"c"}}"#))
    bench.wait(.seconds(1))
    #expect(bench.starts.isEmpty)
    try bench.apply(config)
    bench.wait(.seconds(2))
    #expect(bench.starts.count == 1)
    bench.started("main")
    #expect(bench.state == "Running: main running ready")
    #expect(bench.conditions.first == "PodReadyToStartContainers")
  }

  @Test func aRuntimesFailureIsTriedAgainToo() throws {
    var bench = try KubeletRig(spec(#"{"name":"v","hostPath":{"path":"/srv","type":"File"}}"#))
    let message = "MountVolume.SetUp failed for volume \"v\" : hostPath type check failed: /srv is not a file"
    bench.failed("main", "FailedMount", message)
    #expect(bench.state == "Pending: main ContainerCreating")
    #expect(bench.events == ["FailedMount " + message])
    bench.wait(.milliseconds(500))
    #expect(bench.starts.count == 2)
    bench.started("main")
    #expect(bench.state == "Running: main running ready")
  }

  @Test func aRestartDoesWithWhatIsThere() throws {
    let text = spec(#"{"name":"v","configMap":{"name":"c"}}"#).replacing("Never", with: "OnFailure")
    var bench = try KubeletRig(text, others: [config])
    bench.started("main")
    bench.exited("main", 1)
    try bench.submit(.delete(ObjectKey(.configMap, namespace: "default", name: "c")))
    bench.wait(.seconds(10))
    #expect(bench.starts.last?.volumes == [PodVolume(name: "v", content: .earlierFiles)])
  }

  @Test func deletionOfAPodThatWaits() throws {
    var bench = try KubeletRig(spec(#"{"name":"v","configMap":{"name":"c"}}"#))
    try bench.submit(.delete(KubeletRig.key))
    #expect(bench.state == "gone")
    bench.wait(.seconds(1000))
    #expect(bench.starts.isEmpty)
  }

  @Test func messagesShareTheirRoom() throws {
    let more = (0..<5).map { #",{"name":"c\#($0)","image":"x","command":["run"]}"# }.joined()
    var bench = try KubeletRig(
      #"{"restartPolicy":"Never","containers":[{"name":"main","image":"x","command":["run"]}\#(more)]}"#)
    bench.started("main")
    bench.exited("main", 1, message: String(repeating: "x", count: 4096))
    #expect(bench.pod?.status.containerStatuses[0].state.terminated?.message.utf8.count == 2048)
  }
}

extension String {
  fileprivate func replacing(_ text: String, with other: String) -> String {
    split(separator: text, omittingEmptySubsequences: false).joined(separator: other)
  }
}
