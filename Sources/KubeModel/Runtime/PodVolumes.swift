/// A volume of a pod as a runtime has to provide it.
public struct PodVolume: Hashable, Sendable {
  /// What is in it.
  public enum Content: Hashable, Sendable {
    /// A directory of the pod's own, empty at first; it stays until the pod is removed.
    case emptyDirectory
    /// A file or directory of the machine; `type` says what it has to be: see `HostPathVolumeSource`.
    case hostPath(String, type: String)
    /// Files that the control plane knows; they replace those of an earlier start.
    case files([VolumeFile])
    /// Files whose source is gone since an earlier start: what is there stays.
    case earlierFiles
  }

  /// Unique in the pod.
  public var name: String
  public var content: Content

  /// Creates a volume.
  public init(name: String, content: Content) {
    self.name = name
    self.content = content
  }
}

/// A file of a volume.
public struct VolumeFile: Hashable, Sendable {
  /// Relative to the volume, without `..`.
  public var path: String
  public var bytes: [UInt8]
  /// Permission bits.
  public var mode: Int

  /// Creates a file.
  public init(path: String, bytes: [UInt8], mode: Int = 0o644) {
    self.path = path
    self.bytes = bytes
    self.mode = mode
  }
}

/// Where a container sees one of its pod's volumes.
public struct ContainerMount: Hashable, Sendable {
  /// The name of a volume of the pod.
  public var volume: String
  /// Where the container sees it.
  public var mountPath: String
  /// The part of the volume that is meant, `$(VAR)` already expanded; empty for all of it.
  public var subPath: String
  public var isReadOnly: Bool

  /// Creates a mount.
  public init(volume: String, mountPath: String, subPath: String = "", isReadOnly: Bool = false) {
    self.volume = volume
    self.mountPath = mountPath
    self.subPath = subPath
    self.isReadOnly = isReadOnly
  }
}
