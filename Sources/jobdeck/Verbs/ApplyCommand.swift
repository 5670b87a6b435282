import ArgumentParser
import KubeModel
import RemoteCluster

struct ApplyCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Create the objects of files, or change them to what the files say.",
    usage: "jobdeck apply -f FILE … [options]")

  @Option(
    name: [.customShort("f", allowingJoined: true), .customLong("filename")], parsing: .singleValue,
    help: ArgumentHelp("A file, a directory, or - for standard input. May be repeated.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var files: [String] = []

  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("output")],
    help: "json, yaml, name, custom-columns=… or jsonpath=….")
  var output: String?

  @Option(name: .customLong("dry-run"), help: "none, client or server: only say what would be done.")
  var dryRun: DryRun = .none

  @Flag(name: .customLong("server-side"), help: "Let the server merge, and keep account of who owns which field.")
  var serverSide = false

  @Flag(name: .customLong("force-conflicts"), help: "With --server-side: take fields that others own.")
  var forceConflicts = false

  @Option(name: .customLong("field-manager"), help: "Who is to own the fields (default: kubectl with --server-side).")
  var fieldManager: String?

  @OptionGroup var server: ServerOptions

  func validate() throws {
    if files.isEmpty { throw ValidationError("must specify one of -f") }
    if forceConflicts, !serverSide { throw ValidationError("--force-conflicts only works with --server-side") }
    if serverSide, dryRun == .client { throw ValidationError("--dry-run=client doesn't work with --server-side") }
  }

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    let printer = try ResultPrinter(out, output)
    let items = try ManifestInput.read(files, on: server, try await ResourceIndex.load(server))
    var failures = Failures(out)
    for item in items {
      do {
        if serverSide {
          try await applyThere(item, server, printer)
        } else {
          try await apply(item, server, printer)
        }
      } catch {
        await failures.note(error)
      }
    }
    return failures.status
  }

  @MainActor
  private func applyThere(_ item: ManifestInput.Item, _ server: Server, _ printer: ResultPrinter) async throws {
    var call = APICall("PATCH", item.path, contentType: "application/apply-patch+yaml")
    call.body = Array(item.object.compactJSON.utf8)
    call.query =
      [("fieldManager", fieldManager ?? "kubectl"), ("fieldValidation", "Strict"), ("force", "\(forceConflicts)")]
      + dryRun.query
    let answer = try await server.client.send(call)
    ResultPrinter.warn(answer.warnings)
    await printer.print(item.title, "serverside-applied\(dryRun.note)", try answer.json())
  }

  /// As `kubectl apply` does it: what was applied last time is kept in an annotation, so that what has left the file
  /// leaves the object.
  @MainActor
  private func apply(_ item: ManifestInput.Item, _ server: Server, _ printer: ResultPrinter) async throws {
    let noted = LastApplied.noted(item.object)
    let present: JSONValue?
    do throws(StatusError) {
      present = try await server.json(APICall("GET", item.path))
    } catch {
      guard error.code == 404, !item.name.isEmpty else {
        throw item.name.isEmpty
          ? VerbError("from \(item.file): cannot use generate name with apply") : VerbError(error)
      }
      present = nil
    }
    guard let present else { return try await create(item, noted, server, printer) }
    let last = LastApplied.of(present)
    if last == nil {
      Diagnostics.line(
        "Warning: resource \(item.resource.plural)/\(item.name) is missing the \(LastApplied.annotation) annotation which "
          + "is required by jobdeck apply. The missing annotation will be patched automatically.")
    }
    guard dryRun != .client else { return await printer.print(item.title, "configured\(dryRun.note)", present) }
    var call = APICall("PATCH", item.path, contentType: "application/strategic-merge-patch+json")
    call.query = [("fieldManager", fieldManager ?? "kubectl-client-side-apply"), ("fieldValidation", "Strict")]
    call.query += dryRun.query
    call.body = Array(MergeKeys.patch(from: last ?? .object(JSONObject()), to: noted).compactJSON.utf8)
    let answer: APIClient.Answer
    do throws(StatusError) {
      answer = try await server.client.send(call)
    } catch {
      throw VerbError.about("applying patch to \"\(item.file)\"", error)
    }
    ResultPrinter.warn(answer.warnings)
    let after = try answer.json()
    let isSame =
      dryRun == .server
      ? after["spec"] == present["spec"] && after["data"] == present["data"]
        && ObjectText.cleaned(after)["metadata"] == ObjectText.cleaned(present)["metadata"]
      : after["metadata"]?["resourceVersion"] == present["metadata"]?["resourceVersion"]
    await printer.print(item.title, (isSame ? "unchanged" : "configured") + dryRun.note, after)
  }

  @MainActor
  private func create(
    _ item: ManifestInput.Item, _ noted: JSONValue, _ server: Server, _ printer: ResultPrinter
  ) async throws {
    guard dryRun != .client else { return await printer.print(item.title, "created\(dryRun.note)", noted) }
    var call = APICall("POST", item.resource.path(namespace: item.namespace), body: Array(noted.compactJSON.utf8))
    call.query = [("fieldManager", fieldManager ?? "kubectl-client-side-apply"), ("fieldValidation", "Strict")]
    call.query += dryRun.query
    do throws(StatusError) {
      let answer = try await server.client.send(call)
      ResultPrinter.warn(answer.warnings)
      await printer.print(item.title, "created\(dryRun.note)", try answer.json())
    } catch {
      throw VerbError.about("creating \"\(item.file)\"", error)
    }
  }
}

/// The annotation that `kubectl apply` leaves, so that it and we can take turns.
enum LastApplied {
  static let annotation = "kubectl.kubernetes.io/last-applied-configuration"

  /// The object with itself in the annotation.
  static func noted(_ object: JSONValue) -> JSONValue {
    guard var members = object.object else { return object }
    var metadata = members["metadata"]?.object ?? JSONObject()
    var annotations = metadata["annotations"]?.object ?? JSONObject()
    annotations[annotation] = nil
    metadata["annotations"] = .object(annotations)
    members["metadata"] = .object(metadata)
    // As kubectl writes it, so that either finds nothing to change in what the other applied.
    let text = ObjectText.escaped(ObjectText.sorted(.object(members)).compactJSON) + "\n"
    annotations[annotation] = .string(text)
    metadata["annotations"] = .object(annotations)
    members["metadata"] = .object(metadata)
    return .object(members)
  }

  /// What was applied last; `nil` for an object that was made otherwise.
  static func of(_ object: JSONValue) -> JSONValue? {
    guard let text = object["metadata"]?["annotations"]?[annotation]?.string else { return nil }
    return try? JSONParser.parse(Array(text.utf8))
  }
}
