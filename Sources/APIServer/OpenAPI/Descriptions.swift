/// What `kubectl explain` says of types and fields: of those that jobs are made of, in a line each.
enum Descriptions {
  /// Of a type, by the name that Go has for it; `nil` where its name says it all.
  static func of(type: String) -> String? { types[type] }

  /// Of a type's field; of metadata, spec and status, which all kinds have, the same everywhere.
  static func of(field: String, in type: String) -> String? {
    let name = "\(type).\(field)"
    return batch[name] ?? meta[name] ?? pods[name] ?? containers[name] ?? everywhere[field]
  }

  private static let types = [
    "Job": "Runs pods until enough of them have succeeded.",
    "JobSpec": "How a job is to run.",
    "JobStatus": "How far a job has come; written by its controller.",
    "JobTemplateSpec": "What each job of a cron job begins as.",
    "CronJob": "Makes jobs on a schedule.",
    "CronJobSpec": "When jobs are made, and from what.",
    "CronJobStatus": "What the schedule has led to; written by its controller.",
    "PodFailurePolicy": "What a pod's failure means for its job.",
    "PodFailurePolicyRule": "An action, and the failures that it is for. The first rule that matches counts.",
    "PodFailurePolicyOnExitCodesRequirement": "Exit codes of containers. Zero never matches.",
    "PodFailurePolicyOnPodConditionsPattern": "A condition that the failed pod has.",
    "SuccessPolicy": "When an Indexed job is done before all of its indexes are.",
    "SuccessPolicyRule": "Successes that are enough. With both fields, so many out of these indexes.",
    "UncountedTerminatedPods": "Pods that have ended and are not in the numbers yet, by their UIDs.",
    "ObjectMeta": "What all objects have: names, labels, owners and versions.",
    "OwnerReference": "An object that this one goes with: when it is deleted, so is this.",
    "Condition": "One thing that is so, is not so, or is unknown.",
    "LabelSelector": "Which objects are meant, by their labels; all that it says has to hold.",
    "LabelSelectorRequirement": "A label's key, and which values it may have.",
    "ObjectReference": "Points to an object.",
    "Pod": "Containers that run together on a node.",
    "PodSpec": "What a pod runs, and where it may.",
    "PodStatus": "How a pod fares; written by its node.",
    "PodTemplateSpec": "What each pod begins as.",
    "PodSchedulingGate": "Something that keeps the pod from being placed until it is taken away.",
    "Toleration": "Taints of nodes that do not keep the pod away.",
    "Container": "A program that a pod runs.",
    "ContainerStatus": "How a container fares.",
    "ContainerState": "Waiting, running or terminated: one of the three.",
    "ContainerStateRunning": "It runs.",
    "ContainerStateTerminated": "It has ended.",
    "ContainerStateWaiting": "It has not been started, or is to be started again.",
    "EnvVar": "A variable of the environment.",
    "EnvVarSource": "Where a variable's value comes from.",
    "KeySelector": "A key of a config map or of a secret.",
    "ObjectFieldSelector": "A field of the pod itself.",
    "ResourceFieldSelector": "What is set aside for a container, or its limit.",
    "EnvFromSource": "A config map or a secret whose keys all become variables.",
    "EnvSource": "A config map or a secret.",
    "ResourceRequirements": "What is set aside, and the most that may be used.",
    "VolumeMount": "A volume, and where it appears.",
    "Node": "A place for pods.",
    "NodeSpec": "What is wanted of a node.",
    "NodeStatus": "What a node has and how it fares.",
    "Taint": "Keeps pods away that do not tolerate it.",
    "Event": "What happened to an object.",
    "ConfigMap": "Settings that pods read.",
    "Secret": "What only some may know, such as passwords.",
    "Namespace": "A space for names: within it, they are unique.",
    "PriorityClass": "How important pods are, by a name.",
  ]

  private static let everywhere = [
    "apiVersion": "The group and version of the kind.",
    "kind": "What the object is.",
    "metadata": "Its name, labels, owners and versions.",
    "spec": "What is wanted.",
    "status": "What is; written by controllers.",
  ]
}
