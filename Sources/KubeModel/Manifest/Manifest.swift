internal import Yams

/// An object that a manifest holds.
public struct ManifestObject: Hashable, Sendable {
  /// What stands in the manifest, without defaults and not yet validated.
  public var object: KubeObject
  /// What is allowed and yet likely wrong.
  public var warnings: [String]
  /// The line where the object begins, from 1.
  public var line: Int

  /// Creates an object with what the reader noted of it.
  public init(object: KubeObject, warnings: [String] = [], line: Int = 1) {
    self.object = object
    self.warnings = warnings
    self.line = line
  }
}

/// Why a manifest cannot be read: one line that says where.
public struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file's name as the caller gave it.
  public var file: String
  /// From 1; `nil` where no line is to blame.
  public var line: Int?
  /// From 1.
  public var column: Int?
  /// What is wrong, without the place; may hold control characters of the file.
  public var message: String

  /// `FILE:LINE:COLUMN: message`, control characters escaped.
  public var description: String {
    var place = file
    if let line {
      place += ":\(line)"
      if let column { place += ":\(column)" }
    }
    let text = "\(place): \(message)"
    guard text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) else {
      return text
    }
    return String(goQuoted(text).dropFirst().dropLast()).replacingEscapedQuotes
  }
}

extension String {
  fileprivate var replacingEscapedQuotes: String {
    split(separator: "\\\"", omittingEmptySubsequences: false).joined(separator: "\"")
  }
}

/// Reads manifests: YAML or JSON, one or many documents, `List`s.
public enum Manifest {
  /// The largest manifest that is read, in bytes: twice what Kubernetes takes as one request.
  public static let maximumSize = 6 * 1024 * 1024

  /// Every object of a manifest, in order. Empty documents are skipped.
  ///
  /// YAML becomes JSON as kubectl does it (sigs.k8s.io/yaml): YAML 1.1 scalars, anchors and merge keys. Fields that
  /// a type does not have are an error.
  ///
  /// - Throws: what is wrong with the first object that cannot be read.
  public static func read(_ bytes: [UInt8], file: String) throws(ManifestError) -> [ManifestObject] {
    var objects: [ManifestObject] = []
    for reading in readEach(bytes, file: file) { objects.append(try reading.get()) }
    return objects
  }

  /// As `read`, with a result for each object, so that one that cannot be read hides no other. Only a syntax error
  /// ends the reading: nobody knows what comes after it.
  public static func readEach(_ bytes: [UInt8], file: String) -> [Result<ManifestObject, ManifestError>] {
    do throws(ManifestError) {
      return try readDocuments(bytes, file: file)
    } catch {
      return [.failure(error)]
    }
  }

  /// The text of a file.
  ///
  /// - Throws: where it is too large, or no text.
  static func text(of bytes: [UInt8], file: String) throws(ManifestError) -> String {
    guard bytes.count <= maximumSize else {
      throw ManifestError(
        file: file, message: "the file has \(bytes.count) bytes; more than \(maximumSize) are not read")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ManifestError(file: file, line: lineOfInvalidUTF8(bytes), message: "the file is not UTF-8 text")
    }
    if let zero = bytes.firstIndex(of: 0) {
      throw ManifestError(
        file: file, line: bytes[..<zero].count { $0 == 0x0A } + 1, message: "the file has a NUL byte; is it text?")
    }
    return text
  }

  /// - Throws: where the file is no text.
  private static func readDocuments(
    _ bytes: [UInt8], file: String
  ) throws(ManifestError) -> [Result<ManifestObject, ManifestError>] {
    let text = try text(of: bytes, file: file)
    let firstByte = bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
    if firstByte == UInt8(ascii: "{") || firstByte == UInt8(ascii: "[") {
      let json = readJSON(bytes, file: file)
      // YAML's flow style begins like JSON; where it is neither, the JSON error says more of what begins like it.
      guard json.syntaxError != nil, !file.hasSuffix(".json") else { return json.all }
      let yaml = readYAML(text, file: file)
      return yaml.syntaxError == nil ? yaml.all : json.all
    }
    return readYAML(text, file: file).all
  }

  /// The objects of the documents before the first syntax error.
  private struct Documents {
    var objects: [Result<ManifestObject, ManifestError>] = []
    var syntaxError: ManifestError?

    var all: [Result<ManifestObject, ManifestError>] {
      objects + (syntaxError.map { [.failure($0)] } ?? [])
    }
  }

  private static func readJSON(_ bytes: [UInt8], file: String) -> Documents {
    var parser = JSONParser(bytes)
    var documents = Documents()
    while !parser.isAtEnd() {
      let line = bytes[..<parser.position].count { $0 == 0x0A } + 1
      let known = parser.duplicates.count
      let json: JSONValue
      do {
        json = try parser.parseNext()
      } catch {
        documents.syntaxError = ManifestError(
          file: file, line: error.line, column: error.column, message: error.message)
        return documents
      }
      documents.objects += ManifestReader(file: file, place: { _ in nil })
        .objects(in: json, line: line, duplicates: Array(parser.duplicates.dropFirst(known)))
    }
    return documents
  }

  private static func readYAML(_ text: String, file: String) -> Documents {
    var documents = Documents()
    do {
      let parser = try YAMLGuard.parser(text, file: file)
      while let node = try parser.nextRoot() {
        var converter = YAMLConverter(file: file)
        let json = try converter.json(node)
        if case .null = json { continue }
        documents.objects += ManifestReader(file: file, place: { YAMLConverter.place(of: $0, in: node) })
          .objects(in: json, line: node.mark?.line ?? 1, duplicates: [])
      }
    } catch let error as ManifestError {
      documents.syntaxError = error
    } catch let error as YamlError {
      documents.syntaxError = YAMLGuard.manifestError(error, in: text, file: file)
    } catch {
      documents.syntaxError = ManifestError(file: file, message: "\(error)")
    }
    return documents
  }

  private static func lineOfInvalidUTF8(_ bytes: [UInt8]) -> Int {
    var line = 1
    for part in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if String(validating: part, as: UTF8.self) == nil { return line }
      line += 1
    }
    return line
  }
}
