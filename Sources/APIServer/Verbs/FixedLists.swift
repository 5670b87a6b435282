internal import Cluster
internal import KubeModel

extension APIHandler {
  /// - Parameter rest: what follows the kind's name in the path.
  func answer(
    _ resource: FixedResource, namespace: String?, _ rest: ArraySlice<String>, _ request: APIRequest
  ) async throws(StatusError) -> APIResponse {
    guard request.method == "GET", !request.query.flag("watch") else { throw .methodNotAllowed }
    guard let name = rest.first else {
      let items = try FixedSelection(namespace, request.query).selected(from: resource.objects)
      let version = try await cluster.list(.namespace, namespace: nil).version
      return .json([
        "kind": .string(resource.kind + "List"), "apiVersion": .string(resource.groupVersion),
        "metadata": ["resourceVersion": .string(String(version))], "items": .array(items),
      ])
    }
    guard rest.count == 1, let namespace else { throw .noSuchResource }
    let found = resource.objects.first {
      $0["metadata"]?["name"]?.string == name && $0["metadata"]?["namespace"]?.string == namespace
    }
    guard let found else {
      throw StatusError(
        code: 404, reason: "NotFound", message: "\(resource.qualifiedPlural) \"\(name)\" not found", name: name)
    }
    return .json(resource.whole(found))
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
