import KubeModel
import Testing

/// What Kubernetes refuses of volumes, ports and security contexts (pkg/apis/core/validation).
@Suite struct VolumeRuleTests {
  private func complaints(_ text: String) throws -> [String] {
    let read = try KubeObject.read(Array(text.utf8), expecting: .pod).object
    guard case .pod(var pod) = read else { return ["no pod"] }
    pod.metadata.namespace = "default"
    pod.applyDefaults()
    return pod.validate().map(\.description)
  }

  @Test(arguments: [
    (#""hostPath":{"path":"/a/../b"}"#, #"hostPath.path: Invalid value: "/a/../b": must not contain '..'"#),
    (
      #""configMap":{"name":"c","defaultMode":512}"#,
      "configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive"
    ),
    (
      #""secret":{"secretName":"c","items":[{"key":"a","path":"/a"}]}"#,
      #"secret.items[0].path: Invalid value: "/a": must be a relative path"#
    ),
    (
      #""projected":{"sources":[{"configMap":{"name":"c","items":[{"key":"a","path":"../a"}]}}]}"#,
      #"projected.sources[0].configMap.items[0].path: Invalid value: "../a": must not contain '..'"#
    ),
    (
      #""configMap":{"name":"c","items":[{"key":"a","path":"..a"}]}"#,
      #"configMap.items[0].path: Invalid value: "..a": must not start with '..'"#
    ),
    (
      #""configMap":{"name":"c","items":[{"key":"a","path":"a","mode":-1}]}"#,
      "configMap.items[0].mode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive"
    ),
    (
      #""downwardAPI":{"items":[{"path":"n","fieldRef":{"fieldPath":"spec.nodeName"}}]}"#,
      #"downwardAPI.fieldRef.fieldPath: Unsupported value: "spec.nodeName": supported values: "#
        + #""metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid""#
    ),
    (
      #""downwardAPI":{"items":[{"path":"n"}]}"#,
      "downwardAPI: Required value: one of fieldRef and resourceFieldRef is required"
    ),
    (
      #""downwardAPI":{"items":[{"path":"n","resourceFieldRef":{"resource":"limits.cpu"}}]}"#,
      "downwardAPI.resourceFieldRef.containerName: Required value"
    ),
    (
      #""projected":{"sources":[{"secret":{"name":"s","items":[{"key":"a","path":"a"}]}},{"configMap":{"name":"c","#
        + #""items":[{"key":"a","path":"a"}]}}]}"#,
      #"projected: Invalid value: "c": conflicting duplicate paths"#
    ),
    (
      #""projected":{"sources":[{"secret":{"name":"s"},"configMap":{"name":"c"}}]}"#,
      "projected.sources[0]: Forbidden: may not specify more than 1 volume type per source"
    ),
  ])
  func filesInVolumes(_ volume: String, _ complaint: String) throws {
    #expect(try complaints(KeptFieldTests.pod("", volume: volume)) == ["spec.volumes[0].\(complaint)"])
  }

  @Test(arguments: [
    #""configMap":{"name":"c","defaultMode":511,"items":[{"key":"a","path":"x/y..z","mode":0}]}"#,
    #""downwardAPI":{"items":[{"path":"n","fieldRef":{"fieldPath":"metadata.labels['a']"}}]}"#,
    #""projected":{"sources":[{"serviceAccountToken":{"path":"t"}},{"secret":{"name":"s"}}]}"#,
  ])
  func goodFiles(_ volume: String) throws {
    #expect(try complaints(KeptFieldTests.pod("", volume: volume)) == [])
  }

  @Test(arguments: [
    (#""name":"v","mountPath":"/a","subPath":"/x""#, #".subPath: Invalid value: "/x": must be a relative path"#),
    (
      #""name":"v","mountPath":"/a","subPathExpr":"../x""#,
      #".subPathExpr: Invalid value: "../x": must not contain '..'"#
    ),
    (#""name":"w","mountPath":"/a""#, #"[0].name: Not found: "w""#),
    (
      #""name":"v","mountPath":"/a","mountPropagation":"Bidirectional""#,
      ".mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers"
    ),
    (
      #""name":"v","mountPath":"/a","recursiveReadOnly":"Enabled""#,
      ".recursiveReadOnly: Forbidden: may only be specified when readOnly is true"
    ),
  ])
  func mounts(_ mount: String, _ complaint: String) throws {
    #expect(
      try complaints(KeptFieldTests.pod("", container: #""volumeMounts":[{\#(mount)}]"#)) == [
        "spec.containers[0].volumeMounts\(complaint)"
      ])
  }

  @Test func onTheNodesNetworkPortsAreTheNodes() throws {
    let ports = #""ports":[{"containerPort":80,"hostPort":81}]"#
    #expect(
      try complaints(KeptFieldTests.pod(#""hostNetwork":true"#, container: ports)) == [
        "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true"
      ])
    #expect(try complaints(KeptFieldTests.pod("", container: ports)) == [])
    #expect(
      try complaints(KeptFieldTests.pod(#""hostNetwork":true"#, container: #""ports":[{"containerPort":80}]"#)) == [])
  }

  /// A template keeps its ports as they are; only pods get the node's.
  @Test func hostPortsAreDefaultsOfPodsAlone() throws {
    var template = PodTemplateSpec()
    var container = Container()
    container.ports = [["containerPort": 80]]
    template.spec.hostNetwork = true
    template.spec.containers = [container]
    template.applyDefaults()
    #expect(template.spec.containers[0].ports?.array?[0]["hostPort"] == nil)
    var pod = Pod()
    pod.spec = template.spec
    pod.applyDefaults()
    #expect(pod.spec.containers[0].ports?.array?[0]["hostPort"] == 80)
  }

  @Test(arguments: [
    (
      #"{"allowPrivilegeEscalation":false,"privileged":true,"capabilities":{"add":["NET_ADMIN"]}}"#,
      #": Invalid value: {"Capabilities":{"Add":["NET_ADMIN"],"Drop":null},"Privileged":true,"SELinuxOptions":null,"#
        + #""WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"#
        + #""AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: "#
        + "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
    ),
    (#"{"runAsUser":-1}"#, ".runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"),
    (
      #"{"procMount":"Unmasked"}"#,
      #".procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`"#
    ),
    (
      #"{"seccompProfile":{"type":"Localhost"}}"#,
      ".seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost"
    ),
    (
      #"{"appArmorProfile":{"type":"Complain"}}"#,
      #".appArmorProfile.type: Unsupported value: "Complain": supported values: "Localhost", "RuntimeDefault", "#
        + #""Unconfined""#
    ),
  ])
  func securityContexts(_ context: String, _ complaint: String) throws {
    #expect(
      try complaints(KeptFieldTests.pod("", container: #""securityContext":\#(context)"#)) == [
        "spec.containers[0].securityContext\(complaint)"
      ])
  }

  @Test(arguments: [
    (#""hostUsers":false,"hostNetwork":true"#, "spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false"),
    (
      #""securityContext":{"supplementalGroups":[-5]}"#,
      "spec.securityContext.supplementalGroups[0]: Invalid value: -5: must be between 0 and 2147483647, inclusive"
    ),
    (
      #""hostAliases":[{"ip":"1.2.3","hostnames":["a"]}]"#,
      #"spec.hostAliases[0].ip: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"#
    ),
    (
      #""dnsConfig":{"nameservers":["::1","dns"]}"#,
      #"spec.dnsConfig.nameservers[1]: Invalid value: "dns": must be a valid IP address, "#
        + "(e.g. 10.9.8.7 or 2001:db8::ffff)"
    ),
  ])
  func pods(_ spec: String, _ complaint: String) throws {
    #expect(try complaints(KeptFieldTests.pod(spec)) == [complaint])
  }

  @Test func sleepsEndWithinTheGrace() throws {
    let hook = #""lifecycle":{"preStop":{"sleep":{"seconds":31}}}"#
    #expect(
      try complaints(KeptFieldTests.pod("", container: hook)) == [
        "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than "
          + "terminationGracePeriodSeconds (30)"
      ])
  }

  /// Its gate is closed in 1.36.
  @Test func stopSignalsAreDropped() throws {
    let text = KeptFieldTests.pod("", container: #""lifecycle":{"stopSignal":"SIGUSR1"}"#)
    guard case .pod(var pod) = try KubeObject.read(Array(text.utf8), expecting: .pod).object else { return }
    pod.applyDefaults()
    #expect(pod.spec.containers[0].lifecycle == nil)
  }

  @Test func newPodsHaveNoContainersForDebugging() throws {
    let debugger = #""ephemeralContainers":[{"name":"d","image":"i"}]"#
    #expect(
      try complaints(KeptFieldTests.pod(debugger)) == ["spec.ephemeralContainers: Forbidden: cannot be set on create"])
  }

  @Test(arguments: [("5", true), ("-3", true), ("0", true), ("+5", false), ("08", false), ("x", false)])
  func costsOfDeletionAreNumbers(_ cost: String, _ isGood: Bool) throws {
    let text = KeptFieldTests.pod("").replacing(
      #""name":"p""#,
      with: #""name":"p","annotations":{"controller.kubernetes.io/pod-deletion-cost":"\#(cost)"}"#)
    let place = "metadata.annotations[controller.kubernetes.io/pod-deletion-cost]"
    #expect(
      try complaints(text) == (isGood ? [] : [#"\#(place): Invalid value: "\#(cost)": must be a 32bit integer"#]))
  }

  @Test func aPodThatNeverRestartsKeepsItsContainersWhenResized() throws {
    let policy = #""resizePolicy":[{"resourceName":"cpu","restartPolicy":"RestartContainer"}]"#
    #expect(
      try complaints(KeptFieldTests.pod(#""restartPolicy":"Never""#, container: policy)) == [
        #"spec.containers[0].resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when "#
          + "`restartPolicy` is 'Never'"
      ])
  }
}
