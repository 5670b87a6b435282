internal import Yams

/// An object of a manifest as JSON, of whatever kind, not judged.
public struct ManifestDocument: Hashable, Sendable {
  /// What stands in the manifest.
  public var value: JSONValue
  /// The line where its document begins, from 1.
  public var line: Int
}

extension Manifest {
  /// Every object of a manifest as it stands there, for a server to judge; those of lists one by one.
  ///
  /// - Throws: where a document is no YAML or JSON, or no object with a kind.
  public static func documents(_ bytes: [UInt8], file: String) throws(ManifestError) -> [ManifestDocument] {
    let text = try text(of: bytes, file: file)
    let first = bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
    var documents: [ManifestDocument] = []
    if first == UInt8(ascii: "{"), let json = jsonDocuments(bytes) {
      documents = json
    } else {
      documents = try yamlDocuments(text, file: file)
    }
    var result: [ManifestDocument] = []
    for document in documents { try append(document, file: file, to: &result) }
    return result
  }

  private static func append(
    _ document: ManifestDocument, file: String, to result: inout [ManifestDocument]
  ) throws(ManifestError) {
    func error(_ message: String) -> ManifestError { ManifestError(file: file, line: document.line, message: message) }
    guard case .object(let object) = document.value else {
      throw error("a manifest must be an object with apiVersion and kind, not \(document.value.goKind.withArticle)")
    }
    for name in ["kind", "apiVersion"] where object[name]?.string?.isEmpty != false {
      throw error("Object '\(name == "kind" ? "Kind" : name)' is missing")
    }
    guard object["kind"]?.string?.hasSuffix("List") == true, let items = object["items"]?.array else {
      result.append(document)
      return
    }
    for item in items { try append(ManifestDocument(value: item, line: document.line), file: file, to: &result) }
  }

  /// `nil` where it is no JSON: YAML's flow style begins like it.
  private static func jsonDocuments(_ bytes: [UInt8]) -> [ManifestDocument]? {
    var parser = JSONParser(bytes)
    var documents: [ManifestDocument] = []
    while !parser.isAtEnd() {
      let line = bytes[..<parser.position].count { $0 == 0x0A } + 1
      guard let value = try? parser.parseNext() else { return nil }
      documents.append(ManifestDocument(value: value, line: line))
    }
    return documents
  }

  private static func yamlDocuments(_ text: String, file: String) throws(ManifestError) -> [ManifestDocument] {
    var documents: [ManifestDocument] = []
    do {
      let parser = try YAMLGuard.parser(text, file: file)
      while let node = try parser.nextRoot() {
        var converter = YAMLConverter(file: file)
        let value = try converter.json(node)
        if case .null = value { continue }
        documents.append(ManifestDocument(value: value, line: node.mark?.line ?? 1))
      }
    } catch let error as ManifestError {
      throw error
    } catch let error as YamlError {
      throw YAMLGuard.manifestError(error, in: text, file: file)
    } catch {
      throw ManifestError(file: file, message: "\(error)")
    }
    return documents
  }
}
