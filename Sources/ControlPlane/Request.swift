public import KubeModel

/// What a user, a client or a test asks of the control plane: the verbs of Kubernetes' API.
public enum Request: Hashable, Sendable {
  /// Create the object, after defaulting and validation. With `dryRun` nothing is kept.
  case create(KubeObject, dryRun: Bool = false)
  /// Replace metadata and spec; status is left alone.
  case update(KubeObject, dryRun: Bool = false)
  /// Replace the status; the spec is left alone.
  case updateStatus(KubeObject, dryRun: Bool = false)
  /// Change the object by a patch document: metadata and spec, not the status.
  case patch(ObjectKey, PatchType, JSONValue)
  /// Delete the object, or begin to: pods end gracefully first, and finalizers hold pods and jobs back. The answer is the
  /// object as its deletion was begun; one that went at once has no `deletionTimestamp`.
  case delete(ObjectKey, DeleteOptions = DeleteOptions())
  /// The Eviction API: a graceful delete that marks the pod with DisruptionTarget/EvictionByEvictionAPI.
  case evict(ObjectKey, DeleteOptions = DeleteOptions())
  /// Cordon a node and evict all of its pods, as `kubectl drain --force` does.
  case drainNode(String, gracePeriodSeconds: Int? = nil)
  /// Take a simulated node down: its containers are killed, its pods fail.
  case failNode(String)
  /// Bring a failed node back.
  case recoverNode(String)
  /// Let every namespace have this certificate (PEM; empty for none) in its ConfigMap `kube-root-ca.crt`, as Kubernetes'
  /// root-ca-certificate-publisher does. The answer is the one of the namespace `default`.
  case publishRootCertificate(String)
}
