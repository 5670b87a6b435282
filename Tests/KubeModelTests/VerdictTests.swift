import KubeModel
import Testing

/// What an API server answered to bad requests, and what this library says of them.
struct VerdictTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var method: String
    var path: String
    var contentType: String
    var body: JSONValue
    var verdict: JSONValue

    var testDescription: String { name }

    /// The body's bytes; text stands for itself.
    var bytes: [UInt8] {
      if case .string(let text) = body { return Array(text.utf8) }
      var writer = JSONWriter()
      body.encode(to: &writer)
      return writer.bytes
    }

    var fieldValidation: FieldValidation {
      path.contains("fieldValidation=Strict")
        ? .strict : path.contains("fieldValidation=Ignore") ? .ignore : .warn
    }
  }

  static let cases: [Case] = {
    guard let json = try? Fixture.json("invalid/cases.json") else { return [] }
    return (json.array ?? []).map { value in
      Case(
        name: value["case"]?.string ?? "", method: value["method"]?.string ?? "", path: value["path"]?.string ?? "",
        contentType: value["contentType"]?.string ?? "", body: value["body"] ?? .null,
        verdict: value["verdict"] ?? .null)
    }
  }()

  static func existing(_ name: String) throws -> Job {
    let json = try Fixture.json("invalid/existing.json")
    let found = try KubeObject.read(try #require(json[name]), expecting: .job).object
    guard case .job(let job) = found else { throw StatusError.badRequest("no job") }
    return job
  }

  /// What this library answers to a request.
  static func answer(_ request: Case) throws(StatusError) -> DecodedObject {
    switch request.method {
    case "GET":
      let query = request.path.split(separator: "?").last.map(String.init) ?? ""
      do {
        if query.hasPrefix("labelSelector=") { _ = try Selector(String(query.dropFirst(14))) }
        if query.hasPrefix("fieldSelector=") { _ = try FieldSelectorList(String(query.dropFirst(14)), kind: .job) }
      } catch {
        throw .badRequest("\(error)")
      }
      throw .badRequest("nothing wrong")
    case "POST": return try create(request)
    default: return try patch(request)
    }
  }

  private static func create(_ request: Case) throws(StatusError) -> DecodedObject {
    let kind: Kind = request.path.contains("/cronjobs") ? .cronJob : .job
    var decoded = try KubeObject.read(request.bytes, expecting: kind, fieldValidation: request.fieldValidation)
    decoded.object.metadata.namespace = "ref-19"
    decoded.object.applyDefaults()
    if case .job(var job) = decoded.object {
      job.generateSelector(uid: request.uid)
      decoded.object = .job(job)
    }
    let errors = decoded.object.validate()
    if !errors.isEmpty { throw .invalid(kind, name: decoded.object.metadata.name, errors) }
    return decoded
  }

  private static func patch(_ request: Case) throws(StatusError) -> DecodedObject {
    let type: PatchType = request.contentType == PatchType.json.rawValue ? .json : .merge
    if request.path.contains("/pods/") { return try patchPod(request) }
    guard let old = try? existing(request.path.contains("/runidx") ? "runidx" : "run") else {
      throw .badRequest("no such fixture")
    }
    let patched: JSONValue
    do {
      patched = try KubeObject.job(old).jsonValue.applying(request.body, type: type)
    } catch {
      throw error.statusError
    }
    var decoded = try KubeObject.read(patched, expecting: .job, fieldValidation: .warn)
    decoded.object.applyDefaults()
    guard case .job(let job) = decoded.object else { throw .badRequest("no job") }
    let isStatus = request.path.hasSuffix("/status")
    let errors = isStatus ? job.validateStatusUpdate(from: old) : job.validateUpdate(from: old)
    if !errors.isEmpty { throw .invalid(.job, name: job.metadata.name, errors) }
    return decoded
  }

  private static func patchPod(_ request: Case) throws(StatusError) -> DecodedObject {
    guard let job = try? existing("run") else { throw .badRequest("no such fixture") }
    var old = Pod()
    old.metadata = ObjectMeta(name: "run-2snzv", namespace: "ref-19")
    old.spec = job.spec.template.spec
    old.applyDefaults()
    var new = old
    let patched = KubeObject.pod(old).jsonValue.merging(request.body)
    if case .pod(let pod) = try KubeObject.read(patched, expecting: .pod).object { new = pod }
    new.applyDefaults()
    let errors = new.validateUpdate(from: old)
    if !errors.isEmpty { throw .invalid(.pod, name: new.metadata.name, errors) }
    return DecodedObject(object: .pod(new), warnings: [])
  }

  @Test(arguments: cases) func asRecorded(_ request: Case) throws {
    let code = request.verdict["code"]?.int
    let accepted: DecodedObject
    do {
      accepted = try Self.answer(request)
    } catch {
      #expect(Int64(error.code) == code)
      #expect(error.reason == request.verdict["reason"]?.string)
      let message = request.verdict["message"]?.string ?? ""
      if request.name == "98-pod-immutable" {
        // Upstream appends a difference of Go's internal structs.
        #expect(message.hasPrefix(error.message))
      } else {
        #expect(error.message == message)
        let causes = (request.verdict["causes"]?.array ?? []).map {
          FieldError(
            type: $0["reason"]?.string ?? "", field: $0["field"]?.string ?? "", body: $0["message"]?.string ?? "")
        }
        #expect(error.causes == causes)
      }
      return
    }
    #expect(code == 201 || code == 200, "accepted, but should be refused: \(request.verdict["message"]?.string ?? "")")
    // The stored spec is what the server stored: every default is there, and none too much.
    if request.method == "POST", let spec = request.verdict["spec"] {
      #expect(accepted.object.jsonValue["spec"].map(Self.sorted) == Self.sorted(spec))
    }
    let warnings = accepted.warnings.map { "299 - \(goQuoted($0))" }
    #expect(warnings == [request.verdict["warnings"]?.string].compactMap(\.self))
  }

  @Test func fixturesAreThere() {
    #expect(Self.cases.count == 65)
  }

  static func sorted(_ json: JSONValue) -> JSONValue {
    switch json {
    case .object(let object):
      .object(
        JSONObject(
          object.members.sorted { $0.name < $1.name }.map { .init(name: $0.name, value: sorted($0.value)) }))
    case .array(let values): .array(values.map(sorted))
    default: json
    }
  }
}

extension VerdictTests.Case {
  /// The UID that the server gave, which stands in its answer.
  var uid: String {
    let selector = verdict["spec"]?["selector"]?["matchLabels"]
    if let uid = selector?[JobLabel.controllerUID]?.string { return uid }
    let message = verdict["message"]?.string ?? ""
    let marker = "\"batch.kubernetes.io/controller-uid\":\""
    guard let range = message.firstRange(of: marker) else { return "00000000-0000-4000-8000-000000000000" }
    return String(message[range.upperBound...].prefix { $0 != "\"" })
  }
}
