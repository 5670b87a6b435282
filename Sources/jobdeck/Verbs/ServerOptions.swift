import ArgumentParser
import KubeModel

/// Which server a verb speaks to, and in which namespace.
struct ServerOptions: ParsableArguments {
  @Option(name: .customLong("state-dir"), help: "The state directory of the jobdeck that runs the cluster.")
  var stateDirectory: String?

  @Option(
    name: [.customShort("n", allowingJoined: true), .customLong("namespace")],
    help: "The namespace to work in (default: default).")
  var namespace: String?
}

/// Which objects a verb is about, beside its arguments.
struct SelectorOptions: ParsableArguments {
  @Option(
    name: [.customShort("l", allowingJoined: true), .customLong("selector")],
    help: "Only objects with these labels: app=x, app!=x, 'app in (x,y)', app, !app.")
  var selector: String?

  @Option(name: .customLong("field-selector"), help: "Only objects with these fields, such as status.phase=Running.")
  var fieldSelector: String?

  /// As a list's query has it.
  var query: [(name: String, value: String)] {
    var query: [(name: String, value: String)] = []
    if let selector, !selector.isEmpty { query.append(("labelSelector", selector)) }
    if let fieldSelector, !fieldSelector.isEmpty { query.append(("fieldSelector", fieldSelector)) }
    return query
  }

  var isEmpty: Bool { query.isEmpty }
}

/// Whether something is only to be tried.
enum DryRun: String, ExpressibleByArgument, CaseIterable, Sendable {
  case none, client, server

  /// What is put behind the word for what was done.
  var note: String {
    switch self {
    case .none: ""
    case .client: " (dry run)"
    case .server: " (server dry run)"
    }
  }

  /// As a request's query has it.
  var query: [(name: String, value: String)] { self == .server ? [("dryRun", "All")] : [] }
}

/// A duration that may be zero or less: `30s`, `0`, `-1s`.
struct AnyDuration: ExpressibleByArgument {
  var duration: Duration

  init(_ duration: Duration) { self.duration = duration }

  init?(argument: String) {
    if let seconds = Int64(argument) {
      duration = .seconds(seconds)
    } else if let duration = try? Duration(goText: argument) {
      self.duration = duration
    } else {
      return nil
    }
  }

  var defaultValueDescription: String { "\(duration.components.seconds)s" }
}

/// kubectl takes `--wait=false` where flags of ours are `--wait` and `--no-wait`.
enum GoFlags {
  private static let names: Set<String> = [
    "all", "all-containers", "all-namespaces", "containers", "follow", "force", "force-conflicts", "ignore-errors",
    "ignore-not-found", "no-headers", "now", "output-watch-events", "overwrite", "prefix", "previous", "server-side",
    "show-kind", "show-labels", "show-managed-fields", "timestamps", "wait", "watch", "watch-only",
  ]

  /// The arguments in our form, up to `--`.
  static func rewritten(_ arguments: [String]) -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    return arguments[..<end].compactMap { argument -> String? in
      guard argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") else { return argument }
      let name = String(argument[argument.index(argument.startIndex, offsetBy: 2)..<equals])
      guard names.contains(name) else { return argument }
      switch argument[argument.index(after: equals)...] {
      case "true": return "--\(name)"
      // Flags are off unless they are given, but for one.
      case "false": return name == "wait" ? "--no-wait" : nil
      default: return argument
      }
    } + arguments[end...]
  }
}
