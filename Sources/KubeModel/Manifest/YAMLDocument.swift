internal import Yams

/// A YAML file of settings rather than of objects: one document as JSON, and where in the file its values stand.
public struct YAMLDocument: Sendable {
  /// The file's name as errors give it.
  public let file: String
  /// What the document holds, with anchors and merge keys resolved; an empty object where the file is empty.
  public let value: JSONValue
  private let text: String

  /// Reads a file's bytes; JSON is YAML too.
  ///
  /// With `keepsText`, scalars stay the text that was written: whoever writes the key `n` or the version `1.10` means
  /// neither a boolean nor the number 1.1.
  ///
  /// - Throws: where it is no text, no YAML, or has more than one document.
  public init(_ bytes: [UInt8], file: String, keepsText: Bool = false) throws(ManifestError) {
    self.file = file
    text = try Manifest.text(of: bytes, file: file)
    do {
      let parser = try YAMLGuard.parser(text, file: file)
      let root = try parser.nextRoot()
      if let second = try parser.nextRoot() {
        throw ManifestError(
          file: file, line: second.mark?.line, message: "a second document begins here; there must be one only")
      }
      var converter = YAMLConverter(file: file, keepsText: keepsText)
      let value = try root.map { try converter.json($0) } ?? .null
      self.value = value == .null ? .object(JSONObject()) : value
    } catch let error as ManifestError {
      throw error
    } catch let error as YamlError {
      throw YAMLGuard.manifestError(error, in: text, file: file)
    } catch {
      throw ManifestError(file: file, message: "\(error)")
    }
  }

  /// An error that says where in the file it is: at the key or the element that `path` leads to.
  public func error(at path: [ModelDecoder.PathElement], _ message: String) -> ManifestError {
    // Places are asked for only where something is wrong, so that they need not be kept.
    let root = try? YAMLGuard.parser(text, file: file).nextRoot()
    let place = root.flatMap { YAMLConverter.place(of: path, in: $0) }
    return ManifestError(file: file, line: place?.line, column: place?.column, message: message)
  }
}
