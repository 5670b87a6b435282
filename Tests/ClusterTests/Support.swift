import Executor
import Glibc
import KubeModel

@testable import Cluster

/// A new directory that goes with the test.
final class TemporaryDirectory: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/jobdeck-test-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  }

  deinit { FileTree.removeTree(path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}

func readBytes(_ path: String) -> [UInt8] {
  let descriptor = open(path, O_RDONLY)
  guard descriptor >= 0 else { return [] }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
  return bytes
}

func writeBytes(_ bytes: [UInt8], to path: String) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  defer { close(descriptor) }
  var written = 0
  while written < bytes.count {
    let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard count > 0 else { return }
    written += count
  }
}

func copy(_ source: String, to target: String) { writeBytes(readBytes(source), to: target) }

/// The permission bits of a file.
func mode(_ path: String) -> UInt32 {
  var info = stat()
  return stat(path, &info) == 0 ? info.st_mode & 0o7777 : 0
}

enum Sample {
  static let time = Instant(rfc3339: "2026-03-01T12:00:00Z")!

  /// A job of one container that runs a command line.
  static func job(
    _ name: String, _ command: [String] = ["true"], completions: Int = 1, parallelism: Int = 1, backoffLimit: Int = 0,
    runtimeClass: String? = nil, annotations: StringMap = [:]
  ) -> KubeObject {
    var job = Job()
    job.metadata.name = name
    job.metadata.namespace = "default"
    job.spec.completions = completions
    job.spec.parallelism = parallelism
    job.spec.backoffLimit = backoffLimit
    job.spec.template.metadata.annotations = annotations
    var container = Container()
    container.name = "main"
    container.image = "none"
    container.command = command
    job.spec.template.spec.containers = [container]
    job.spec.template.spec.restartPolicy = .never
    job.spec.template.spec.runtimeClassName = runtimeClass
    return .job(job)
  }

  /// A pod as it stands in a cluster, about 2 KB of JSON.
  static func pod(_ number: Int, owner: String = "9f1c2f5e-0000-4000-8000-000000000001") -> Pod {
    var pod = Pod()
    pod.metadata.name = "crunch-\(number)"
    pod.metadata.namespace = "default"
    pod.metadata.uid = "uid-\(number)"
    pod.metadata.creationTimestamp = time
    pod.metadata.labels = ["batch.kubernetes.io/job-name": "crunch", "job-name": "crunch"]
    pod.metadata.finalizers = ["batch.kubernetes.io/job-tracking"]
    var reference = OwnerReference()
    reference.apiVersion = "batch/v1"
    reference.kind = "Job"
    reference.name = "crunch"
    reference.uid = owner
    reference.controller = true
    reference.blockOwnerDeletion = true
    pod.metadata.ownerReferences = [reference]
    var container = Container()
    container.name = "main"
    container.image = "registry.example/crunch:1"
    container.command = ["sh", "-c", "echo begin; sleep 1; echo end"]
    container.env = (0..<5).map { EnvVar(name: "VARIABLE_\($0)", value: "value \($0)") }
    container.terminationMessagePath = "/dev/termination-log"
    pod.spec.containers = [container]
    pod.spec.restartPolicy = .never
    pod.spec.nodeName = "node-1"
    pod.spec.schedulerName = "default-scheduler"
    pod.status.phase = .succeeded
    pod.status.startTime = time
    pod.status.conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map {
      Condition($0, false, reason: "PodCompleted", at: time + .milliseconds(number))
    }
    var status = ContainerStatus()
    status.name = "main"
    status.image = "registry.example/crunch:1"
    status.containerID = "jobdeck://uid-\(number)-0-0"
    status.state.terminated = ContainerState.Terminated()
    status.state.terminated?.reason = "Completed"
    status.state.terminated?.startedAt = time + .microseconds(number)
    status.state.terminated?.finishedAt = time + .microseconds(2 * number)
    pod.status.containerStatuses = [status]
    return pod
  }

  static func change(_ verb: Change.Verb, _ object: KubeObject, _ version: UInt64) -> Change {
    var object = object
    object.metadata.resourceVersion = String(version)
    return Change(verb: verb, object: object, version: version)
  }
}
