// What Kubernetes' OpenAPI document (1.36.2, api/v1) says of the fields that the models keep as they stand, and of all
// that is in them.

extension FieldTypes {
  /// A line begins with a struct's name; lines that are indented further go on with it. A field is `name:type`: a scalar
  /// (for text of a type of its own, Go's name for it behind a slash) or a struct, then `*` for a list or `%` for a map
  /// by text. Of structs that have models only the fields that those keep as they stand are here, unless such a field
  /// has them in it.
  static let text = """
    AWSElasticBlockStoreVolumeSource fsType:string partition:int32 readOnly:bool volumeID:string
    Affinity nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
    AppArmorProfile localhostProfile:string type:string/v1.AppArmorProfileType
    AttachedVolume devicePath:string name:string/v1.UniqueVolumeName
    AzureDiskVolumeSource cachingMode:string diskName:string diskURI:string fsType:string kind:string readOnly:bool
    AzureFileVolumeSource readOnly:bool secretName:string shareName:string
    CSIVolumeSource driver:string fsType:string nodePublishSecretRef:LocalObjectReference readOnly:bool
      volumeAttributes:string%
    Capabilities add:string/v1.Capability* drop:string/v1.Capability*
    CephFSVolumeSource monitors:string* path:string readOnly:bool secretFile:string secretRef:LocalObjectReference
      user:string
    CinderVolumeSource fsType:string readOnly:bool secretRef:LocalObjectReference volumeID:string
    ClusterTrustBundleProjection labelSelector:LabelSelector name:string optional:bool path:string signerName:string
    ConfigMap binaryData:bytes%
    ConfigMapEnvSource name:string optional:bool
    ConfigMapKeySelector key:string name:string optional:bool
    ConfigMapNodeConfigSource kubeletConfigKey:string name:string namespace:string resourceVersion:string
      uid:string/types.UID
    ConfigMapProjection items:KeyToPath* name:string optional:bool
    ConfigMapVolumeSource defaultMode:int32 items:KeyToPath* name:string optional:bool
    Container lifecycle:Lifecycle livenessProbe:Probe ports:ContainerPort* readinessProbe:Probe
      resizePolicy:ContainerResizePolicy* restartPolicyRules:ContainerRestartRule* securityContext:SecurityContext
      startupProbe:Probe volumeDevices:VolumeDevice*
    ContainerImage names:string* sizeBytes:int64
    ContainerPort containerPort:int32 hostIP:string hostPort:int32 name:string protocol:string/v1.Protocol
    ContainerResizePolicy resourceName:string/v1.ResourceName restartPolicy:string/v1.ResourceResizeRestartPolicy
    ContainerRestartRule action:string/v1.ContainerRestartRuleAction exitCodes:ContainerRestartRuleOnExitCodes
    ContainerRestartRuleOnExitCodes operator:string/v1.ContainerRestartRuleOnExitCodesOperator values:int32*
    DaemonEndpoint Port:int32
    DownwardAPIProjection items:DownwardAPIVolumeFile*
    DownwardAPIVolumeFile fieldRef:ObjectFieldSelector mode:int32 path:string resourceFieldRef:ResourceFieldSelector
    DownwardAPIVolumeSource defaultMode:int32 items:DownwardAPIVolumeFile*
    EmptyDirVolumeSource medium:string/v1.StorageMedium sizeLimit:quantity
    EnvFromSource configMapRef:ConfigMapEnvSource prefix:string secretRef:SecretEnvSource
    EnvVar name:string value:string valueFrom:EnvVarSource
    EnvVarSource configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector
      resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector
    EphemeralContainer args:string* command:string* env:EnvVar* envFrom:EnvFromSource* image:string
      imagePullPolicy:string/v1.PullPolicy lifecycle:Lifecycle livenessProbe:Probe name:string ports:ContainerPort*
      readinessProbe:Probe resizePolicy:ContainerResizePolicy* resources:ResourceRequirements
      restartPolicy:string/v1.ContainerRestartPolicy restartPolicyRules:ContainerRestartRule*
      securityContext:SecurityContext startupProbe:Probe stdin:bool stdinOnce:bool targetContainerName:string
      terminationMessagePath:string terminationMessagePolicy:string/v1.TerminationMessagePolicy tty:bool
      volumeDevices:VolumeDevice* volumeMounts:VolumeMount* workingDir:string
    EphemeralVolumeSource volumeClaimTemplate:PersistentVolumeClaimTemplate
    Event series:EventSeries
    EventSeries count:int32 lastObservedTime:microTime
    ExecAction command:string*
    FCVolumeSource fsType:string lun:int32 readOnly:bool targetWWNs:string* wwids:string*
    FileKeySelector key:string optional:bool path:string volumeName:string
    FlexVolumeSource driver:string fsType:string options:string% readOnly:bool secretRef:LocalObjectReference
    FlockerVolumeSource datasetName:string datasetUUID:string
    GCEPersistentDiskVolumeSource fsType:string partition:int32 pdName:string readOnly:bool
    GRPCAction port:int32 service:string
    GitRepoVolumeSource directory:string repository:string revision:string
    GlusterfsVolumeSource endpoints:string path:string readOnly:bool
    HTTPGetAction host:string httpHeaders:HTTPHeader* path:string port:intOrString scheme:string/v1.URIScheme
    HTTPHeader name:string value:string
    HostAlias hostnames:string* ip:string
    HostIP ip:string
    HostPathVolumeSource path:string type:string/v1.HostPathType
    ISCSIVolumeSource chapAuthDiscovery:bool chapAuthSession:bool fsType:string initiatorName:string iqn:string
      iscsiInterface:string lun:int32 portals:string* readOnly:bool secretRef:LocalObjectReference
      targetPortal:string
    ImageVolumeSource pullPolicy:string reference:string
    KeyToPath key:string mode:int32 path:string
    LabelSelector matchExpressions:LabelSelectorRequirement* matchLabels:string%
    LabelSelectorRequirement key:string operator:string/v1.LabelSelectorOperator values:string*
    Lifecycle postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:string/v1.Signal
    LifecycleHandler exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction
    LocalObjectReference name:string
    ManagedFieldsEntry apiVersion:string fieldsType:string fieldsV1:any manager:string
      operation:string/v1.ManagedFieldsOperationType subresource:string time:time
    NFSVolumeSource path:string readOnly:bool server:string
    Namespace spec:NamespaceSpec
    NamespaceCondition lastTransitionTime:time message:string reason:string status:string/v1.ConditionStatus
      type:string/v1.NamespaceConditionType
    NamespaceSpec finalizers:string/v1.FinalizerName*
    NamespaceStatus conditions:NamespaceCondition*
    NodeAffinity preferredDuringSchedulingIgnoredDuringExecution:PreferredSchedulingTerm*
      requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
    NodeConfigSource configMap:ConfigMapNodeConfigSource
    NodeConfigStatus active:NodeConfigSource assigned:NodeConfigSource error:string lastKnownGood:NodeConfigSource
    NodeDaemonEndpoints kubeletEndpoint:DaemonEndpoint
    NodeFeatures supplementalGroupsPolicy:bool
    NodeRuntimeHandler features:NodeRuntimeHandlerFeatures name:string
    NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:bool userNamespaces:bool
    NodeSelector nodeSelectorTerms:NodeSelectorTerm*
    NodeSelectorRequirement key:string operator:string/v1.NodeSelectorOperator values:string*
    NodeSelectorTerm matchExpressions:NodeSelectorRequirement* matchFields:NodeSelectorRequirement*
    NodeSpec configSource:NodeConfigSource
    NodeStatus config:NodeConfigStatus daemonEndpoints:NodeDaemonEndpoints declaredFeatures:string*
      features:NodeFeatures images:ContainerImage* runtimeHandlers:NodeRuntimeHandler*
      volumesAttached:AttachedVolume* volumesInUse:string/v1.UniqueVolumeName*
    NodeSwapStatus capacity:int64
    NodeSystemInfo swap:NodeSwapStatus
    ObjectFieldSelector apiVersion:string fieldPath:string
    ObjectMeta annotations:string% creationTimestamp:time deletionGracePeriodSeconds:int64 deletionTimestamp:time
      finalizers:string* generateName:string generation:int64 labels:string% managedFields:ManagedFieldsEntry*
      name:string namespace:string ownerReferences:OwnerReference* resourceVersion:string selfLink:string
      uid:string/types.UID
    ObjectReference apiVersion:string fieldPath:string kind:string name:string namespace:string
      resourceVersion:string uid:string/types.UID
    OwnerReference apiVersion:string blockOwnerDeletion:bool controller:bool kind:string name:string
      uid:string/types.UID
    PersistentVolumeClaimSpec accessModes:string/v1.PersistentVolumeAccessMode* dataSource:TypedLocalObjectReference
      dataSourceRef:TypedObjectReference resources:VolumeResourceRequirements selector:LabelSelector
      storageClassName:string volumeAttributesClassName:string volumeMode:string volumeName:string
    PersistentVolumeClaimTemplate metadata:ObjectMeta spec:PersistentVolumeClaimSpec
    PersistentVolumeClaimVolumeSource claimName:string readOnly:bool
    PhotonPersistentDiskVolumeSource fsType:string pdID:string
    PodAffinity preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm*
      requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm*
    PodAffinityTerm labelSelector:LabelSelector matchLabelKeys:string* mismatchLabelKeys:string*
      namespaceSelector:LabelSelector namespaces:string* topologyKey:string
    PodAntiAffinity preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm*
      requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm*
    PodCertificateProjection certificateChainPath:string credentialBundlePath:string keyPath:string keyType:string
      maxExpirationSeconds:int32 signerName:string userAnnotations:string%
    PodDNSConfig nameservers:string* options:PodDNSConfigOption* searches:string*
    PodDNSConfigOption name:string value:string
    PodIP ip:string
    PodOS name:string/v1.OSName
    PodReadinessGate conditionType:string/v1.PodConditionType
    PodResourceClaim name:string resourceClaimName:string resourceClaimTemplateName:string
    PodSchedulingGroup podGroupName:string
    PodSecurityContext appArmorProfile:AppArmorProfile fsGroup:int64
      fsGroupChangePolicy:string/v1.PodFSGroupChangePolicy runAsGroup:int64 runAsNonRoot:bool runAsUser:int64
      seLinuxChangePolicy:string/v1.PodSELinuxChangePolicy seLinuxOptions:SELinuxOptions
      seccompProfile:SeccompProfile supplementalGroups:int64*
      supplementalGroupsPolicy:string/v1.SupplementalGroupsPolicy sysctls:Sysctl*
      windowsOptions:WindowsSecurityContextOptions
    PodSpec affinity:Affinity dnsConfig:PodDNSConfig ephemeralContainers:EphemeralContainer* hostAliases:HostAlias*
      imagePullSecrets:LocalObjectReference* os:PodOS readinessGates:PodReadinessGate*
      resourceClaims:PodResourceClaim* schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext
      topologySpreadConstraints:TopologySpreadConstraint* volumes:Volume*
    PodStatus hostIPs:HostIP* podIPs:PodIP*
    PortworxVolumeSource fsType:string readOnly:bool volumeID:string
    PreferredSchedulingTerm preference:NodeSelectorTerm weight:int32
    Probe exec:ExecAction failureThreshold:int32 grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:int32
      periodSeconds:int32 successThreshold:int32 tcpSocket:TCPSocketAction terminationGracePeriodSeconds:int64
      timeoutSeconds:int32
    ProjectedVolumeSource defaultMode:int32 sources:VolumeProjection*
    QuobyteVolumeSource group:string readOnly:bool registry:string tenant:string user:string volume:string
    RBDVolumeSource fsType:string image:string keyring:string monitors:string* pool:string readOnly:bool
      secretRef:LocalObjectReference user:string
    ResourceClaim name:string request:string
    ResourceFieldSelector containerName:string divisor:quantity resource:string
    ResourceRequirements claims:ResourceClaim* limits:quantity% requests:quantity%
    SELinuxOptions level:string role:string type:string user:string
    ScaleIOVolumeSource fsType:string gateway:string protectionDomain:string readOnly:bool
      secretRef:LocalObjectReference sslEnabled:bool storageMode:string storagePool:string system:string
      volumeName:string
    SeccompProfile localhostProfile:string type:string/v1.SeccompProfileType
    Secret data:bytes%
    SecretEnvSource name:string optional:bool
    SecretKeySelector key:string name:string optional:bool
    SecretProjection items:KeyToPath* name:string optional:bool
    SecretVolumeSource defaultMode:int32 items:KeyToPath* optional:bool secretName:string
    SecurityContext allowPrivilegeEscalation:bool appArmorProfile:AppArmorProfile capabilities:Capabilities
      privileged:bool procMount:string/v1.ProcMountType readOnlyRootFilesystem:bool runAsGroup:int64
      runAsNonRoot:bool runAsUser:int64 seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile
      windowsOptions:WindowsSecurityContextOptions
    ServiceAccount imagePullSecrets:LocalObjectReference* secrets:ObjectReference*
    ServiceAccountTokenProjection audience:string expirationSeconds:int64 path:string
    SleepAction seconds:int64
    StorageOSVolumeSource fsType:string readOnly:bool secretRef:LocalObjectReference volumeName:string
      volumeNamespace:string
    Sysctl name:string value:string
    TCPSocketAction host:string port:intOrString
    TopologySpreadConstraint labelSelector:LabelSelector matchLabelKeys:string* maxSkew:int32 minDomains:int32
      nodeAffinityPolicy:string/v1.NodeInclusionPolicy nodeTaintsPolicy:string/v1.NodeInclusionPolicy
      topologyKey:string whenUnsatisfiable:string/v1.UnsatisfiableConstraintAction
    TypedLocalObjectReference apiGroup:string kind:string name:string
    TypedObjectReference apiGroup:string kind:string name:string namespace:string
    Volume awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource
      azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource
      configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource
      emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource flexVolume:FlexVolumeSource
      flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource
      glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource image:ImageVolumeSource iscsi:ISCSIVolumeSource
      name:string nfs:NFSVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource
      photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource
      projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource scaleIO:ScaleIOVolumeSource
      secret:SecretVolumeSource storageos:StorageOSVolumeSource vsphereVolume:VsphereVirtualDiskVolumeSource
    VolumeDevice devicePath:string name:string
    VolumeMount mountPath:string mountPropagation:string/v1.MountPropagationMode name:string readOnly:bool
      recursiveReadOnly:string/v1.RecursiveReadOnlyMode subPath:string subPathExpr:string
    VolumeProjection clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection
      downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection
      serviceAccountToken:ServiceAccountTokenProjection
    VolumeResourceRequirements limits:quantity% requests:quantity%
    VsphereVirtualDiskVolumeSource fsType:string storagePolicyID:string storagePolicyName:string volumePath:string
    WeightedPodAffinityTerm podAffinityTerm:PodAffinityTerm weight:int32
    WindowsSecurityContextOptions gmsaCredentialSpec:string gmsaCredentialSpecName:string hostProcess:bool
      runAsUserName:string
    """
}
