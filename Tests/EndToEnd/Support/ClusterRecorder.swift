import Foundation
import KubeModel
import Testing

/// Watches the kinds of a cluster with `kubectl get --watch`, as the recordings were made.
actor ClusterRecorder {
  /// One revision of an object; `isDeleted` for the last.
  struct Revision: Sendable {
    var object: JSONValue
    var isDeleted: Bool

    var name: String { metadata("name") }
    var namespace: String { metadata("namespace") }
    var uid: String { metadata("uid") }
    /// jobdeck counts all changes in one row, which Kubernetes promises for each kind by itself.
    var version: Int { Int(metadata("resourceVersion")) ?? 0 }
    private func metadata(_ name: String) -> String { object["metadata"]?[name]?.string ?? "" }
  }

  static let kinds = ["jobs", "cronjobs", "pods", "events"]
  private let watchers: [Int32]
  private let files: [String]
  private var read: [Int]
  private var revisions: [[Revision]]

  init(_ kubectl: Kubectl) throws {
    files = Self.kinds.map { "\(kubectl.folder.path)/watch-\($0)" }
    watchers = try zip(Self.kinds, files).map { kind, file in
      try kubectl.start(["get", kind, "-A", "--watch", "--output-watch-events", "-o", "json"], output: file)
    }
    read = files.map { _ in 0 }
    revisions = files.map { _ in [] }
  }

  nonisolated func stop() {
    for id in watchers {
      kill(id, SIGTERM)
      waitForEnd(of: id)
    }
  }

  /// The revisions of a kind in a namespace so far, in their order.
  func changes(_ kind: String, in namespace: String) throws -> [Revision] {
    guard let index = Self.kinds.firstIndex(of: kind) else { return [] }
    try readMore(index)
    return revisions[index].filter { $0.namespace == namespace }
  }

  /// kubectl writes one document after the other: on a line each, or indented, by its version.
  private func readMore(_ index: Int) throws {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: files[index]))
    defer { try? file.close() }
    try file.seek(toOffset: UInt64(read[index]))
    let text = Array(try file.readToEnd() ?? Data())
    var start = text.startIndex
    var line = start
    while let end = text[line...].firstIndex(of: UInt8(ascii: "\n")) {
      // The brace at a line's beginning that is alone, or the end of a line that began with one.
      let isWhole = text[line..<end].elementsEqual("}".utf8) || (line == start && end > line + 1)
      line = end + 1
      guard isWhole else { continue }
      let change = try JSONParser.parse(Array(text[start..<line]))
      read[index] += line - start
      start = line
      guard let type = change["type"]?.string, let object = change["object"] else { continue }
      if type != "BOOKMARK" { revisions[index].append(Revision(object: object, isDeleted: type == "DELETED")) }
    }
  }
}
