import KubeModel
import Testing

/// The API server's refusals of pods (pkg/apis/core/validation): its words, its fields, its order.
struct PodRuleTests {
  private static func errors(_ spec: String, container: String = "image: x") throws -> [String] {
    let text = """
      apiVersion: v1
      kind: Pod
      metadata: {name: a, namespace: default}
      spec:
        containers: [{name: main, \(container)}]
        \(spec)
      """
    var object = try Manifest.read(Array(text.utf8), file: "test.yaml")[0].object
    object.applyDefaults()
    return object.validate().map(\.description)
  }

  private static let label =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    + "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

  static let specs: [(spec: String, errors: [String])] = [
    (
      "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}",
      [
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: "
          + "must have at least one node selector term"
      ]
    ),
    (
      "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
        + "[{matchExpressions: [{key: a, operator: Foo}, {key: a, operator: In}, {key: a, operator: Exists, values: "
        + "[b]}, {key: a, operator: Gt}], matchFields: [{key: metadata.uid, operator: In, values: [x]}]}]}}}",
      [
        "matchExpressions[0].operator: Invalid value: \"Foo\": not a valid selector operator",
        "matchExpressions[1].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
        "matchExpressions[2].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        "matchExpressions[3].values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'",
        "matchFields[0].key: Invalid value: \"metadata.uid\": not a valid field selector key",
      ].map {
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].\($0)"
      }
    ),
    (
      "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, podAffinityTerm: "
        + "{labelSelector: {matchLabels: {a: b}}}}]}}",
      [
        "weight: Invalid value: 0: must be in the range 1-100",
        "podAffinityTerm.topologyKey: Required value: can not be empty",
        "podAffinityTerm.topologyKey: Invalid value: \"\": name part must be non-empty",
        "podAffinityTerm.topologyKey: Invalid value: \"\": \(label)",
      ].map { "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].\($0)" }
    ),
    (
      "topologySpreadConstraints: [{maxSkew: 0, topologyKey: zone, whenUnsatisfiable: Foo}, {maxSkew: 1, topologyKey: "
        + "zone, whenUnsatisfiable: ScheduleAnyway, minDomains: 2}]",
      [
        "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
        "spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: \"Foo\": supported values: "
          + "\"DoNotSchedule\", \"ScheduleAnyway\"",
        "spec.topologySpreadConstraints[1].minDomains: Invalid value: 2: can only use minDomains if "
          + "whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
      ]
    ),
    (
      "topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule}, {maxSkew: 1, "
        + "topologyKey: z, whenUnsatisfiable: DoNotSchedule}]",
      [
        "spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: \"{z, DoNotSchedule}\""
      ]
    ),
    ("dnsPolicy: None", ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"]),
    ("dnsPolicy: None\n  dnsConfig: {nameservers: [1.1.1.1]}", []),
    ("os: {name: plan9}", ["spec.os.name: Unsupported value: \"plan9\": supported values: \"linux\", \"windows\""]),
    (
      "securityContext: {runAsUser: -1}",
      ["spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"]
    ),
    (
      "nodeName: node-1\n  schedulingGates: [{name: a}]",
      ["spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"]
    ),
    (
      "initContainers: [{name: i, image: x, lifecycle: {preStop: {sleep: {seconds: 1}}}}]",
      ["spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always"]
    ),
    (
      "volumes: [{name: v, hostPath: {path: /x, type: Foo}}]",
      [
        "spec.volumes[0].hostPath.type: Unsupported value: \"Foo\": supported values: \"\", \"BlockDevice\", "
          + "\"CharDevice\", \"Directory\", \"DirectoryOrCreate\", \"File\", \"FileOrCreate\", \"Socket\""
      ]
    ),
  ]

  @Test(arguments: specs)
  func refusesSpecs(_ spec: String, _ errors: [String]) throws {
    #expect(try PodRuleTests.errors(spec) == errors)
  }

