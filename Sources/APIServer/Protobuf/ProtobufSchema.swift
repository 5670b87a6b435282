/// The numbers that fields have in Kubernetes' binary form, for what clients send in no other.
///
/// A line begins with a message's name; lines that are indented further go on with it. A field is `name=number`, then
/// `*` for a list or `%` for a map by text, then its type: nothing for text, `i` an integer, `b` a boolean, `y` bytes,
/// `.Name` a message, `~Name` a message whose fields are the outer one's in JSON.
struct ProtobufSchema: Sendable {
  enum Value: Hashable, Sendable {
    case text, integer, boolean, bytes
    case message(String)
    case inlined(String)
  }

  struct Field: Hashable, Sendable {
    var name: String
    var value: Value
    var isList: Bool
    var isMap: Bool
  }

  /// By message, by number.
  private(set) var messages: [String: [UInt64: Field]] = [:]

  static let kubernetes = ProtobufSchema(text)

  private init(_ text: String) {
    var current = ""
    for line in text.split(separator: "\n") {
      var words = line.split(separator: " ")[...]
      if !line.hasPrefix("  "), let name = words.popFirst() {
        current = String(name)
        messages[current] = [:]
      }
      for word in words {
        let sides = word.split(separator: "=", maxSplits: 1)
        let digits = sides[1].prefix { $0.isNumber }
        var rest = sides[1].dropFirst(digits.count)
        let mark = rest.first
        if mark == "*" || mark == "%" { rest.removeFirst() }
        let value: Value =
          switch rest.first {
          case "i"?: .integer
          case "b"?: .boolean
          case "y"?: .bytes
          case "."?: .message(String(rest.dropFirst()))
          case "~"?: .inlined(String(rest.dropFirst()))
          default: .text
          }
        guard let number = UInt64(digits) else { continue }
        messages[current]?[number] = Field(
          name: String(sides[0]), value: value, isList: mark == "*", isMap: mark == "%")
      }
    }
  }

