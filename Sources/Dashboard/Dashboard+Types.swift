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
  /// The cluster is being shut down; what is happening.
  case shutdownProgress(String)
}

/// What the dashboard wants done. The run loop carries it out and answers with an event.
public enum Command: Hashable, Sendable {
  case create(CommandID, KubeObject, dryRun: Bool)
  case update(CommandID, KubeObject)
  case patch(CommandID, ObjectKey, JSONValue)
  case delete(CommandID, ObjectKey, DeleteOptions)
  case setNodeFailed(CommandID, String, Bool)
  case openLog(LogID, LogRequest)
  case closeLog(LogID)
  /// Give the terminal to the user's editor with this text in a file with this extension.
  case edit(CommandID, text: String, fileExtension: String)
  /// Put text on the clipboard of the user's terminal.
  case copy(String)
  case beep
  case quit
  /// End everything at once: the user asked to quit again.
  case quitNow
}
