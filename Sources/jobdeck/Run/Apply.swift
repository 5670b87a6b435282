import Cluster
import KubeModel

/// An object from a file or a command line, and what to do where one of that name exists.
struct LoadedObject: Sendable {
  enum IfPresent: Sendable {
    /// Change it to what the document says.
    case merge(JSONValue)
    /// Make another one with a name of its own.
    case generateName
    case fail
  }

  var object: KubeObject
  var ifPresent: IfPresent
  /// Where it stands, as `FILE:LINE`; `nil` where it comes from no file.
  var place: String?

  /// Why the cluster refused it: one line that begins with its place.
  func refusal(_ error: StatusError) -> String { place.map { "\($0): \(error.message)" } ?? error.message }

  /// What will keep its pods from running on this machine, where Kubernetes could run them: one line each.
  var warnings: [String] {
    let spec: PodSpec
    switch object {
    case .pod(let pod): spec = pod.spec
    case .job(let job): spec = job.spec.template.spec
    case .cronJob(let cronJob): spec = cronJob.spec.jobTemplate.spec.template.spec
    default: return []
    }
    guard spec.runtimeClassName != "simulated" else { return [] }
    let idle = (spec.initContainers + spec.containers).filter {
      $0.command.isEmpty && $0.args.isEmpty && ImageShell(image: $0.image) == nil
    }
    return idle.map { container in
      (place.map { "\($0): " } ?? "")
        + "warning: container \(container.name) of \(object.key) has no command, so it will wait for ever: jobdeck runs"
        + " programs of this machine, not those of an image"
    }
  }
}

/// `kubectl apply`, on this side of the API.
enum Apply {
  enum Verb: String {
    case created, configured, unchanged
  }

  /// Brings files' objects into a cluster before it is shown or served, with the namespaces that they name.
  ///
  /// - Throws: `ManifestErrors` at the first object that is refused, with its place.
  static func all(_ objects: [LoadedObject], to cluster: any Cluster) async throws {
    var known = Set(try await cluster.list(.namespace, namespace: nil).items.map(\.metadata.name))
    for object in withNamespaces(inOrder(objects), known: &known) {
      do throws(StatusError) {
        _ = try await apply(object, to: cluster)
      } catch {
        throw ManifestErrors(lines: [object.refusal(error)])
      }
    }
  }

  /// Creates the object, or does what is to be done where it exists. A merge leaves fields that the document does not
  /// mention as they are.
  static func apply(
    _ loaded: LoadedObject, to cluster: any Cluster
  ) async throws(StatusError) -> (object: KubeObject, verb: Verb) {
    do {
      return (try await cluster.create(loaded.object, dryRun: false), .created)
    } catch {
      guard error.reason == "AlreadyExists" else { throw error }
      switch loaded.ifPresent {
      case .fail: throw error
      case .generateName:
        var object = loaded.object
        object.metadata.generateName = object.metadata.name + "-"
        object.metadata.name = ""
        return (try await cluster.create(object, dryRun: false), .created)
      case .merge(let document):
        let before = try await cluster.get(loaded.object.key)
        let after = try await cluster.patch(loaded.object.key, .merge, document)
        let isSame = before.metadata.resourceVersion == after.metadata.resourceVersion
        return (after, isSame ? .unchanged : .configured)
      }
    }
  }

  /// What others need comes first: namespaces, nodes and classes, then configuration, then what runs.
  static func inOrder(_ objects: [LoadedObject]) -> [LoadedObject] {
    return objects.enumerated().sorted { left, right in
      (left.element.object.kind.makingRank, left.offset) < (right.element.object.kind.makingRank, right.offset)
    }.map(\.element)
  }

  /// The objects, and before them the namespaces that they are in and that do not exist: a cluster that begins empty
  /// has no other way to come by them.
  ///
  /// - Parameter known: the names of the namespaces that exist.
  static func withNamespaces(_ objects: [LoadedObject], known: inout Set<String>) -> [LoadedObject] {
    for loaded in objects where loaded.object.kind == .namespace { known.insert(loaded.object.metadata.name) }
    var missing: [LoadedObject] = []
    for loaded in objects where loaded.object.kind.isNamespaced {
      guard known.insert(loaded.object.metadata.namespace).inserted else { continue }
      missing.append(LoadedObject(object: namespace(loaded.object.metadata.namespace), ifPresent: .fail))
    }
    return missing + objects
  }

  static func namespace(_ name: String) -> KubeObject {
    var namespace = Namespace()
    namespace.metadata.name = name
    return .namespace(namespace)
  }
}