  private static let text = """
    Affinity nodeAffinity=1.NodeAffinity podAffinity=2.PodAffinity podAntiAffinity=3.PodAntiAffinity
    AppArmorProfile type=1 localhostProfile=2
    Binding metadata=1.ObjectMeta target=2.ObjectReference
    Capabilities add=1* drop=2*
    ConfigMap metadata=1.ObjectMeta immutable=4b data=2% binaryData=3%y
    ConfigMapEnvSource localObjectReference=1~LocalObjectReference optional=2b
    ConfigMapKeySelector localObjectReference=1~LocalObjectReference key=2 optional=3b
    ConfigMapProjection localObjectReference=1~LocalObjectReference items=2*.KeyToPath optional=4b
    ConfigMapVolumeSource localObjectReference=1~LocalObjectReference items=2*.KeyToPath defaultMode=3i optional=4b
      defaultUser=5i
    Container name=1 image=2 command=3* args=4* workingDir=5 ports=6*.ContainerPort envFrom=19*.EnvFromSource
      env=7*.EnvVar resources=8.ResourceRequirements resizePolicy=23*.ContainerResizePolicy restartPolicy=24
      restartPolicyRules=25*.ContainerRestartRule volumeMounts=9*.VolumeMount volumeDevices=21*.VolumeDevice
      livenessProbe=10.Probe readinessProbe=11.Probe startupProbe=22.Probe lifecycle=12.Lifecycle
      terminationMessagePath=13 terminationMessagePolicy=20 imagePullPolicy=14 securityContext=15.SecurityContext
      stdin=16b stdinOnce=17b tty=18b
    ContainerPort name=1 hostPort=2i containerPort=3i protocol=4 hostIP=5
    ContainerResizePolicy resourceName=1 restartPolicy=2
    ContainerRestartRule action=1 exitCodes=2.ContainerRestartRuleOnExitCodes
    ContainerRestartRuleOnExitCodes operator=1 values=2*i
    CronJob metadata=1.ObjectMeta spec=2.CronJobSpec
    CronJobSpec schedule=1 timeZone=8 startingDeadlineSeconds=2i concurrencyPolicy=3 suspend=4b
      jobTemplate=5.JobTemplateSpec successfulJobsHistoryLimit=6i failedJobsHistoryLimit=7i
    DeleteOptions gracePeriodSeconds=1i preconditions=2.Preconditions orphanDependents=3b propagationPolicy=4
      dryRun=5*
    DownwardAPIProjection items=1*.DownwardAPIVolumeFile
    DownwardAPIVolumeFile path=1 fieldRef=2.ObjectFieldSelector resourceFieldRef=3.ResourceFieldSelector mode=4i
      user=5i
    DownwardAPIVolumeSource items=1*.DownwardAPIVolumeFile defaultMode=2i defaultUser=3i
    EmptyDirVolumeSource medium=1 sizeLimit=2.Quantity mode=3i
    EnvFromSource prefix=1 configMapRef=2.ConfigMapEnvSource secretRef=3.SecretEnvSource
    EnvVar name=1 value=2 valueFrom=3.EnvVarSource
    EnvVarSource fieldRef=1.ObjectFieldSelector resourceFieldRef=2.ResourceFieldSelector
      configMapKeyRef=3.ConfigMapKeySelector secretKeyRef=4.SecretKeySelector fileKeyRef=5.FileKeySelector
    Eviction metadata=1.ObjectMeta deleteOptions=2.DeleteOptions
    Event metadata=1.ObjectMeta involvedObject=2.ObjectReference reason=3 message=4 source=5.EventSource
      firstTimestamp=6.Time lastTimestamp=7.Time count=8i type=9 eventTime=10.MicroTime series=11.EventSeries action=12
      related=13.ObjectReference reportingComponent=14 reportingInstance=15
    EventOfItsOwnGroup metadata=1.ObjectMeta eventTime=2.MicroTime series=3.EventSeries reportingController=4
      reportingInstance=5 action=6 reason=7 regarding=8.ObjectReference related=9.ObjectReference note=10 type=11
      deprecatedSource=12.EventSource deprecatedFirstTimestamp=13.Time deprecatedLastTimestamp=14.Time
      deprecatedCount=15i
    EventSeries count=1i lastObservedTime=2.MicroTime
    EventSource component=1 host=2
    EvictionResponder name=1 priority=2i
    ExecAction command=1*
    FieldSelectorAttributes rawSelector=1 requirements=2*.FieldSelectorRequirement
    FieldSelectorRequirement
    FileKeySelector volumeName=1 path=2 key=3 optional=4b
    GRPCAction port=1i service=2 mode=3
    HTTPGetAction path=1 port=2.IntOrString host=3 scheme=4 httpHeaders=5*.HTTPHeader protocol=6
    HTTPHeader name=1 value=2
    HostAlias ip=1 hostnames=2*
    HostPathVolumeSource path=1 type=2
    Job metadata=1.ObjectMeta spec=2.JobSpec
    JobSchedulingConfiguration schedulingPolicy=1.WorkloadPodGroupSchedulingPolicy
      schedulingConstraints=2.WorkloadPodGroupSchedulingConstraints disruptionMode=3.WorkloadPodGroupDisruptionMode
      resourceClaims=4*.WorkloadPodGroupResourceClaim
    JobSpec parallelism=1i completions=2i activeDeadlineSeconds=3i podFailurePolicy=11.PodFailurePolicy
      successPolicy=16.SuccessPolicy backoffLimit=7i backoffLimitPerIndex=12i maxFailedIndexes=13i
      selector=4.LabelSelector manualSelector=5b template=6.PodTemplateSpec ttlSecondsAfterFinished=8i
      completionMode=9 suspend=10b podReplacementPolicy=14 managedBy=15 scheduling=17.JobSchedulingConfiguration
    JobTemplateSpec metadata=1.ObjectMeta spec=2.JobSpec
    KeyToPath key=1 path=2 mode=3i user=4i
    LabelSelector matchLabels=1% matchExpressions=2*.LabelSelectorRequirement
    LabelSelectorAttributes rawSelector=1 requirements=2*.LabelSelectorRequirement
    LabelSelectorRequirement key=1 operator=2 values=3*
    Lifecycle postStart=1.LifecycleHandler preStop=2.LifecycleHandler stopSignal=3
    Lease metadata=1.ObjectMeta spec=2.LeaseSpec
    LeaseSpec holderIdentity=1 leaseDurationSeconds=2i acquireTime=3.MicroTime renewTime=4.MicroTime leaseTransitions=5i
      strategy=6 preferredHolder=7
    LifecycleHandler exec=1.ExecAction httpGet=2.HTTPGetAction tcpSocket=3.TCPSocketAction sleep=4.SleepAction
    LocalObjectReference name=1
    Namespace metadata=1.ObjectMeta spec=2.NamespaceSpec
    NamespaceSpec finalizers=1*
    Node metadata=1.ObjectMeta spec=2.NodeSpec
    NodeAffinity requiredDuringSchedulingIgnoredDuringExecution=1.NodeSelector
      preferredDuringSchedulingIgnoredDuringExecution=2*.PreferredSchedulingTerm
    NodePodPreemptionPolicy disableResizePreemption=1*
    NodeSelector nodeSelectorTerms=1*.NodeSelectorTerm
    NodeSelectorRequirement key=1 operator=2 values=3*
    NodeSelectorTerm matchExpressions=1*.NodeSelectorRequirement matchFields=2*.NodeSelectorRequirement
    NodeSpec podCIDR=1 podCIDRs=7* providerID=3 unschedulable=4b taints=5*.Taint externalID=2
      podPreemptionPolicy=8.NodePodPreemptionPolicy
    NonResourceAttributes path=1 verb=2
    ObjectFieldSelector apiVersion=1 fieldPath=2
    ObjectMeta name=1 generateName=2 namespace=3 uid=5 resourceVersion=6 generation=7i creationTimestamp=8.Time
      deletionTimestamp=9.Time deletionGracePeriodSeconds=10i labels=11% annotations=12%
      ownerReferences=13*.OwnerReference finalizers=14*
    ObjectReference kind=1 namespace=2 name=3 uid=4 apiVersion=5 resourceVersion=6 fieldPath=7
    OwnerReference kind=1 name=3 uid=4 apiVersion=5 controller=6b blockOwnerDeletion=7b
    PersistentVolumeClaimVolumeSource claimName=1 readOnly=2b
    Pod metadata=1.ObjectMeta spec=2.PodSpec
    PodAffinity requiredDuringSchedulingIgnoredDuringExecution=1*.PodAffinityTerm
      preferredDuringSchedulingIgnoredDuringExecution=2*.WeightedPodAffinityTerm
    PodAffinityTerm labelSelector=1.LabelSelector namespaces=2* topologyKey=3 namespaceSelector=4.LabelSelector
      matchLabelKeys=5* mismatchLabelKeys=6*
    PodAntiAffinity requiredDuringSchedulingIgnoredDuringExecution=1*.PodAffinityTerm
      preferredDuringSchedulingIgnoredDuringExecution=2*.WeightedPodAffinityTerm
    PodDNSConfig nameservers=1* searches=2* options=3*.PodDNSConfigOption
    PodDNSConfigOption name=1 value=2
    PodFailurePolicy rules=1*.PodFailurePolicyRule
    PodFailurePolicyOnExitCodesRequirement containerName=1 operator=2 values=3*i
    PodFailurePolicyOnPodConditionsPattern type=1
    PodFailurePolicyRule action=1 onExitCodes=2.PodFailurePolicyOnExitCodesRequirement
      onPodConditions=3*.PodFailurePolicyOnPodConditionsPattern
    PodOS name=1
    PodReadinessGate conditionType=1
    PodResourceClaim name=1 resourceClaimName=3 resourceClaimTemplateName=4
    PodSchedulingGate name=1
    PodSchedulingGroup podGroupName=1
    PodSecurityContext seLinuxOptions=1.SELinuxOptions windowsOptions=8.WindowsSecurityContextOptions runAsUser=2i
      runAsGroup=6i runAsNonRoot=3b supplementalGroups=4*i supplementalGroupsPolicy=12 fsGroup=5i sysctls=7*.Sysctl
      fsGroupChangePolicy=9 seccompProfile=10.SeccompProfile appArmorProfile=11.AppArmorProfile
      seLinuxChangePolicy=13
    PodSpec volumes=1*.Volume initContainers=20*.Container containers=2*.Container restartPolicy=3
      terminationGracePeriodSeconds=4i activeDeadlineSeconds=5i dnsPolicy=6 nodeSelector=7% serviceAccountName=8
      serviceAccount=9 automountServiceAccountToken=21b nodeName=10 hostNetwork=11b hostPID=12b hostIPC=13b
      shareProcessNamespace=27b securityContext=14.PodSecurityContext imagePullSecrets=15*.LocalObjectReference
      hostname=16 subdomain=17 affinity=18.Affinity schedulerName=19 tolerations=22*.Toleration
      hostAliases=23*.HostAlias priorityClassName=24 priority=25i dnsConfig=26.PodDNSConfig
      readinessGates=28*.PodReadinessGate runtimeClassName=29 enableServiceLinks=30b preemptionPolicy=31
      overhead=32%.Quantity topologySpreadConstraints=33*.TopologySpreadConstraint setHostnameAsFQDN=35b
      os=36.PodOS hostUsers=37b schedulingGates=38*.PodSchedulingGate resourceClaims=39*.PodResourceClaim
      resources=40.ResourceRequirements hostnameOverride=41 schedulingGroup=43.PodSchedulingGroup
      evictionResponders=44*.EvictionResponder
    PodTemplateSpec metadata=1.ObjectMeta spec=2.PodSpec
    Preconditions uid=1 resourceVersion=2
    PreferredSchedulingTerm weight=1i preference=2.NodeSelectorTerm
    PriorityClass metadata=1.ObjectMeta value=2i globalDefault=3b description=4 preemptionPolicy=5
    Probe handler=1~ProbeHandler initialDelaySeconds=2i timeoutSeconds=3i periodSeconds=4i successThreshold=5i
      failureThreshold=6i terminationGracePeriodSeconds=7i
    ProbeHandler exec=1.ExecAction httpGet=2.HTTPGetAction tcpSocket=3.TCPSocketAction grpc=4.GRPCAction
    ProjectedVolumeSource sources=1*.VolumeProjection defaultMode=2i defaultUser=3i
    ResourceAttributes namespace=1 verb=2 group=3 version=4 resource=5 subresource=6 name=7
      fieldSelector=8.FieldSelectorAttributes labelSelector=9.LabelSelectorAttributes
    ResourceClaim name=1 request=2
    ResourceFieldSelector containerName=1 resource=2 divisor=3.Quantity
    ResourceRequirements limits=1%.Quantity requests=2%.Quantity claims=3*.ResourceClaim
    SELinuxOptions user=1 role=2 type=3 level=4
    SeccompProfile type=1 localhostProfile=2
    Secret metadata=1.ObjectMeta immutable=5b data=2%y stringData=4% type=3
    SecretEnvSource localObjectReference=1~LocalObjectReference optional=2b
    SecretKeySelector localObjectReference=1~LocalObjectReference key=2 optional=3b
    SecretProjection localObjectReference=1~LocalObjectReference items=2*.KeyToPath optional=4b
    SecretVolumeSource secretName=1 items=2*.KeyToPath defaultMode=3i optional=4b defaultUser=5i
    SecurityContext capabilities=1.Capabilities privileged=2b seLinuxOptions=3.SELinuxOptions
      windowsOptions=10.WindowsSecurityContextOptions runAsUser=4i runAsGroup=8i runAsNonRoot=5b
      readOnlyRootFilesystem=6b allowPrivilegeEscalation=7b procMount=9 seccompProfile=11.SeccompProfile
      appArmorProfile=12.AppArmorProfile
    SelfSubjectAccessReview metadata=1.ObjectMeta spec=2.SelfSubjectAccessReviewSpec
    SelfSubjectAccessReviewSpec resourceAttributes=1.ResourceAttributes
      nonResourceAttributes=2.NonResourceAttributes
    SelfSubjectReview metadata=1.ObjectMeta
    SelfSubjectRulesReview metadata=1.ObjectMeta spec=2.SelfSubjectRulesReviewSpec
    SelfSubjectRulesReviewSpec namespace=1
    ServiceAccount metadata=1.ObjectMeta secrets=2*.ObjectReference imagePullSecrets=3*.LocalObjectReference
      automountServiceAccountToken=4b
    ServiceAccountTokenProjection audience=1 expirationSeconds=2i path=3 user=4i
    SleepAction seconds=1i
    SuccessPolicy rules=1*.SuccessPolicyRule
    SuccessPolicyRule succeededIndexes=1 succeededCount=2i
    Sysctl name=1 value=2
    TCPSocketAction port=1.IntOrString host=2
    Taint key=1 value=2 effect=3 timeAdded=4.Time
    Toleration key=1 operator=2 value=3 effect=4 tolerationSeconds=5i
    TopologySpreadConstraint maxSkew=1i topologyKey=2 whenUnsatisfiable=3 labelSelector=4.LabelSelector
      minDomains=5i nodeAffinityPolicy=6 nodeTaintsPolicy=7 matchLabelKeys=8*
    Volume name=1 volumeSource=2~VolumeSource
    VolumeDevice name=1 devicePath=2
    VolumeMount name=1 readOnly=2b recursiveReadOnly=7 mountPath=3 subPath=4 mountPropagation=5 subPathExpr=6
      bindMountOptions=8*
    VolumeProjection secret=1.SecretProjection downwardAPI=2.DownwardAPIProjection configMap=3.ConfigMapProjection
      serviceAccountToken=4.ServiceAccountTokenProjection
    VolumeSource hostPath=1.HostPathVolumeSource emptyDir=2.EmptyDirVolumeSource secret=6.SecretVolumeSource
      persistentVolumeClaim=10.PersistentVolumeClaimVolumeSource downwardAPI=16.DownwardAPIVolumeSource
      configMap=19.ConfigMapVolumeSource projected=26.ProjectedVolumeSource
    WeightedPodAffinityTerm weight=1i podAffinityTerm=2.PodAffinityTerm
    WindowsSecurityContextOptions gmsaCredentialSpecName=1 gmsaCredentialSpec=2 runAsUserName=3 hostProcess=4b
    WorkloadPodGroupDisruptionMode
    WorkloadPodGroupResourceClaim
    WorkloadPodGroupSchedulingConstraints
    WorkloadPodGroupSchedulingPolicy
    """
}
