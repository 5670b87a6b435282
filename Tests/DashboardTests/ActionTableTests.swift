import Cluster
import Foundation
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// What every action does: from a state, by its key, to what is expected.
struct ActionTableTests {
  struct Case: CustomTestStringConvertible, Sendable {
    /// The action's name.
    let action: String
    /// From where: what is typed after `:`, the row that is selected, the keys that come first.
    var view = "jobs"
    var row: String?
    var first = ""
    /// The action's key, or the command where it has none.
    let key: String
    /// What is different then, as ``difference(_:_:_:)`` says it.
    let expected: String
    var testDescription: String { action }
  }

  static let cases: [Case] = [
    Case(action: "down", key: "j", expected: "row mail-queue"),
    Case(action: "up", row: "nightly-backup", key: "k", expected: "row cleanup-29656420"),
    Case(action: "page-down", view: "pods", key: "pgdn", expected: "row train-model-hvq2t"),
    Case(action: "read-on", row: "nightly-backup", first: "y", key: "space", expected: "top parallelism: 1"),
    Case(action: "page-up", view: "pods", first: "G", key: "pgup", expected: "row no-such-tool-lfm5r"),
    Case(action: "top", row: "nightly-backup", key: "g", expected: "row no-such-tool"),
    Case(action: "bottom", key: "G", expected: "row resize-images"),
    Case(
      action: "left", row: "nightly-backup", first: "l right", key: "h",
      expected: "top mtw67 {\"level\":\"info\",\"msg\":\"line 68 long long"),
    Case(
      action: "right", row: "nightly-backup", first: "l", key: "right",
      expected: "top mtw67 g long long long long long long long long"),
    Case(
      action: "open", row: "nightly-backup", key: "enter",
      expected: "page Jobs › Pods of nightly-backup | row nightly-backup-sxgj5 | rows 3"),
    Case(
      action: "back", row: "nightly-backup", first: "enter", key: "esc",
      expected: "page Jobs | row nightly-backup | rows 11"),
    Case(
      action: "logs", row: "nightly-backup", key: "l",
      expected:
        "log nightly-backup-6p2qv | log nightly-backup-mtw67 | log nightly-backup-sxgj5 | page Jobs › Log of nightly-backup"
    ),
    Case(
      action: "previous-logs", view: "pods", row: "render-frames-10-r10nn1", key: "p",
      expected:
        "log render-frames-10-r10nn1 before | page Jobs › Pods › Previous log of render-frames-10-r10nn1"
    ),
    Case(
      action: "why", row: "nightly-backup", key: "w",
      expected:
        "log nightly-backup-sxgj5 | page Jobs › Why nightly-backup | top ▌✗ Job nightly-backup: Failed:BackoffLimitExceed"
    ),
    Case(
      action: "cause", row: "nightly-backup", first: "w", key: "enter",
      expected:
        "page Jobs › Why nightly-backup › Pods of nightly-backup | row nightly-backup-sxgj5 | marks 0 | sort age up | rows 3"
    ),
    Case(
      action: "describe", row: "nightly-backup", key: "d",
      expected:
        "page Jobs › Describe nightly-backup | top Name:             nightly-backup"
    ),
    Case(
      action: "yaml", row: "nightly-backup", key: "y",
      expected:
        "page Jobs › YAML nightly-backup | top apiVersion: batch/v1"),
    Case(
      action: "events", row: "nightly-backup", key: "v",
      expected: "page Jobs › Events of nightly-backup | row nightly-backup.17 | sort seen up | rows 7"),
    Case(
      action: "node", view: "pods", row: "mail-queue-b5d7c", key: "o",
      expected: "page Jobs › Pods › Nodes | row node-3 | sort name up | rows 4"),
    Case(
      action: "owner", view: "pods", row: "mail-queue-b5d7c", key: "u",
      expected: "page Jobs › Pods › Jobs | row mail-queue | rows 11"),
    Case(
      action: "timeline", row: "render-frames", key: "b",
      expected:
        "page Jobs › Timeline of render-frames | row render-frames-0-a0b2c | top ╷13:52          ╷13:"
    ),
    Case(action: "zoom-in", row: "render-frames", first: "b + +", key: "+", expected: "top ╷14:01:45       ╷14"),
    Case(action: "zoom-out", row: "render-frames", first: "b + +", key: "-", expected: "top ╷13:57          ╷13:58"),
    Case(action: "zoom-all", row: "render-frames", first: "b + +", key: "0", expected: "top ╷13:52          ╷13:"),
    Case(action: "group", row: "render-frames", first: "b", key: "i", expected: "top ╷13:52          ╷13:5"),
    Case(action: "filter", key: "/", expected: "prompt /"),
    Case(action: "sort-left", key: "<", expected: "sort next up"),
    Case(action: "sort-right", key: ">", expected: "sort namespace up"),
    Case(action: "reverse", key: "=", expected: "sort age down"),
    Case(action: "all-namespaces", view: "ns web", key: "0", expected: "rows 11 | says All namespaces"),
    Case(action: "hide-completed", key: "H", expected: "rows 7 | says What has completed is hidden"),
    Case(action: "new", key: "n", expected: "form open"),
    Case(action: "parent", view: "files jobs/", key: "left", expected: "list  | page Jobs › Files in ./"),
    Case(action: "apply-file", view: "files jobs/", first: "j j", key: "a", expected: "read jobs/b.yaml"),
    Case(action: "edit-file", view: "files jobs/", first: "j j", key: "e", expected: "text of jobs/b.yaml"),
    Case(action: "restart", row: "nightly-backup", key: "r", expected: "create job nightly-backup-r2"),
    Case(action: "run-edited", row: "nightly-backup", key: "a", expected: "edit .yaml"),
    Case(action: "run-failed", row: "render-frames", key: "f", expected: "says No index of render-frames has failed"),
    Case(action: "suspend", row: "mail-queue", key: "s", expected: "asks Suspend 1 job?"),
    Case(action: "suspend", row: "train-model", key: "s", expected: "suspend train-model true"),
    Case(
      action: "resume", row: "mail-queue", first: "s y", key: ":resume mail-queue", expected: "suspend mail-queue false"
    ),
    Case(action: "uncordon", view: "nodes", first: "c", key: ":uncordon", expected: "unschedulable node-1 false"),
    Case(action: "trigger", view: "cronjobs", key: "t", expected: "create job cleanup-manual-1"),
    Case(action: "edit", row: "mail-queue", key: "e", expected: "edit .yaml"),
    Case(action: "cordon", view: "nodes", key: "c", expected: "unschedulable node-1 true"),
    Case(action: "drain", view: "nodes", key: "r", expected: "asks Drain node-1?"),
    Case(action: "fail", view: "nodes", key: "f", expected: "asks Fail 1 node?"),
    Case(action: "recover", view: "nodes", first: "G", key: "x", expected: "asks Recover 1 node?"),
    Case(action: "delete", row: "nightly-backup", key: "ctrl-d", expected: "asks Delete job?"),
    Case(action: "undo", view: "tree", first: "s", key: "z", expected: "suspend cleanup false"),
    Case(action: "undo", row: "mail-queue", first: "s y", key: "z", expected: "suspend mail-queue false"),
    Case(action: "repeat", row: "nightly-backup", first: "r", key: ".", expected: "create job nightly-backup-r2"),
    Case(action: "mark", key: "space", expected: "row mail-queue | marks 1"),
    Case(action: "toggle", view: "tree", key: "space", expected: "top ▌▸ cleanup                    ✓ Waiting"),
    Case(action: "mark-range", first: "space j j", key: "m", expected: "marks 4"),
    Case(action: "mark-all", key: "ctrl-a", expected: "marks 11"),
    Case(action: "search", row: "nightly-backup", first: "y", key: "/", expected: "prompt /"),
    Case(
      action: "next", row: "nightly-backup", first: "l g / l i n e enter", key: "n",
      expected: "top 6p2qv {\"level\":\"info\",\"msg\":\"line 0 long long l"),
    Case(
      action: "previous", row: "nightly-backup", first: "l g / l i n e enter", key: "N",
      expected: "top mtw67 {\"level\":\"info\",\"msg\":\"line 68 long long"),
    Case(
      action: "follow", row: "nightly-backup", first: "l k k", key: "f",
      expected: "top mtw67 {\"level\":\"info\",\"msg\":\"line 68 long long"),
    Case(
      action: "wrap", row: "nightly-backup", first: "l", key: "w",
      expected: "top ong long long long long long long long long lon"),
    Case(
      action: "timestamps", row: "nightly-backup", first: "l", key: "t",
      expected: "top 14:02:55.000 sxgj5 {\"level\":\"info\",\"msg\":\"line | says Local times"),
    Case(action: "lines", row: "nightly-backup", first: "l", key: "&", expected: "prompt &"),
    Case(
      action: "json", row: "nightly-backup", first: "l", key: "J",
      expected: "top sxgj5 INFO  line 68 long long long long long lo | says JSON is laid out"),
    Case(action: "save", row: "nightly-backup", first: "l", key: "S", expected: "list  | prompt Save to: "),
    Case(
      action: "since", row: "nightly-backup", first: "l", key: "s",
      expected:
        "close | close | close | log nightly-backup-6p2qv | log nightly-backup-mtw67 | log nightly-backup-sxgj5 | says The last 60s"
    ),
    Case(
      action: "copy", row: "nightly-backup", key: "c",
      expected: "copy nightly-backup | says Sent 'nightly-backup' to the terminal's clipboard, if it takes it (OSC 52)"),
    Case(
      action: "copy-all", row: "nightly-backup", first: "l", key: "C",
      expected:
        "copy 6p2qv {\"level\":\"info\",\"msg\":\"line 0 \(String(repeating: "long ", count: 60))\"} | "
        + "top sxgj5 {\"level\":\"info\",\"msg\":\"line 68 long long | says Sent 240 lines to the terminal's clipboard, if it takes it (OSC 52)"
    ),
    Case(
      action: "mark-line", row: "nightly-backup", first: "l", key: "m",
      expected:
        "top ◆ mtw67 {\"level\":\"info\",\"msg\":\"line 68 long lon | says Marked: c copies from here to the end of "
        + "the screen or the match"),
    Case(action: "command", key: ":", expected: "prompt :"),
    Case(
      action: "help", key: "?", expected: "page Jobs › Help | top Moving"),
    Case(
      action: "messages", row: "nightly-backup", first: "l", key: "M",
      expected: "page Jobs › Log of nightly-backup › Messages | top Nothing has been said so far."),
    Case(action: "quit", key: "q", expected: "asks Quit?"),
  ]

