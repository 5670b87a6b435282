internal import KubeModel

/// The documents that describe the API to its clients (OpenAPI v3), made from resources and models.
enum OpenAPI {
  /// One group's document.
  struct Document: Sendable {
    /// `api/v1`, `apis/batch/v1`
    var path: String
    var bytes: [UInt8]

    /// Changes when the document does.
    var hash: String { String(Digest.of(bytes), radix: 16, uppercase: true) }
  }

  /// Made once; they depend on the program alone.
  static let documents: [Document] = {
    var documents: [Document] = []
    for resource in Resource.all {
      let path = (resource.group.isEmpty ? "api/" : "apis/") + resource.groupVersion
      guard !documents.contains(where: { $0.path == path }) else { continue }
      let resources = Resource.all.filter { $0.groupVersion == resource.groupVersion }
      documents.append(Document(path: path, bytes: Rendering.bytes(document(path, resources))))
    }
    return documents
  }()

  /// Which documents there are.
  static let index: JSONValue = [
    "paths": .object(
      JSONObject(
        documents.map {
          .init(
            name: $0.path,
            value: ["serverRelativeURL": .string("/openapi/v3/\($0.path)?hash=\($0.hash)")])
        }))
  ]

  static func answer(_ request: APIRequest) throws(StatusError) -> APIResponse {
    guard request.method == "GET" else { throw .methodNotAllowed }
    if request.path == ["openapi", "v2"] { return version2(accept: request.accept) }
    guard request.path.count > 1, request.path[1] == "v3" else { throw .noSuchResource }
    if request.path.count == 2 { return .json(index) }
    let path = request.path.dropFirst(2).joined(separator: "/")
    guard let document = documents.first(where: { $0.path == path }) else { throw .noSuchResource }
    return APIResponse(200, body: .bytes(document.bytes))
  }

  /// The older version, in which nothing is described: clients ask for it where the newer one says nothing of a kind,
  /// and go on where it says nothing either.
  private static func version2(accept: String) -> APIResponse {
    let title = "Kubernetes"
    let version = "1.36"
    // Clients ask by the older of its two names, which is no proper media type and is never answered with.
    let binary = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
    guard accept.contains(binary) || accept.contains(binary.replacing("v2.v1", with: "v2@v1")) else {
      return .json([
        "swagger": "2.0", "info": ["title": .string(title), "version": .string(version)],
        "paths": .object(JSONObject()), "definitions": .object(JSONObject()),
      ])
    }
    /// A field of bytes in protobuf: number and type, length, content. All here are shorter than 128 bytes.
    func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(content.count)] + content }
    // openapi.v2.Document: swagger 1, info 2; Info: title 1, version 2.
    let info = field(1, Array(title.utf8)) + field(2, Array(version.utf8))
    return APIResponse(200, contentType: binary, body: .bytes(field(1, Array("2.0".utf8)) + field(2, info)))
  }

  // MARK: Paths

  private static func document(_ path: String, _ resources: [Resource]) -> JSONValue {
    var schemas = Schemas()
    var paths: [JSONObject.Member] = []
    for resource in resources {
      schemas.add(resource)
      let collection = "/\(path)/" + (resource.isNamespaced ? "namespaces/{namespace}/" : "") + resource.plural
      paths.append(.init(name: collection, value: operations(["get": "list", "post": "create"], resource)))
      paths.append(
        .init(
          name: collection + "/{name}",
          value: operations(["get": "get", "put": "update", "patch": "patch", "delete": "delete"], resource)))
    }
    return [
      "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "1.36"],
      "paths": .object(JSONObject(paths)),
      "components": ["schemas": .object(JSONObject(schemas.members.sorted { $0.name < $1.name }))],
    ]
  }

  private static func operations(_ verbs: KeyValuePairs<String, String>, _ resource: Resource) -> JSONValue {
    var members: [JSONObject.Member] = []
    for (method, verb) in verbs where resource.verbs.contains(verb) {
      var parameters = ["pretty"]
      if !["get", "list"].contains(verb) { parameters.append("dryRun") }
      if ["create", "update", "patch"].contains(verb) { parameters += ["fieldManager", "fieldValidation"] }
      let operation: JSONValue = [
        "operationId": .string("\(verb)\(resource.kind.rawValue)"),
        "parameters": .array(
          parameters.map { ["name": .string($0), "in": "query", "schema": ["type": "string", "uniqueItems": true]] }),
        "responses": [
          "200": [
            "description": "OK",
            "content": ["application/json": ["schema": Schemas.reference(Schemas.name(resource))]],
          ]
        ],
        "x-kubernetes-group-version-kind": Schemas.identity(resource),
      ]
      members.append(.init(name: method, value: operation))
    }
    return .object(JSONObject(members))
  }
}
