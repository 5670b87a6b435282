internal import KubeModel
internal import Threading

/// Reads objects as storage holds them, and gives the pods of one job one template again.
struct StoredObjectReader {
  /// By the UID of the owner: the template of the last pod read.
  private var templates: [String: Shared<PodSpecCommon>] = [:]

  /// What a row of the table `objects` says.
  struct Row: Sendable {
    var kind: String
    var namespace: String
    var name: String
    var json: [UInt8]

    /// For messages.
    var title: String { "\(kind) \(namespace.isEmpty ? "" : namespace + "/")\(name)" }
  }

  /// Fewer rows than this are not worth a thread.
  private static let rowsPerThread = 1000

  /// Reads all rows, on as many threads as there are cores: decoding is most of what opening a cluster takes.
  static func readAll(_ rows: [Row]) throws(StoreError) -> [KubeObject] {
    let count = max(1, min(rows.count / rowsPerThread, Machine.current().cores))
    let results = Inbox<(part: Int, Result<[KubeObject], StoreError>)>()
    @Sendable func read(_ part: Int) {
      let slice = rows[rows.count * part / count..<rows.count * (part + 1) / count]
      results.post((part, Result { () throws(StoreError) in try readPart(slice) }))
    }
    for part in 1..<max(1, count) {
      do throws(ThreadError) {
        try startThread(name: "jobdeck-decode") { read(part) }
      } catch {
        read(part)
      }
    }
    read(0)
    var parts: [Int: [KubeObject]] = [:]
    while parts.count < count {
      for (part, result) in results.take(until: nil) { parts[part] = try result.get() }
    }
    return (0..<count).flatMap { parts[$0] ?? [] }
  }

  private static func readPart(_ rows: ArraySlice<Row>) throws(StoreError) -> [KubeObject] {
    var reader = StoredObjectReader()
    var objects: [KubeObject] = []
    objects.reserveCapacity(rows.count)
    for row in rows { objects.append(try reader.read(row)) }
    return objects
  }

  mutating func read(_ row: Row) throws(StoreError) -> KubeObject {
    guard let kind = Kind(rawValue: row.kind) else {
      throw StoreError("is damaged: the \(row.title) is of an unknown kind")
    }
    let value: JSONValue
    do {
      value = try JSONParser.parse(row.json)
    } catch {
      throw StoreError("is damaged: the \(row.title) is not JSON: \(error)")
    }
    var decoder = ModelDecoder(checksKeptFields: false)
    guard var object = KubeObject.decode(value, kind: kind, &decoder), decoder.failures.isEmpty else {
      throw StoreError("is damaged: the \(row.title) cannot be read: \(decoder.failures.first?.message ?? "")")
    }
    if case .pod(var pod) = object, let owner = pod.metadata.controller?.uid {
      if let template = templates[owner], template == pod.spec.common {
        pod.spec.common = template
        object = .pod(pod)
      } else {
        templates[owner] = pod.spec.common
      }
    }
    return object
  }
}
