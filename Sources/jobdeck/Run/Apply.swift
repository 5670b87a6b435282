import Cluster
import KubeModel

/// An object from a file or a command line, with the document that it was read from.
struct LoadedObject: Sendable {
  var object: KubeObject
  /// As written: what an update is made of.
  var document: JSONValue
}

/// `kubectl apply`, on this side of the API.
enum Apply {
  enum Verb: String {
    case created, configured, unchanged
  }

  /// Creates the object, or changes the one that exists to what the document says. Fields that the document does not
  /// mention stay as they are.
  static func apply(
    _ loaded: LoadedObject, to cluster: any Cluster
  ) async throws(StatusError) -> (object: KubeObject, verb: Verb) {
    let key = loaded.object.key
    // Only a name that is chosen can be taken.
    guard !key.name.isEmpty else { return (try await cluster.create(loaded.object, dryRun: false), .created) }
    do {
      return (try await cluster.create(loaded.object, dryRun: false), .created)
    } catch {
      guard error.code == 409, error.reason == "AlreadyExists" else { throw error }
    }
    let before = try await cluster.get(key)
    let after = try await cluster.patch(key, .merge, loaded.document)
    let isSame = before.metadata.resourceVersion == after.metadata.resourceVersion
    return (after, isSame ? .unchanged : .configured)
  }

  /// What others need comes first: namespaces, nodes and classes, then configuration, then what runs.
  static func inOrder(_ objects: [LoadedObject]) -> [LoadedObject] {
    func rank(_ kind: Kind) -> Int {
      switch kind {
      case .namespace: 0
      case .node, .priorityClass: 1
      case .configMap, .secret: 2
      case .pod, .job, .cronJob, .event: 3
      }
    }
    return objects.enumerated().sorted { left, right in
      (rank(left.element.object.kind), left.offset) < (rank(right.element.object.kind), right.offset)
    }.map(\.element)
  }

  /// The objects' namespaces that are neither among them nor in the cluster, as objects to create: a cluster that
  /// begins empty has no other way to come by them.
  static func missingNamespaces(
    for objects: [LoadedObject], in cluster: any Cluster
  ) async throws(StatusError) -> [LoadedObject] {
    var known = Set(try await cluster.list(.namespace, namespace: nil).items.map(\.metadata.name))
    for loaded in objects where loaded.object.kind == .namespace { known.insert(loaded.object.metadata.name) }
    var missing: [LoadedObject] = []
    for loaded in objects where loaded.object.kind.isNamespaced {
      guard known.insert(loaded.object.metadata.namespace).inserted else { continue }
      var namespace = Namespace()
      namespace.metadata.name = loaded.object.metadata.namespace
      missing.append(LoadedObject(object: .namespace(namespace), document: .object(JSONObject())))
    }
    return missing
  }
}
