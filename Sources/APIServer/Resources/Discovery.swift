internal import KubeModel

/// What the server says of itself: versions, groups and resources, all from the list of resources.
enum Discovery {
  static let version: JSONValue = [
    "major": "1", "minor": "36", "gitVersion": "v1.36.2+jobdeck", "gitCommit": "", "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "swiftc", "platform": "linux",
  ]

  /// Named groups with their version, in order. The last has no resources of its own: a client that drains a node
  /// looks for its name before it asks pods for their eviction.
  private static let groups: [(name: String, version: String)] = {
    var groups: [(name: String, version: String)] = []
    let named =
      Resource.all.map { ($0.group, $0.version) } + ReviewResource.all.map { ($0.group, $0.version) }
      + FixedResource.all.filter(\.isTold).map { ($0.group, "v1") }
    for (name, version) in named where !name.isEmpty && !groups.contains(where: { $0.name == name }) {
      groups.append((name, version))
    }
    return groups + [("policy", "v1")]
  }()

  static var paths: JSONValue {
    var paths = ["/api", "/api/v1", "/apis"]
    for group in groups { paths += ["/apis/\(group.name)", "/apis/\(group.name)/\(group.version)"] }
    paths += ["/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]
    return ["paths": .array(paths.map { .string($0) })]
  }

  /// `/api` and `/apis`, plain or aggregated, as the client prefers.
  static func answer(_ request: APIRequest, core: Bool) throws(StatusError) -> APIResponse {
    guard request.method == "GET" else { throw .methodNotAllowed }
    let negotiation = try Negotiation(accept: request.accept)
    if case .discovery(let version) = negotiation.shape, ["v2", "v2beta1"].contains(version) {
      var response = APIResponse.json(aggregated(core: core, version: version))
      response.contentType = "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
      response.headers.append(("Vary", "Accept"))
      return response
    }
    if core {
      return .json(["kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []])
    }
    return .json([
      "kind": "APIGroupList", "apiVersion": "v1",
      "groups": .array(groups.map { describe($0.name, $0.version) }),
    ])
  }

  /// `/apis/GROUP`; `nil` where there is no such group.
  static func group(_ name: String) -> JSONValue? {
    guard let group = groups.first(where: { $0.name == name }),
      var object = describe(group.name, group.version).object
    else { return nil }
    object.members.insert(
      contentsOf: [.init(name: "kind", value: "APIGroup"), .init(name: "apiVersion", value: "v1")], at: 0)
    return .object(object)
  }

  private static func describe(_ name: String, _ version: String) -> JSONValue {
    let both: JSONValue = ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
    return ["name": .string(name), "versions": [both], "preferredVersion": both]
  }

  /// `/api/v1` and `/apis/GROUP/VERSION`; `nil` where there is no such group.
  static func resources(group: String, version: String) -> JSONValue? {
    guard group.isEmpty && version == "v1" || groups.contains(where: { $0.name == group && $0.version == version })
    else { return nil }
    var list: [JSONValue] = []
    for resource in Resource.all where resource.group == group && resource.version == version {
      list.append(entry(resource))
      for subresource in resource.subresources {
        var object = JSONObject([
          .init(name: "name", value: .string("\(resource.plural)/\(subresource.name)")),
          .init(name: "singularName", value: ""), .init(name: "namespaced", value: .bool(resource.isNamespaced)),
        ])
        if !subresource.version.isEmpty {
          object["group"] = .string(subresource.group)
          object["version"] = .string(subresource.version)
        }
        object["kind"] = .string(subresource.kind)
        object["verbs"] = strings(subresource.verbs)
        list.append(.object(object))
      }
    }
    for fixed in FixedResource.all where fixed.isTold && fixed.group == group && version == "v1" {
      list.append([
        "name": .string(fixed.plural), "singularName": .string(fixed.kind.lowercased()),
        "namespaced": .bool(fixed.isNamespaced), "kind": .string(fixed.kind), "verbs": strings(FixedResource.verbs),
        "shortNames": strings(fixed.shortNames),
      ])
    }
    for review in ReviewResource.all where review.group == group && review.version == version {
      list.append([
        "name": .string(review.plural), "singularName": .string(review.kind.lowercased()),
        "namespaced": .bool(review.isNamespaced), "kind": .string(review.kind), "verbs": ["create"],
      ])
    }
    return [
      "kind": "APIResourceList", "apiVersion": "v1",
      "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"), "resources": .array(list),
    ]
  }

  private static func entry(_ resource: Resource) -> JSONValue {
    var object = JSONObject([
      .init(name: "name", value: .string(resource.plural)),
      .init(name: "singularName", value: .string(resource.singular)),
      .init(name: "namespaced", value: .bool(resource.isNamespaced)),
      .init(name: "kind", value: .string(resource.kind.rawValue)),
      .init(name: "verbs", value: strings(resource.verbs)),
    ])
    if !resource.shortNames.isEmpty { object["shortNames"] = strings(resource.shortNames) }
    if !resource.categories.isEmpty { object["categories"] = strings(resource.categories) }
    return .object(object)
  }

  // MARK: Aggregated

  private static func aggregated(core: Bool, version: String) -> JSONValue {
    let wanted: [(name: String, version: String)] = core ? [("", "v1")] : groups
    return [
      "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"),
      "metadata": .object(JSONObject()),
      "items": .array(
        wanted.map { group in
          var metadata = JSONObject()
          if !group.name.isEmpty { metadata["name"] = .string(group.name) }
          return [
            "metadata": .object(metadata),
            "versions": [
              [
                "version": .string(group.version), "resources": .array(aggregated(group.name, group.version)),
                "freshness": "Current",
              ]
            ],
          ]
        }),
    ]
  }

  private static func aggregated(_ group: String, _ version: String) -> [JSONValue] {
    var list: [JSONValue] = []
    for resource in Resource.all where resource.group == group && resource.version == version {
      var object = JSONObject([
        .init(name: "resource", value: .string(resource.plural)),
        .init(name: "responseKind", value: responseKind("", "", resource.kind.rawValue)),
        .init(name: "scope", value: .string(resource.isNamespaced ? "Namespaced" : "Cluster")),
        .init(name: "singularResource", value: .string(resource.singular)),
        .init(name: "verbs", value: strings(resource.verbs)),
      ])
      if !resource.shortNames.isEmpty { object["shortNames"] = strings(resource.shortNames) }
      if !resource.categories.isEmpty { object["categories"] = strings(resource.categories) }
      if !resource.subresources.isEmpty {
        object["subresources"] = .array(
          resource.subresources.map {
            [
              "subresource": .string($0.name), "responseKind": responseKind($0.group, $0.version, $0.kind),
              "verbs": strings($0.verbs),
            ]
          })
      }
      list.append(.object(object))
    }
    for fixed in FixedResource.all where fixed.isTold && fixed.group == group && version == "v1" {
      list.append([
        "resource": .string(fixed.plural), "responseKind": responseKind("", "", fixed.kind),
        "scope": .string(fixed.isNamespaced ? "Namespaced" : "Cluster"),
        "singularResource": .string(fixed.kind.lowercased()), "verbs": strings(FixedResource.verbs),
        "shortNames": strings(fixed.shortNames),
      ])
    }
    for review in ReviewResource.all where review.group == group && review.version == version {
      list.append([
        "resource": .string(review.plural), "responseKind": responseKind("", "", review.kind),
        "scope": .string(review.isNamespaced ? "Namespaced" : "Cluster"),
        "singularResource": .string(review.kind.lowercased()), "verbs": ["create"],
      ])
    }
    return list
  }

  private static func responseKind(_ group: String, _ version: String, _ kind: String) -> JSONValue {
    ["group": .string(group), "version": .string(version), "kind": .string(kind)]
  }

  private static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
