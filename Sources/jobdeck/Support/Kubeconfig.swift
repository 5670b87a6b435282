import Glibc
import KubeModel

/// The file that tells kubectl of clusters.
enum Kubeconfig {
  /// What cluster, user and context are called in it.
  static let name = "jobdeck"

  /// A kubeconfig with nothing but the served cluster.
  static func made(_ access: ServedFolder.Access) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Config", "current-context": .string(name),
      "clusters": [entry("cluster", cluster(access))],
      "contexts": [entry("context", ["cluster": .string(name), "user": .string(name)])],
      "users": [entry("user", ["token": .string(access.token)])],
    ]
  }

  private static func cluster(_ access: ServedFolder.Access) -> JSONValue {
    let pem = Array((access.certificate + "\n").utf8)
    return ["certificate-authority-data": .string(base64Encoded(pem)), "server": .string(access.url)]
  }

  private static func entry(_ member: String, _ value: JSONValue) -> JSONValue {
    .object(JSONObject([.init(name: "name", value: .string(name)), .init(name: member, value: value)]))
  }

  /// `config` with the entries of the served cluster in place of those of its name, and its context as the current.
  static func merging(_ config: JSONValue, _ access: ServedFolder.Access) -> JSONValue {
    let made = made(access)
    var result = config.object ?? JSONObject()
    for member in ["apiVersion", "kind"] where result[member] == nil { result[member] = made[member] }
    for list in ["clusters", "contexts", "users"] {
      let others = (result[list]?.array ?? []).filter { $0["name"]?.string != name }
      result[list] = .array(others + (made[list]?.array ?? []))
    }
    result["current-context"] = .string(name)
    return .object(result)
  }

  /// The first file that `KUBECONFIG` names, else `~/.kube/config`.
  static var usualFile: String {
    let named = getenv("KUBECONFIG").map { String(cString: $0) } ?? ""
    if let first = named.split(separator: ":").first { return String(first) }
    return (getenv("HOME").map { String(cString: $0) } ?? "") + "/.kube/config"
  }

  /// Changes the file, and leaves all else in it as it means (comments are lost).
  static func merge(_ access: ServedFolder.Access, into file: String) throws {
    var config: JSONValue = .object(JSONObject())
    if Glibc.access(file, F_OK) == 0 {
      let bytes = try InputFiles.read(file).first?.bytes ?? []
      config = try YAMLDocument(bytes, file: file).value
      guard case .object = config else {
        throw ServedFolder.Problem(description: "\(file): not a kubeconfig")
      }
    } else if let slash = file.lastIndex(of: "/") {
      mkdir(String(file[..<slash]), 0o700)
    }
    let bytes = Array(merging(config, access).yaml().utf8)
    let aside = file + ".jobdeck"
    unlink(aside)
    let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    let written = descriptor >= 0 ? write(descriptor, bytes, bytes.count) : -1
    let code = errno
    if descriptor >= 0 { close(descriptor) }
    guard written == bytes.count, rename(aside, file) == 0 else {
      throw ServedFolder.Problem(description: "\(file): cannot be written: \(String(cString: strerror(code)))")
    }
  }
}
