import ArgumentParser
import Executor
import Glibc

/// The program: parses the command line, hands over to a command, and ends with its exit code.
@main
@MainActor
enum Main {
  static func main() async {
    occupyStandardDescriptors()
    // A reader that goes away shows as an error of `write`; the default would end the program with its jobs running.
    signal(SIGPIPE, SIG_IGN)
    // While there is only one thread; containers do not get it.
    setenv(ProcessRuntime.besideVariable, "1", 1)
    let status: ExitStatus
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      if let mistake = UsageMistake.unknownCommand(arguments) {
        Diagnostics.error(mistake)
        await Diagnostics.flush()
        exit(ExitStatus.usage.rawValue)
      }
      let command = try Jobdeck.parseAsRoot(GoFlags.rewritten(arguments))
      if let command = command as? any JobdeckSubcommand {
        status = await command.perform()
      } else {
        var command = command
        try command.run()
        status = .success
      }
    } catch {
      status = await report(error, arguments)
    }
    // A run that was given up waits for no reader.
    await Diagnostics.flush(patience: status == .timeout || status.rawValue > 128 ? .seconds(1) : nil)
    exit(status.rawValue)
  }

  /// Where the caller has closed standard input, output or error, the next file that is opened would get its number: what
  /// is printed would go into the database. In its place comes what can be neither read nor written, as is expected.
  private static func occupyStandardDescriptors() {
    for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
    where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest number that is free, which is this one.
      _ = open("/dev/null", mode)
    }
  }

  /// Help and versions go to standard output, mistakes in one line to standard error.
  private static func report(_ error: any Error, _ arguments: [String]) async -> ExitStatus {
    guard !Jobdeck.exitCode(for: error).isSuccess else {
      let output = Output()
      output.line(Jobdeck.fullMessage(for: error))
      return await output.flush() ? .success : output.closedStatus
    }
    let message = Jobdeck.message(for: error).split(separator: "\n").map {
      $0.trimmingPrefix(while: \.isWhitespace)
    }
    let text = message.joined(separator: " ")
    if let advice = UsageMistake.advice(arguments, text) {
      Diagnostics.error("\(text.hasSuffix(".") ? String(text.dropLast()) : text); \(advice)")
    } else {
      Diagnostics.error("\(text) (see 'jobdeck help')")
    }
    return .usage
  }
}

/// What the shell is told.
struct ExitStatus: Hashable, Sendable {
  var rawValue: Int32

  static let success = ExitStatus(rawValue: 0)
  /// A job failed, an object is not valid, or the cluster cannot be opened.
  static let failure = ExitStatus(rawValue: 1)
  /// The command line cannot be understood.
  static let usage = ExitStatus(rawValue: 2)
  /// As timeout(1) has it.
  static let timeout = ExitStatus(rawValue: 124)
  /// Whoever read standard output is gone; as the shell shows a death by SIGPIPE.
  static let outputClosed = ExitStatus(rawValue: 128 + SIGPIPE)

  /// 130 after Ctrl-C, 143 after SIGTERM.
  static func signal(_ number: Int32) -> ExitStatus { ExitStatus(rawValue: 128 + number) }
}

/// A command that ends with an exit status of its own.
protocol JobdeckSubcommand: ParsableCommand {
  @MainActor func perform() async -> ExitStatus
}

extension JobdeckSubcommand {
  // `perform` is called in place of `run`, which cannot wait.
  func run() throws {}
}

struct Jobdeck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobdeck",
    abstract: "Kubernetes Jobs in the terminal, with a cluster of its own.",
    discussion: """
      Without a command, jobdeck opens the dashboard: press n there to launch a job, ? for all keys. Its \
      options (--state-dir, --demo, --nodes, ...) are listed by 'jobdeck help dashboard'.
      """,
    version: Version.line,
    subcommands: [
      DashboardCommand.self, RunCommand.self, ServeCommand.self, KubeconfigCommand.self, ValidateCommand.self,
      SettingsCommand.self, VersionCommand.self, CompletionCommand.self,
    ],
    groupedSubcommands: [
      CommandGroup(
        name: "On a running cluster",
        subcommands: [
          GetCommand.self, DescribeCommand.self, LogsCommand.self, ApplyCommand.self, CreateCommand.self,
          DeleteCommand.self, WaitCommand.self, SuspendCommand.self, ResumeCommand.self, RerunCommand.self,
          TriggerCommand.self, TopCommand.self, EventsCommand.self,
        ])
    ],
    defaultSubcommand: DashboardCommand.self)
}
