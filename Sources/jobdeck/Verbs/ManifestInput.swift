import Glibc
import KubeModel

/// The objects of files, each with the resource that it belongs to.
struct ManifestInput: Sendable {
  struct Item: Sendable {
    var file: String
    var resource: APIResource
    /// With its namespace, where it has one.
    var object: JSONValue

    var name: String { ObjectReader.name(object) }
    var namespace: String { object["metadata"]?["namespace"]?.string ?? "" }
    /// Where it is, or is to be.
    var path: [String] { resource.path(namespace: namespace, name: name) }
    /// `job.batch/x`
    var title: String { resource.name(name) }
  }

  /// Reads files, directories, or standard input for `-`.
  static func read(_ paths: [String], on server: Server, _ index: ResourceIndex) throws -> [Item] {
    var items: [Item] = []
    for path in paths {
      if path != "-", access(path, F_OK) != 0 { throw VerbError("the path \"\(path)\" does not exist") }
      for file in try InputFiles.read(path) {
        let documents = try Manifest.documents(file.bytes, file: file.name)
        for document in documents { items.append(try item(document.value, file.name, server, index)) }
      }
    }
    guard !items.isEmpty else { throw VerbError("no objects passed") }
    return items
  }

  private static func item(
    _ value: JSONValue, _ file: String, _ server: Server, _ index: ResourceIndex
  ) throws -> Item {
    let resource: APIResource
    do throws(VerbError) {
      resource = try index.resource(
        apiVersion: value["apiVersion"]?.string ?? "", kind: value["kind"]?.string ?? "")
    } catch {
      let words = error.lines[0].dropFirst("error: ".count)
      throw VerbError("resource mapping not found for name: \"\(ObjectReader.name(value))\" from \"\(file)\": \(words)")
    }
    guard resource.isNamespaced, var object = value.object else {
      return Item(file: file, resource: resource, object: value)
    }
    var metadata = object["metadata"]?.object ?? JSONObject()
    let own = metadata["namespace"]?.string ?? ""
    if own.isEmpty {
      metadata["namespace"] = .string(server.namespace)
    } else if server.namesNamespace, own != server.namespace {
      throw VerbError(
        "the namespace from the provided object \"\(own)\" does not match the namespace \"\(server.namespace)\". You must "
          + "pass '--namespace=\(own)' to perform this operation.")
    }
    object["metadata"] = .object(metadata)
    return Item(file: file, resource: resource, object: .object(object))
  }
}

/// Prints what was made or changed: a line, or the object where `-o` asks for it.
@MainActor
struct ResultPrinter {
  let output: Output
  let format: OutputFormat

  init(_ output: Output, _ format: String?) throws {
    self.output = output
    self.format = try OutputFormat(format)
  }

  /// - Parameter what: `created`, with what is put behind it.
  func print(_ title: String, _ what: String, _ object: JSONValue) async {
    switch format {
    case .table, .wide: output.text("\(title) \(what)\n")
    case .name: output.text("\(title)\n")
    case .json, .yaml: output.text(ObjectText.document(ObjectText.cleaned(object), format))
    case .jsonPath(let path): output.text(path.text(of: object))
    case .customColumns(let columns):
      var table = TableText()
      output.text(
        table.lines([columns.map(\.title), ObjectText.row(object, columns).map(Printable.line)]))
    }
    await output.flush()
  }

  /// What the server warned of.
  static func warn(_ warnings: [String]) {
    for warning in warnings { Diagnostics.line("Warning: \(warning)") }
  }
}
