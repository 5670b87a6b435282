import KubeModel

// What the volumes of a pod hold, as a kubelet finds it out before it starts the pod's containers.
extension ControlPlane {
  /// The volumes that the pod's containers use.
  ///
  /// - Parameter isLater: whether they were set up before: what has gone since then is missed no more.
  func volumes(of slot: Int, isLater: Bool) throws(ContainerConfigError) -> [PodVolume] {
    let pod = pods.entries[slot].pod
    let spec = pod.spec.common.value
    let used = Set((spec.initContainers + spec.containers).flatMap { $0.volumeMounts.map(\.name) })
    var result: [PodVolume] = []
    for volume in spec.volumes where used.contains(volume.name) {
      do throws(VolumeProblem) {
        result.append(PodVolume(name: volume.name, content: try content(of: volume, slot)))
      } catch {
        if isLater, error.isMissingObject {
          result.append(PodVolume(name: volume.name, content: .earlierFiles))
        } else {
          throw ContainerConfigError(
            reason: ContainerConfigError.failedMount,
            message: "MountVolume.SetUp failed for volume \"\(volume.name)\" : \(error.message)", mayRetry: true)
        }
      }
    }
    return result
  }

  private func content(of volume: Volume, _ slot: Int) throws(VolumeProblem) -> PodVolume.Content {
    guard let source = volume.source.members.first else { return .emptyDirectory }
    switch source.name {
    case "emptyDir": return .emptyDirectory
    case "hostPath":
      return .hostPath(source.value["path"]?.string ?? "", type: source.value["type"]?.string ?? "")
    case "configMap", "secret", "downwardAPI", "projected":
      let mode = source.value["defaultMode"]?.int.map { Int(clamping: $0) } ?? 0o644
      var files: [VolumeFile] = []
      let parts = source.name == "projected" ? source.value["sources"]?.array ?? [] : [.object(JSONObject([source]))]
      for part in parts {
        for member in part.object?.members ?? [] {
          for file in try self.files(member.name, member.value, mode: mode, slot) {
            files.removeAll { $0.path == file.path }
            files.append(file)
          }
        }
      }
      return .files(files)
    default:
      // Where nothing runs nothing is missed.
      if isSimulated(slot) { return .emptyDirectory }
      throw VolumeProblem(message: "jobdeck has no volumes of type \(source.name)")
    }
  }

  private func files(
    _ kind: String, _ source: JSONValue, mode: Int, _ slot: Int
  ) throws(VolumeProblem) -> [VolumeFile] {
    let pod = pods.entries[slot].pod
    switch kind {
    case "configMap", "secret":
      let isSecret = kind == "secret"
      let name = source[isSecret ? "secretName" : "name"]?.string ?? source["name"]?.string ?? ""
      let isOptional = source["optional"] == true
      let key = ObjectKey(isSecret ? .secret : .configMap, namespace: pod.metadata.namespace, name: name)
      guard let data = bytesByKey(key) else {
        if isOptional { return [] }
        throw VolumeProblem(message: "\(kind.lowercased()) \"\(name)\" not found", isMissingObject: true)
      }
      guard let items = source["items"]?.array, !items.isEmpty else {
        return data.map { VolumeFile(path: $0.key, bytes: $0.bytes, mode: mode) }
      }
      var files: [VolumeFile] = []
      for item in items {
        let wanted = item["key"]?.string ?? ""
        guard let entry = data.first(where: { $0.key == wanted }) else {
          if isOptional { continue }
          throw VolumeProblem(
            message: isSecret
              ? "references non-existent secret key: \(wanted)"
              : "configmap references non-existent config key: \(wanted)",
            isMissingObject: true)
        }
        files.append(VolumeFile(item, entry.bytes, mode: mode))
      }
      return files
    case "downwardAPI":
      return (source["items"]?.array ?? []).map { item in
        VolumeFile(item, Array(downwardValue(item, of: pod).utf8), mode: mode)
      }
    default:
      // A projected service account token: there are no accounts here.
      return []
    }
  }

  private func bytesByKey(_ key: ObjectKey) -> [(key: String, bytes: [UInt8])]? {
    switch others[key] {
    case .configMap(let map):
      map.data.map { ($0.key, Array($0.value.utf8)) } + map.binaryData.map { ($0.key, base64Decoded($0.value) ?? []) }
    case .secret(let secret): secret.data.map { ($0.key, base64Decoded($0.value) ?? []) }
    default: nil
    }
  }

  private func downwardValue(_ item: JSONValue, of pod: Pod) -> String {
    if let path = item["fieldRef"]?["fieldPath"]?.string {
      switch path {
      case "metadata.labels": return pod.metadata.labels.downwardText
      case "metadata.annotations": return pod.metadata.annotations.downwardText
      default: return (try? fieldValue(path, of: pod)) ?? ""
      }
    }
    guard let reference = item["resourceFieldRef"], let container = pod.spec.containers.first else { return "" }
    var selector = ResourceFieldSelector()
    selector.containerName = reference["containerName"]?.string ?? ""
    selector.resource = reference["resource"]?.string ?? ""
    selector.divisor = reference["divisor"].flatMap { divisor in
      divisor.string.flatMap { Quantity($0) } ?? divisor.int.flatMap { Quantity(String($0)) }
    }
    return resourceValue(selector, of: pod, container)
  }
}

/// Why a volume cannot be set up.
private struct VolumeProblem: Error {
  var message: String
  /// Whether a ConfigMap, a Secret or a key of one is missing.
  var isMissingObject = false
}

extension ContainerConfigError {
  /// The reason of a kubelet's event; containers have no state of this name, they go on being created.
  static let failedMount = "FailedMount"
}

extension VolumeFile {
  /// An item of a volume's source, which may have a mode of its own.
  fileprivate init(_ item: JSONValue, _ bytes: [UInt8], mode: Int) {
    self.init(
      path: item["path"]?.string ?? "", bytes: bytes, mode: item["mode"]?.int.map { Int(clamping: $0) } ?? mode)
  }
}

extension StringMap {
  /// A line `key="value"` for each entry, as downward API volumes have it.
  fileprivate var downwardText: String { map { "\($0.key)=\(goQuoted($0.value))" }.joined(separator: "\n") }
}
