import KubeModel
import Testing

/// What the API server warns of.
@Suite struct WarningTests {
  private func warnings(_ spec: String, annotations: String = "{}") throws -> [String] {
    let job = """
      {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a"},"spec":{"template":{
      "metadata":{"annotations":\(annotations)},"spec":\(spec)}}}
      """
    return try KubeObject.read(Array(job.utf8), expecting: .job).object.warnings()
  }

  @Test(arguments: [
    ("{}", []),
    (
      #"{"terminationGracePeriodSeconds":-1}"#,
      ["terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"]
    ),
    (
      #"{"nodeSelector":{"beta.kubernetes.io/os":"linux"}}"#,
      ["nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead"]
    ),
    (
      """
      {"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
      {"matchExpressions":[{"key":"failure-domain.beta.kubernetes.io/zone","operator":"Exists"}]}]}},
      "podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{
      "topologyKey":"x"}}]}},"topologySpreadConstraints":[{"topologyKey":"x"}]}
      """,
      [
        "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]"
          + ".key: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use \"topology.kubernetes.io/zone\""
          + " instead",
        "topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod",
        "affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: a "
          + "null labelSelector results in matching no pod",
      ]
    ),
    (
      #"{"hostAliases":[{"ip":"1.1.1.1"},{"ip":"1.1.1.1"}],"imagePullSecrets":[{"name":"s"},{"name":"s"},{}]}"#,
      [
        "hostAliases[1].ip: duplicate ip \"1.1.1.1\"", "imagePullSecrets[1].name: duplicate name \"s\"",
        "imagePullSecrets[2].name: invalid empty name \"\"",
      ]
    ),
    (
      """
      {"initContainers":[{"name":"i","ports":[{"containerPort":80}]}],"containers":[{"name":"c","env":[
      {"name":"A","value":"1"},{"name":"A","value":"$(A):2"},{"name":"A","value":"$(A)"}],
      "resources":{"limits":{"memory":"1500m","cpu":"100m"},"requests":{"memory":"1"}},
      "ports":[{"containerPort":80},{"containerPort":80,"hostPort":8},{"containerPort":81,"hostIP":"::1"}]}]}
      """,
      [
        "containers[0].resources.limits[memory]: fractional byte value \"1500m\" is invalid, must be an integer",
        "containers[0].env[2]: hides previous definition of \"A\", which may be dropped when using apply",
        "containers[0].ports[0]: duplicate port definition with spec.template.spec.initContainers[0].ports[0]",
        "containers[0].ports[1]: overlapping port definition with spec.template.spec.initContainers[0].ports[0]",
        "containers[0].ports[1]: overlapping port definition with spec.template.spec.containers[0].ports[0]",
        "containers[0].ports[2]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:81 Protocol:TCP HostIP:::1}",
      ]
    ),
    (
      #"{"volumes":[{"name":"v","gitRepo":{"repository":"x"}}]}"#, ["volumes[0].gitRepo: deprecated in v1.11"]
    ),
  ])
  func ofTemplates(_ spec: String, _ expected: [String]) throws {
    #expect(try warnings(spec) == expected.map { "spec.template.spec.\($0)" })
  }

  @Test func ofVolumesAndAnnotations() throws {
    let spec = """
      {"volumes":[{"name":"v","configMap":{"name":"m","items":[{"key":"a","path":"x"},{"key":"b","path":"x/y"}]}},
      {"name":"p","projected":{"sources":[{"secret":{"name":"s","items":[{"key":"a","path":"z"}]}},
      {"downwardAPI":{"items":[{"path":"z"}]}}]}}]}
      """
    #expect(
      try warnings(spec, annotations: #"{"scheduler.alpha.kubernetes.io/critical-pod":""}"#) == [
        "spec.template.metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use "
          + "the \"priorityClassName\" field instead",
        "volume \"v\" (ConfigMap \"m\"): overlapping paths: \"x/y\" with \"x\"",
        "volume \"p\" (Projected DownwardAPI): overlapping paths: \"z\" with \"z\"",
      ])
  }

  @Test func ofCronJobsAndPods() throws {
    let cronJob = """
      {"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"a.b"},"spec":{"schedule":"* * * * *","jobTemplate":
      {"spec":{"template":{"spec":{"terminationGracePeriodSeconds":-1}}}}}}
      """
    let object = try KubeObject.read(Array(cronJob.utf8), expecting: .cronJob).object
    #expect(
      object.warnings() == [
        "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label "
          + "is recommended: [must not contain dots]",
        "spec.jobTemplate.spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid "
          + "and will be treated as 1",
      ])
    #expect(object.warnings(replacing: object).isEmpty)
    let pod = #"{"metadata":{"name":"a.b"},"spec":{"nodeSelector":{"beta.kubernetes.io/arch":"x"}}}"#
    #expect(
      try KubeObject.read(Array(pod.utf8), expecting: .pod).object.warnings() == [
        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is "
          + "recommended: [must not contain dots]",
        "spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use \"kubernetes.io/arch\" instead",
      ])
  }

  @Test(arguments: ["Lt", "Gt"])
  func tolerationsCannotCompareYet(_ name: String) throws {
    let pod = """
      {"metadata":{"name":"a","namespace":"default"},"spec":{"containers":[{"name":"c","image":"i"}],"tolerations":[
      {"key":"k","operator":"\(name)","value":"1"}]}}
      """
    var object = try KubeObject.read(Array(pod.utf8), expecting: .pod).object
    object.applyDefaults()
    #expect(
      object.validate().map(\.description) == [
        "spec.tolerations[0].operator: Unsupported value: \"\(name)\": supported values: \"Equal\", \"Exists\", \"Lt\", "
          + "\"Gt\""
      ])
  }
}