  @Test func everyActionHasItsExpectation() {
    let missing = Set(Action.all.map(\.name)).subtracting(Self.cases.map(\.action))
    #expect(missing.isEmpty, "\(missing.sorted())")
    for known in Self.cases {
      if known.key.utf8.count > 1, known.key.hasPrefix(":") { continue }
      let keys = Action.all.filter { $0.name == known.action }.flatMap(\.keys)
      #expect(keys.contains { $0 == Key(parsing: known.key) }, "\(known.key) is no key of \(known.action)")
    }
  }

  @Test(arguments: cases) func does(_ known: Case) {
    var driver = Driver()
    driver.press(":")
    driver.type(known.view)
    driver.press("enter")
    if let row = known.row { driver.select(row) }
    answer(&driver)
    for key in known.first.split(separator: " ") {
      driver.press(String(key))
      answer(&driver)
    }
    _ = driver.takeCommands()
    let before = driver
    if known.key.utf8.count > 1, known.key.hasPrefix(":") {
      driver.press(":")
      driver.type(String(known.key.dropFirst()))
      driver.press("enter")
    } else {
      driver.press(known.key)
    }
    #expect(difference(before, driver) == known.expected)
  }

  /// Lines for every log that is read, two files for every directory, success for every order.
  private func answer(_ driver: inout Driver) {
    let commands = driver.commands
    driver.answerAll()
    for command in commands {
      switch command {
      case .openLog(let id, _):
        let long = String(repeating: "long ", count: 60)
        driver.send(.log(id, .lines(Scenes.lines((0..<80).map { #"{"level":"info","msg":"line \#($0) \#(long)"}"# }))))
      case .patch(_, let key, let document):
        // The cluster tells what it has changed.
        guard let object = driver.dashboard.store.all(key.kind).first(where: { $0.key == key })?.object,
          let patched = try? object.jsonValue.applying(document, type: .merge)
        else { continue }
        var decoder = ModelDecoder()
        guard let changed = KubeObject.decode(patched, kind: key.kind, &decoder) else { continue }
        driver.send(.changes([Change(verb: .modified, object: changed, version: 9_999)]))
      case .listDirectory(let id, _):
        let entries = ["a.yaml", "b.yaml"].map { DirectoryEntry(name: $0, isDirectory: false, size: 9) }
        driver.send(.directory(id, .success(entries)))
      default: break
      }
    }
    _ = driver.screen
  }

  /// What has changed from one state to the next: the orders to the cluster, the page, the row, a question, a prompt,
  /// and what is said.
  private func difference(_ before: Driver, _ after: Driver) -> String {
    var (before, after) = (before, after)
    var parts = after.takeCommands().map(summary)
    func note(_ name: String, _ value: (inout Driver) -> String?) {
      let (old, new) = (value(&before), value(&after))
      if old != new, let new, !new.isEmpty { parts.append("\(name) \(new)") }
    }
    note("page") { $0.crumbs }
    note("row") { $0.selectedName }
    note("marks") { $0.dashboard.table.map { "\($0.marks.count)" } }
    note("sort") { $0.dashboard.table.map { "\($0.sort.column) \($0.sort.isDescending ? "down" : "up")" } }
    note("rows") { $0.dashboard.table == nil ? nil : "\($0.rows.count)" }
    note("top") { $0.topLine }
    note("asks") { driver in
      guard case .confirmation(let question)? = driver.dashboard.overlay else { return nil }
      return question.title
    }
    note("form") { driver in
      guard case .form? = driver.dashboard.overlay else { return nil }
      return "open"
    }
    note("prompt") { $0.dashboard.prompt.map { $0.purpose.sign } }
    note("says") { $0.dashboard.said.last?.text }
    return parts.joined(separator: " | ")
  }

  private func summary(_ command: Command) -> String {
    switch command {
    case .create(_, let object, _): "create \(object.kind) \(object.metadata.name)"
    case .patch(_, let key, let document):
      ["suspend", "unschedulable"].compactMap { field in
        document["spec"]?[field].map { "\(field) \(key.name) \($0 == .bool(true))" }
      }.joined()
    case .openLog(_, let request): "log \(request.pod)\(request.previous ? " before" : "")"
    case .closeLog: "close"
    case .edit(_, _, let ending): "edit .\(ending)"
    case .copy(let text): "copy \(text.split(separator: "\n").first ?? "")"
    case .quit: "quit"
    case .listDirectory(_, let path): "list \(path)"
    case .readManifest(_, let path, _): "read \(path)"
    case .readFile(_, let path): "text of \(path)"
    default: "\(command)"
    }
  }
}

extension Driver {
  /// Where one is, as the rule above the rows says it.
  var crumbs: String? {
    mutating get {
      screen.split(separator: "\n").first { $0.hasPrefix("─ ") }.map { line in
        line.split(separator: "─").first.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
      }
    }
  }

  /// The first line of a text, a log or a chart.
  fileprivate var topLine: String? {
    mutating get {
      if dashboard.table != nil { return nil }
      let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
      return lines.firstIndex { $0.hasPrefix("─ ") }.map {
        lines[$0 + 1].prefix(48).trimmingCharacters(in: .whitespaces)
      }
    }
  }
}
