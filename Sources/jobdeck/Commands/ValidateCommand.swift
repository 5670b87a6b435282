import ArgumentParser
import KubeModel

struct ValidateCommand: JobdeckSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check manifests as Kubernetes' API server would, without a cluster.",
    discussion: "Exits with 0 when every object is valid, 1 when any is not.")

  @Option(
    name: [.customShort("f"), .customLong("filename")], parsing: .singleValue,
    help: ArgumentHelp("A file, a directory, or - for standard input. May be repeated.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var files: [String] = []

  @Option(name: [.customShort("n"), .customLong("namespace")], help: "The namespace of objects that name none.")
  var namespace: String = "default"

  func validate() throws {
    if files.isEmpty { throw ValidationError("nothing to validate: give -f FILE") }
  }

  func perform() async -> ExitStatus {
    let output = Output()
    var isValid = true
    for verdict in ManifestFiles.verdicts(files, namespace: namespace) {
      if let loaded = verdict.valid {
        output.line(Printable.line("\(verdict.file): \(loaded.object.key) valid"))
      }
      // In the order of the file, also where both streams end in one place.
      if verdict.error != nil || !verdict.warnings.isEmpty { await output.flush() }
      for warning in verdict.warnings { Diagnostics.line(warning) }
      if let error = verdict.error {
        isValid = false
        Diagnostics.line(error)
      }
    }
    guard await output.flush() else { return output.closedStatus }
    return isValid ? .success : .failure
  }
}
