import KubeModel
import RemoteCluster

/// Reads objects of any kind as JSON, plain or as the server's tables.
struct ObjectReader: Sendable {
  let server: Server
  /// `nil`: all.
  var namespace: String?
  /// Selectors.
  var query: [(name: String, value: String)] = []
  var chunk = 500
  /// Whether tables come with the objects that their rows are about.
  var wantsWhole = false

  private static let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

  /// An answer: objects, or a table about them.
  struct Found: Sendable {
    var resource: APIResource
    var isList: Bool
    var version = ""
    var objects: [JSONValue] = []
    var columns: [JSONValue] = []
    var rows: [JSONValue] = []

    mutating func append(_ other: Found) {
      objects += other.objects
      rows += other.rows
    }

    /// By what the path leads to; what has nothing there comes first.
    mutating func sort(by path: JSONPath) {
      func sorted(_ values: [JSONValue], _ object: (JSONValue) -> JSONValue) -> [JSONValue] {
        values.enumerated().map {
          (offset: $0.offset, value: $0.element, key: path.values(in: object($0.element)).first)
        }
        .sorted { left, right in
          guard let first = left.key, let second = right.key else {
            return left.key == nil && right.key != nil
              || (left.key == nil) == (right.key == nil) && left.offset < right.offset
          }
          let order = first.compared(to: second) ?? 0
          return order < 0 || order == 0 && left.offset < right.offset
        }.map(\.value)
      }
      objects = sorted(objects) { $0 }
      rows = sorted(rows) { $0["object"] ?? .null }
    }
  }

  static func name(_ object: JSONValue) -> String { object["metadata"]?["name"]?.string ?? "" }

  private func call(_ resource: APIResource, _ name: String?, asTable: Bool) -> APICall {
    var call = APICall("GET", resource.path(namespace: namespace, name: name))
    if asTable {
      call.accept = ObjectReader.table
      if wantsWhole { call.query.append(("includeObject", "Object")) }
    }
    return call
  }

  func get(_ resource: APIResource, _ name: String, asTable: Bool = false) async throws(StatusError) -> Found {
    found(try await server.json(call(resource, name, asTable: asTable)), resource, isList: false)
  }

  func list(_ resource: APIResource, asTable: Bool = false) async throws(StatusError) -> Found {
    var result: Found?
    var next: String?
    repeat {
      var call = call(resource, nil, asTable: asTable)
      call.query += query
      if chunk > 0 { call.query.append(("limit", "\(chunk)")) }
      if let next { call.query.append(("continue", next)) }
      let value: JSONValue
      do throws(StatusError) {
        value = try await server.json(call)
      } catch {
        throw found(error, resource)
      }
      let part = found(value, resource, isList: true)
      if result == nil { result = part } else { result?.append(part) }
      next = value["metadata"]?["continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    } while next != nil
    return result ?? Found(resource: resource, isList: true)
  }

  /// The refusal of a selector, as kubectl tells it.
  private func found(_ error: StatusError, _ resource: APIResource) -> StatusError {
    guard error.code == 400, !query.isEmpty else { return error }
    func value(_ name: String) -> String { query.first { $0.name == name }?.value ?? "" }
    var error = error
    error.message =
      "Unable to find \(goQuoted("\(resource.apiVersion), Resource=\(resource.plural)")) that match label selector "
      + "\(goQuoted(value("labelSelector"))), field selector \(goQuoted(value("fieldSelector"))): \(error.message)"
    return error
  }

  private func found(_ value: JSONValue, _ resource: APIResource, isList: Bool) -> Found {
    var found = Found(
      resource: resource, isList: isList, version: value["metadata"]?["resourceVersion"]?.string ?? "")
    if value["kind"]?.string == "Table" {
      found.columns = value["columnDefinitions"]?.array ?? []
      found.rows = value["rows"]?.array ?? []
    } else if isList {
      // The items of a list need not say what they are.
      found.objects = (value["items"]?.array ?? []).map { item in
        guard var object = item.object else { return item }
        if object["kind"] == nil { object["kind"] = .string(resource.kind) }
        if object["apiVersion"] == nil { object["apiVersion"] = .string(resource.apiVersion) }
        return .object(object)
      }
    } else {
      found.objects = [value]
    }
    return found
  }

  // MARK: Watching

  /// Where a watch has to begin that is to show what happens from now on.
  func version(_ resource: APIResource) async throws(StatusError) -> String {
    var call = call(resource, nil, asTable: false)
    call.query = [("limit", "1")]
    return try await server.json(call)["metadata"]?["resourceVersion"]?.string ?? ""
  }

  struct Event: Sendable {
    var type: String
    /// `nil` for a mark that tells only how far the watch is.
    var found: Found?
    /// How far the watch is.
    var version: String?
  }

  /// What happens after `version`, until the server ends the watch.
  ///
  /// - Throws: what the server says of a watch that cannot go on, or that the connection was lost.
  func watch(
    _ resource: APIResource, from version: String, asTable: Bool = false
  ) async throws(StatusError) -> AsyncThrowingStream<Event, any Error> {
    var call = call(resource, nil, asTable: asTable)
    call.query += query + [("watch", "true"), ("resourceVersion", version), ("allowWatchBookmarks", "true")]
    let stream = try await server.client.stream(call)
    return stream.lines { line in
      guard let event = try? JSONParser.parse(line), let type = event["type"]?.string, let object = event["object"]
      else { throw VerbError("the server's watch cannot be understood") }
      if type == "ERROR" {
        throw StatusError(status: object)
          ?? StatusError(code: 500, reason: "InternalError", message: "the server ended the watch")
      }
      let version = object["metadata"]?["resourceVersion"]?.string
      guard type != "BOOKMARK" else { return Event(type: type, version: version) }
      return Event(type: type, found: found(object, resource, isList: false), version: version)
    }
  }
}
