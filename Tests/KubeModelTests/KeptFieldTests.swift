import KubeModel
import Testing

/// Fields that models keep as they stand are looked into when a client sends them.
@Suite struct KeptFieldTests {
  static func pod(_ spec: String, container: String = "", volume: String = #""emptyDir":{}"#) -> String {
    """
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{\(spec.isEmpty ? "" : spec + ",")"volumes":[
    {"name":"v",\(volume)}],"containers":[{"name":"c","image":"i"\(container.isEmpty ? "" : "," + container)}]}}
    """
  }

  /// What only the cluster that runs a pod knows is no mistake of who brings it here.
  @Test func podsComeFromOtherClusters() throws {
    let text = #"""
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]},
      "status":{"resize":"x","containerStatuses":[{"name":"c","user":{"linux":{"uid":1}},"volumeMounts":[]}]}}
      """#
    #expect(complaint(text) == "")
    #expect(
      complaint(text.replacing("resize", with: "size")).hasSuffix(
        #"strict decoding error: unknown field "status.size""#))
  }

  private func complaint(_ text: String, _ validation: FieldValidation = .strict) -> String {
    do throws(StatusError) {
      let read = try KubeObject.read(Array(text.utf8), expecting: nil, fieldValidation: validation)
      return read.warnings.joined(separator: ", ")
    } catch {
      let parts = error.message.split(separator: ": ", maxSplits: 1)
      return parts.count == 2 ? String(parts[1]) : error.message
    }
  }

  @Test(arguments: [
    (
      #""imagePullSecrets":"regcred""#,
      "string into Go struct field PodSpec.spec.imagePullSecrets of type "
        + "[]v1.LocalObjectReference"
    ),
    (
      #""securityContext":{"runAsUser":"1000"}"#,
      "string into Go struct field "
        + "PodSecurityContext.spec.securityContext.runAsUser of type int64"
    ),
    (
      #""affinity":{"nodeAffinity":5}"#,
      "number into Go struct field Affinity.spec.affinity.nodeAffinity of type "
        + "v1.NodeAffinity"
    ),
    (
      #""dnsConfig":{"nameservers":["a",1]}"#,
      "number into Go struct field PodDNSConfig.spec.dnsConfig.nameservers of "
        + "type string"
    ),
    (
      #""topologySpreadConstraints":[{"maxSkew":1.5}]"#,
      "number 1.5 into Go struct field "
        + "TopologySpreadConstraint.spec.topologySpreadConstraints.maxSkew of type int32"
    ),
  ])
  func typesInPods(_ spec: String, _ complaint: String) {
    #expect(self.complaint(Self.pod(spec), .ignore) == "json: cannot unmarshal \(complaint)")
  }

  @Test(arguments: [
    (
      #""ports":[{"containerPort":1,"name":true}]"#,
      "json: cannot unmarshal bool into Go struct field "
        + "ContainerPort.spec.containers.ports.name of type string"
    ),
    (
      #""ports":[{"containerPort":1,"protocol":6}]"#,
      "json: cannot unmarshal number into Go struct field "
        + "ContainerPort.spec.containers.ports.protocol of type v1.Protocol"
    ),
    (#""livenessProbe":{"tcpSocket":{"port":true}}"#, "json: cannot unmarshal bool into Go value of type int32"),
    (
      #""livenessProbe":{"tcpSocket":{"port":"http"},"periodSeconds":99999999999}"#,
      "json: cannot unmarshal number "
        + "99999999999 into Go struct field Probe.spec.containers.livenessProbe.periodSeconds of type int32"
    ),
  ])
  func typesInContainers(_ container: String, _ complaint: String) {
    #expect(self.complaint(Self.pod("", container: container)) == complaint)
  }

  @Test(arguments: [
    (
      #""emptyDir":"x""#,
      "json: cannot unmarshal string into Go struct field Volume.spec.volumes.emptyDir of type "
        + "v1.EmptyDirVolumeSource"
    ),
    (
      #""projected":{"sources":"x"}"#,
      "json: cannot unmarshal string into Go struct field "
        + "ProjectedVolumeSource.spec.volumes.projected.sources of type []v1.VolumeProjection"
    ),
    (
      #""emptyDir":{"sizeLimit":"lots"}"#,
      "quantities must match the regular expression "
        + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    ),
    (#""emptyDir":{},"foo":1"#, #"strict decoding error: unknown field "spec.volumes[0].foo""#),
    (#""emptydir":{}"#, #"strict decoding error: unknown field "spec.volumes[0].emptydir""#),
    (#""emptyDir":{"sizelimit":"1Gi"}"#, #"strict decoding error: unknown field "spec.volumes[0].emptyDir.sizelimit""#),
    (
      #""configMap":{"name":"c","itms":[]}"#,
      #"strict decoding error: unknown field "spec.volumes[0].configMap.itms""#
    ),
  ])
  func volumes(_ volume: String, _ complaint: String) {
    #expect(self.complaint(Self.pod("", volume: volume)) == complaint)
  }

  @Test(arguments: [
    (#""securityContext":{"runAsUsr":1}"#, "spec.securityContext.runAsUsr"),
    (#""affinity":{"podAffinty":{}}"#, "spec.affinity.podAffinty"),
    (#""dnsConfig":{"nameserver":[]}"#, "spec.dnsConfig.nameserver"),
    (
      #""topologySpreadConstraints":[{"maxSkew":1},{"labelSelector":{"matchLabel":{}}}]"#,
      "spec.topologySpreadConstraints[1].labelSelector.matchLabel"
    ),
  ])
  func namesInPods(_ spec: String, _ path: String) throws {
    let text = Self.pod(spec)
    #expect(complaint(text) == "strict decoding error: unknown field \"\(path)\"")
    #expect(complaint(text, .warn) == "unknown field \"\(path)\"")
    #expect(complaint(text, .ignore) == "")
    // What no type has is not kept.
    let read = try KubeObject.read(Array(text.utf8), expecting: .pod, fieldValidation: .ignore)
    let name = path.split(separator: ".").last.map(String.init) ?? ""
    #expect(!String(decoding: read.object.json(), as: UTF8.self).contains(name + "\""))
  }

  @Test(arguments: [
    (#""securityContext":{"runAsUsr":1}"#, "securityContext.runAsUsr"),
    (#""securityContext":{"capabilities":{"ad":[]}}"#, "securityContext.capabilities.ad"),
    (#""lifecycle":{"preStp":{}}"#, "lifecycle.preStp"),
    (#""livenessProbe":{"periodSecond":1}"#, "livenessProbe.periodSecond"),
    (#""ports":[{"containerport":1}]"#, "ports[0].containerport"),
  ])
  func namesInContainers(_ container: String, _ path: String) {
    #expect(
      complaint(Self.pod("", container: container))
        == "strict decoding error: unknown field \"spec.containers[0].\(path)\"")
  }

  @Test func aWholePodHasNothingWrong() throws {
    let text = Self.pod(
      #""affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"In","values":["b"]}]}]}}},"hostAliases":[{"ip":"1.1.1.1","hostnames":["a"]}],"securityContext":{"seccompProfile":{"type":"RuntimeDefault"},"sysctls":[{"name":"a","value":"b"}]}"#,
      container: #""lifecycle":{"preStop":{"sleep":{"seconds":1}}},"livenessProbe":{"httpGet":{"port":80}}"#,
      volume:
        #""projected":{"sources":[{"downwardAPI":{"items":[{"path":"a","fieldRef":{"fieldPath":"metadata.name"}}]}}]}"#)
    #expect(complaint(text) == "")
    let stored = try KubeObject.read(Array(text.utf8), expecting: .pod).object
    #expect(try KubeObject.decodeObject(stored.json()) == stored)
  }

  @Test(arguments: [
    ("!", 0), ("YQ", 0), ("YWJj!", 4), ("YQ=", 3), ("YQ==YQ==", 4), ("=", 0), ("YW=j", 2), ("YWJjY", 4),
  ])
  func base64(_ text: String, _ byte: Int) {
    #expect(
      complaint(#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":"\#(text)"}}"#)
        == "illegal base64 data at input byte \(byte)")
    #expect(
      complaint(#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"s"},"binaryData":{"a":"\#(text)"}}"#)
        == "illegal base64 data at input byte \(byte)")
  }

  @Test func goodBase64() {
    #expect(
      complaint(#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":"YQ==","b":null,"c":""}}"#)
        == "")
  }

  @Test func manifestsFindTypos() {
    let text = ManifestTests.job.replacing("restartPolicy: Never", with: "securityContext: {runAsUsr: 1}")
    do {
      _ = try Manifest.read(Array(text.utf8), file: "x.yaml")
      Issue.record("it was read")
    } catch {
      #expect(
        error.line == 8 && error.message.hasSuffix(#"unknown field "spec.template.spec.securityContext.runAsUsr""#))
    }
  }
}
