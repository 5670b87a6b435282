internal import Cluster
internal import KubeModel

extension APIHandler {
  /// - Parameter rest: what follows the kind's name in the path.
  func answer(
    _ resource: FixedResource, namespace: String?, _ rest: ArraySlice<String>, _ request: APIRequest
  ) async throws(StatusError) -> APIResponse {
    let watches = request.query.flag("watch")
    guard request.method == "GET" else { throw .methodNotAllowed }
    let rendering = FixedRendering(
      resource: resource, negotiation: try Negotiation(accept: request.accept), includes: try IncludeObject(request),
      now: now())
    let objects = try await dated(resource.objects)
    guard let name = rest.first else {
      try ListOptions.check(request.query, watches: watches)
      let items = try FixedSelection(namespace, request.query).selected(from: objects)
      let version = String(try await cluster.list(.namespace, namespace: nil).version)
      return watches
        ? try rendering.watch(items, version: version, request.query) : rendering.list(items, version: version)
    }
    guard rest.count == 1, resource.isNamespaced == (namespace != nil) else { throw .noSuchResource }
    let found = objects.first {
      $0["metadata"]?["name"]?.string == name && $0["metadata"]?["namespace"]?.string == namespace
    }
    guard let found else {
      throw StatusError(
        code: 404, reason: "NotFound", message: "\(resource.qualifiedPlural) \"\(name)\" not found", name: name)
    }
    return rendering.one(found)
  }

  /// What is always there is as old as the namespace `default`.
  private func dated(_ objects: [JSONValue]) async throws(StatusError) -> [JSONValue] {
    if objects.isEmpty { return [] }
    let model = try await cluster.get(ObjectKey(.namespace, name: "default")).metadata
    return objects.map { object in
      guard var members = object.object, var metadata = members["metadata"]?.object else { return object }
      metadata["creationTimestamp"] = model.creationTimestamp.map { .string($0.rfc3339(fraction: false)) }
      metadata["resourceVersion"] = .string(model.resourceVersion)
      members["metadata"] = .object(metadata)
      return .object(members)
    }
  }
}

/// Turns a ``FixedResource``'s objects into what a client asked for.
private struct FixedRendering: Sendable {
  var resource: FixedResource
  var negotiation: Negotiation
  var includes: IncludeObject
  var now: Instant

  func one(_ object: JSONValue) -> APIResponse { response(alone(object)) }

  private func alone(_ object: JSONValue) -> JSONValue {
    switch negotiation.shape {
    case .table: table([object], version: object["metadata"]?["resourceVersion"]?.string ?? "")
    case .partial: FixedRendering.partial(object)
    case .object, .discovery: resource.whole(object)
    }
  }

  /// Nothing of these kinds ever changes: a watch shows what there is to those who want to know it, and waits.
  func watch(
    _ objects: [JSONValue], version: String, _ query: APIRequest.Query
  ) throws(StatusError) -> APIResponse {
    let longest = try query.integer("timeoutSeconds").flatMap { $0 > 0 ? $0 : nil } ?? APIHandler.longestWatch
    let sendsInitial = query.flag("sendInitialEvents")
    var bytes: [UInt8] = []
    func send(_ type: String, _ object: JSONValue) {
      bytes += Rendering.bytes(["type": .string(type), "object": object])
      bytes.append(UInt8(ascii: "\n"))
    }
    if sendsInitial || ["", "0"].contains(query["resourceVersion"] ?? "") {
      for object in objects { send("ADDED", alone(object)) }
    }
    if sendsInitial {
      let annotations: JSONValue = ["k8s.io/initial-events-end": "true"]
      send(
        "BOOKMARK",
        resource.whole(["metadata": ["resourceVersion": .string(version), "annotations": annotations]]))
    }
    let start = bytes
    return APIResponse(
      200,
      body: .stream { sink in
        if !start.isEmpty { try await sink.write(start) }
        try await Task.sleep(for: .seconds(min(longest, APIHandler.longestWatch)))
      })
  }

  func list(_ objects: [JSONValue], version: String) -> APIResponse {
    switch negotiation.shape {
    case .table: response(table(objects, version: version))
    case .partial:
      list(objects.map(FixedRendering.partial), "meta.k8s.io/v1", "PartialObjectMetadataList", version: version)
    case .object, .discovery: list(objects, resource.groupVersion, resource.kind + "List", version: version)
    }
  }

  private func list(_ items: [JSONValue], _ apiVersion: String, _ kind: String, version: String) -> APIResponse {
    response([
      "kind": .string(kind), "apiVersion": .string(apiVersion), "metadata": ["resourceVersion": .string(version)],
      "items": .array(items),
    ])
  }

  private func table(_ objects: [JSONValue], version: String) -> JSONValue {
    let rows = objects.map { object -> JSONValue in
      let shown: JSONValue =
        switch includes {
        case .none: .null
        case .metadata: FixedRendering.partial(object)
        case .object: resource.whole(object)
        }
      return ["cells": .array(resource.columns.map { .string($0.cell(object, now)) }), "object": shown]
    }
    return [
      "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": ["resourceVersion": .string(version)],
      "columnDefinitions": .array(resource.columns.map(\.definition)), "rows": .array(rows),
    ]
  }

  private static func partial(_ object: JSONValue) -> JSONValue {
    [
      "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
      "metadata": object["metadata"] ?? .object(JSONObject()),
    ]
  }

  private func response(_ value: JSONValue) -> APIResponse {
    guard negotiation.isYAML else { return .json(value) }
    return APIResponse(200, contentType: "application/yaml", body: .bytes(Array(value.yaml().utf8)))
  }
}

/// Which of a ``FixedResource``'s objects a list is about.
private struct FixedSelection {
  var namespace: String?
  var labels: Selector
  var fields: FieldSelectorList

  init(_ namespace: String?, _ query: APIRequest.Query) throws(StatusError) {
    self.namespace = namespace
    do throws(SelectorError) {
      labels = try Selector(query["labelSelector"] ?? "")
      // ConfigMaps, too, can be selected by nothing but their metadata.
      fields = try FieldSelectorList(query["fieldSelector"] ?? "", kind: .configMap)
    } catch {
      throw .badRequest(error.message)
    }
  }

  func selected(from objects: [JSONValue]) -> [JSONValue] {
    objects.filter { object in
      let metadata = object["metadata"]
      let pairs = (metadata?["labels"]?.object?.members ?? []).map { ($0.name, $0.value.string ?? "") }
      return (namespace == nil || metadata?["namespace"]?.string == namespace) && labels.matches(StringMap(pairs))
        && fields.requirements.allSatisfy {
          (metadata?[String($0.field.dropFirst("metadata.".count))]?.string == $0.value) == $0.isEqual
        }
    }
  }
}
