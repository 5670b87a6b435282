import KubeModel
import RemoteCluster

/// A kind of object as a server offers it.
struct APIResource: Hashable, Sendable {
  var group: String
  var version: String
  var plural: String
  var singular: String
  var kind: String
  var shortNames: [String]
  var categories: [String]
  var isNamespaced: Bool
  var verbs: [String]

  var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
  /// `jobs.batch`, `pods`
  var qualifiedPlural: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// `job.batch/x`, `pod/x`
  func name(_ name: String) -> String {
    group.isEmpty ? "\(kind.lowercased())/\(name)" : "\(kind.lowercased()).\(group)/\(name)"
  }

  /// The kind of our models; `nil` for what they do not have.
  var model: Kind? { Kind.allCases.first { $0.rawValue == kind && $0.group == group } }

  /// Whether there are ever any that somebody has made.
  var isMade: Bool { verbs.contains("create") }

  /// Where objects are; without a namespace, those of all.
  func path(namespace: String?, name: String? = nil) -> [String] {
    var path = group.isEmpty ? ["api", version] : ["apis", group, version]
    if isNamespaced, let namespace { path += ["namespaces", namespace] }
    return path + [plural] + (name.map { [$0] } ?? [])
  }
}

/// What a server offers, by its discovery document.
struct ResourceIndex: Sendable {
  let resources: [APIResource]

  private static let accept =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"

  /// Asks the server; core resources come first, so that they are what a name means that several have.
  static func load(_ server: Server) async throws(StatusError) -> ResourceIndex {
    var resources: [APIResource] = []
    for root in ["api", "apis"] {
      let list = try await server.json(APICall("GET", [root], accept: accept))
      for group in list["items"]?.array ?? [] {
        let name = group["metadata"]?["name"]?.string ?? ""
        // The first version is the one that the server prefers.
        guard let version = group["versions"]?.array?.first else { continue }
        for entry in version["resources"]?.array ?? [] {
          resources.append(resource(entry, group: name, version: version["version"]?.string ?? ""))
        }
      }
    }
    return ResourceIndex(resources: resources)
  }

  private static func resource(_ entry: JSONValue, group: String, version: String) -> APIResource {
    func texts(_ name: String) -> [String] { (entry[name]?.array ?? []).compactMap(\.string) }
    return APIResource(
      group: group, version: version, plural: entry["resource"]?.string ?? "",
      singular: entry["singularResource"]?.string ?? "", kind: entry["responseKind"]?["kind"]?.string ?? "",
      shortNames: texts("shortNames"), categories: texts("categories"),
      isNamespaced: entry["scope"]?.string == "Namespaced", verbs: texts("verbs"))
  }

  /// The resource that kubectl would take the word for: `jobs`, `job`, `Job`, `jobs.batch`, `jobs.v1.batch`, `po`.
  func resource(_ word: String) throws(VerbError) -> APIResource {
    let parts = word.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = parts[0].lowercased()
    let rest = parts.count > 1 ? parts[1].lowercased() : nil
    let found = resources.first { resource in
      guard
        resource.plural == name || resource.singular == name || resource.shortNames.contains(name)
          || resource.kind.lowercased() == name
      else { return false }
      guard let rest else { return true }
      return rest == resource.group || rest == "\(resource.version).\(resource.group)"
        || resource.group.isEmpty && rest == resource.version
    }
    guard let found else { throw VerbError("the server doesn't have a resource type \"\(word)\"") }
    return found
  }

  /// The resource that an object of a manifest belongs to.
  func resource(apiVersion: String, kind: String) throws(VerbError) -> APIResource {
    let usual = Set(resources.filter { $0.isMade && $0.verbs.contains("list") }.map(\.kind)).sorted()
      .joined(separator: ", ")
    guard let found = resources.first(where: { $0.apiVersion == apiVersion && $0.kind == kind }) else {
      throw VerbError("no matches for kind \"\(kind)\" in version \"\(apiVersion)\": jobdeck has \(usual)")
    }
    // The lists of some kinds are there for those who look for them, and empty.
    guard found.isMade else { throw VerbError("a \(kind) cannot be made: jobdeck has \(usual)") }
    return found
  }

  /// All resources of a category such as `all`, or the one of that name.
  func resources(_ word: String) throws(VerbError) -> [APIResource] {
    let members = resources.filter { $0.categories.contains(word) }
    return members.isEmpty ? [try resource(word)] : members
  }
}

/// Objects that a command line names.
struct NamedResources: Sendable {
  var resource: APIResource
  /// Empty: all of them.
  var names: [String]

  /// What arguments mean: `jobs`, `jobs,pods`, `job x y`, `job/x pod/y`.
  static func parse(_ arguments: [String], in index: ResourceIndex) throws(VerbError) -> [NamedResources] {
    guard let first = arguments.first else {
      throw VerbError(
        "Required resource not specified; 'jobdeck get jobs' lists jobs, 'jobdeck get job/NAME' shows one")
    }
    if arguments.contains(where: { $0.contains("/") }) {
      var result: [NamedResources] = []
      for argument in arguments {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else {
          throw VerbError(
            "there is no need to specify a resource type as a separate argument when passing arguments in "
              + "resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource "
              + "resource/<resource_name>'")
        }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
          throw VerbError("arguments in resource/name form must have a single resource and name")
        }
        result.append(NamedResources(resource: try index.resource(parts[0]), names: [parts[1]]))
      }
      return result
    }
    let names = Array(arguments.dropFirst())
    var result: [NamedResources] = []
    for word in first.split(separator: ",").map(String.init) {
      for resource in try index.resources(word) where !result.contains(where: { $0.resource == resource }) {
        result.append(NamedResources(resource: resource, names: names))
      }
    }
    return result
  }
}
