public import Cluster
public import KubeModel
public import Terminal

/// Names a log that is being read.
public struct LogID: Hashable, Sendable {
  let number: Int
}

/// Names a command until it has been carried out.
public struct CommandID: Hashable, Sendable {
  let number: Int
}

/// How a program of the user's has ended.
public struct ProgramEnd: Hashable, Sendable {
  /// As a shell counts it: 128 and the signal for a death by signal.
  public var status: Int32
  /// The end of what it has written, where it ran in the background.
  public var output = ""
}

/// What comes from a log.
public enum LogEvent: Sendable {
  case lines([LogLine])
  /// The container has ended, and all of its lines were read.
  case ended
  case failed(String)
}

/// Everything that the dashboard reacts to. Time is an event too: there is no clock inside.
public enum DashboardEvent: Sendable {
  case terminal(TerminalEvent)
  /// It is now this time. Comes before other events whenever time has passed.
  case tick(Instant)
  case info(ClusterInfo)
  /// What was known of the cluster no longer holds: the next changes are a new snapshot.
  case snapshotReset
  case changes([Change])
  /// The watch has ended with an error; it is tried again.
  case watchFailed(String)
  case usage(ClusterUsage)
  case log(LogID, LogEvent)
  case finished(CommandID, Result<KubeObject?, StatusError>)
  /// The editor was left; the text as it is now, or why there is none.
  case edited(CommandID, Result<String, StatusError>)
  /// The user's files say something else now; with what is wrong with them.
  case settings(Settings, [SettingsProblem])
  case save(LogID, LogSaveEvent)
  /// A file was written; what there is to say of it.
  case written(Result<String, StatusError>)
  /// What a theme looks like that was looked for.
  case theme(Result<Theme, ThemeProblem>)
  /// A program of the user's has ended.
  case programEnded(CommandID, Result<ProgramEnd, StatusError>)
  /// The objects of a manifest.
  case manifest(CommandID, Result<[KubeObject], StatusError>)
  /// What is in a directory, in order.
  case directory(CommandID, Result<[DirectoryEntry], StatusError>)
  /// The cluster is being shut down; what is happening.
  case shutdownProgress(String)
}

/// What the dashboard wants done. The run loop carries it out and answers with an event.
public enum Command: Hashable, Sendable {
  case create(CommandID, KubeObject, dryRun: Bool)
  case update(CommandID, KubeObject)
  case patch(CommandID, ObjectKey, JSONValue)
  case delete(CommandID, ObjectKey, DeleteOptions)
  /// Ask a pod to leave its node.
  case evict(CommandID, ObjectKey)
  case setNodeFailed(CommandID, String, Bool)
  case openLog(LogID, LogRequest)
  case closeLog(LogID)
  /// Write logs to a new file; closed as a log is.
  case saveLog(LogID, LogSave)
  /// Give the terminal to the user's editor with this text in a file with this extension.
  case edit(CommandID, text: String, fileExtension: String)
  /// Run a program of the user's: on the terminal, or in the background.
  case runProgram(CommandID, [String], inBackground: Bool)
  /// Write a new file.
  case write(Dump)
  /// Look for the theme of a name or in a file.
  case findTheme(String)
  /// Read the objects of a manifest; those without a namespace get this one.
  case readManifest(CommandID, path: String, namespace: String)
  /// Write down what is to be remembered.
  case keep(Memory)
  /// Read a file; answered as the editor is.
  case readFile(CommandID, String)
  /// Read what is in a directory.
  case listDirectory(CommandID, String)
  /// A tip was given, which is not to be given again.
  case remember(tip: String)
  /// Put text on the clipboard of the user's terminal.
  case copy(String)
  case beep
  case quit
  /// End everything at once: the user asked to quit again.
  case quitNow
}