  static let containers: [(container: String, errors: [String])] = [
    ("image: ' busybox '", ["image: Invalid value: \" busybox \": must not have leading or trailing whitespace"]),
    (
      "image: x, ports: [{name: http, containerPort: 80, hostPort: 80}, {name: http, containerPort: 81, hostPort: 80}, "
        + "{name: no--name-, containerPort: 70000}]",
      [
        "ports[1].name: Duplicate value: \"http\"",
        "ports[2].name: Invalid value: \"no--name-\": must not contain consecutive hyphens",
        "ports[2].name: Invalid value: \"no--name-\": must not begin or end with a hyphen",
        "ports[2].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        "ports[1].hostPort: Duplicate value: \"TCP//80\"",
      ]
    ),
    (
      "image: x, livenessProbe: {exec: {command: [a]}, successThreshold: 2}, readinessProbe: {httpGet: {port: 0, "
        + "scheme: FTP}, terminationGracePeriodSeconds: 5}, startupProbe: {}, lifecycle: {preStop: {}}, "
        + "imagePullPolicy: Sometimes",
      [
        "imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"IfNotPresent\", \"Never\"",
        "lifecycle.preStop: Required value: must specify a handler type",
        "livenessProbe.successThreshold: Invalid value: 2: must be 1",
        "readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
        "readinessProbe.httpGet.scheme: Unsupported value: \"FTP\": supported values: \"HTTP\", \"HTTPS\"",
        "readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes",
        "startupProbe: Required value: must specify a handler type",
      ]
    ),
    ("image: x, envFrom: [{}]", ["envFrom: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`"]),
    (
      "image: x, env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.phase}}}]",
      [
        "env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"status.phase\": supported values: "
          + "\"metadata.name\", \"metadata.namespace\", \"metadata.uid\", \"spec.nodeName\", "
          + "\"spec.serviceAccountName\", \"status.hostIP\", \"status.hostIPs\", \"status.podIP\", \"status.podIPs\""
      ]
    ),
    (
      "image: x, resources: {limits: {gpu: 1}}",
      [
        "resources.limits[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully qualified",
        "resources.limits[gpu]: Invalid value: \"gpu\": must be a standard resource for containers",
        // Limits are the defaults of requests.
        "resources.requests[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully qualified",
        "resources.requests[gpu]: Invalid value: \"gpu\": must be a standard resource for containers",
      ]
    ),
    (
      "image: x, resources: {limits: {pods: 1}}",
      ["limits", "requests"].map {
        "resources.\($0)[pods]: Invalid value: \"pods\": must be a standard resource for containers"
      }
    ),
    (
      "image: x, resources: {limits: {requests.x/y: 1}, requests: {requests.x/y: 1}}",
      ["limits", "requests"].map {
        "resources.\($0)[requests.x/y]: Invalid value: \"requests.x/y\": doesn't follow extended resource name standard"
      }
    ),
    (
      "image: x, resources: {limits: {hugepages-2Mi: 2Mi}, requests: {hugepages-2Mi: 2Mi}}",
      ["resources: Forbidden: HugePages require cpu or memory"]
    ),
    (
      "image: x, terminationMessagePolicy: Foo",
      [
        "terminationMessagePolicy: Unsupported value: \"Foo\": supported values: \"File\", "
          + "\"FallbackToLogsOnError\""
      ]
    ),
  ]

  @Test(arguments: containers)
  func refusesContainers(_ container: String, _ errors: [String]) throws {
    #expect(
      try PodRuleTests.errors("restartPolicy: Never", container: container) == errors.map { "spec.containers[0].\($0)" }
    )
  }

  /// Jobs with such images exist; their pods are refused.
  @Test func templatesMayHaveImagesWithBlanks() throws {
    let text = """
      apiVersion: batch/v1
      kind: Job
      metadata: {name: a, namespace: default}
      spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: ' x '}]}}}
      """
    var object = try Manifest.read(Array(text.utf8), file: "test.yaml")[0].object
    object.applyDefaults()
    #expect(object.validate().map(\.description).filter { $0.contains("image") } == [])
  }

  @Test(arguments: [
    ("512K", "unable to parse quantity's suffix"), ("1mi", "unable to parse quantity's suffix"),
    ("1KiB", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
    ("1e-9223372036854775808", "unable to parse quantity's suffix"),
    ("1eM", "unable to parse quantity's suffix"), ("Mi", "unable to parse numeric part of quantity"),
    (
      "1gb", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    ),
    ("", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
  ])
  func saysWhatIsWrongWithAQuantity(_ text: String, _ complaint: String) {
    var decoder = ModelDecoder()
    #expect(Quantity.decode(.string(text), &decoder) == nil)
    #expect(decoder.failures.map(\.message) == [complaint])
  }

  @Test(arguments: [
    ("Europe//Paris", ["unknown time zone Europe//Paris"]), ("../etc", ["unknown time zone ../etc"]),
    (
      "local",
      [
        "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
        "unknown time zone local",
      ]
    ),
    ("Local", ["timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"]),
    ("Europe/Paris", []),
  ])
  func refusesTimeZones(_ zone: String, _ complaints: [String]) throws {
    let text = """
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: a, namespace: default}
      spec:
        schedule: "@daily"
        timeZone: "\(zone)"
        jobTemplate:
          spec: {manualSelector: true, template: {spec: {restartPolicy: Never, containers: [{name: m, image: x}]}}}
      """
    var object = try Manifest.read(Array(text.utf8), file: "test.yaml")[0].object
    object.applyDefaults()
    #expect(
      object.validate().map(\.description)
        == complaints.map { "spec.timeZone: Invalid value: \"\(zone)\": \($0)" }
        + ["spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: \"nil\", \"false\""])
  }
}
