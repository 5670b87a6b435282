import ArgumentParser

struct VersionCommand: JobdeckSubcommand {
  static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

  func perform() async -> ExitStatus {
    let output = Output()
    output.line(Version.line)
    return await output.flush() ? .success : output.closedStatus
  }
}
