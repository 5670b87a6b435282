import Cluster
import KubeModel
import Terminal

@testable import Dashboard

/// Scenes of logs, of questions, and of what the status line tells while something goes on.
extension GoldenTests {
  private static let words = ["starting up", "reading users.csv", "user 17 has no mail", "42 users imported", "done"]

  /// The log of a job of two pods, with lines of both.
  private static func log(_ name: String, _ finish: @escaping @Sendable (inout Driver) -> Void) -> Scene {
    Scene(name: name) {
      $0.select("import-users")
      $0.press("l")
      for (index, command) in $0.takeCommands().enumerated() {
        guard case .openLog(let id, _) = command else { continue }
        let lines = (0..<30).map { "\(words[$0 % words.count]) in part \($0) of pod \(index)" }
        $0.send(
          .log(id, .lines(Scenes.lines(lines) + Scenes.lines(["no space left on device"], stream: .stderr, first: 30))))
      }
      _ = $0.screen
      finish(&$0)
    }
  }

  static let logs: [Scene] = [
    log("log-search") {
      $0.press("/")
      $0.type("user 17")
      $0.press("enter N")
    },
    Scene(name: "log-search-far") {
      $0.select("mail-queue")
      $0.press("enter enter")
      guard case .openLog(let id, _)? = $0.takeCommands().last else { return }
      let long = (0..<60).map { $0 == 45 ? "needle" : "word\($0)" }.joined(separator: " ")
      $0.send(.log(id, .lines(Scenes.lines((0..<9).map { $0 % 3 == 1 ? long : "short \($0)" }))))
      $0.press("/")
      $0.type("needle")
      $0.press("enter n")
    },
    Scene(name: "log-failed-last") {
      $0.select("import-users")
      $0.press("p")
      for case .openLog(let id, _) in $0.takeCommands() {
        $0.send(.log(id, .lines(Scenes.lines(["reading users.csv", "Killed"]))))
        $0.send(.log(id, .ended))
      }
    },
    log("log-times") { $0.press("t") },
    log("log-times-utc") { $0.press("t t") },
    log("log-mark") { $0.press("k k k m c") },
    log("log-marked") { $0.press("k k k k m k k") },
    Scene(name: "log-json") {
      $0.select("mail-queue")
      $0.press("enter enter")
      guard case .openLog(let id, _)? = $0.takeCommands().last else { return }
      $0.send(
        .log(
          id,
          .lines(
            Scenes.lines([
              #"{"time":"2026-01-02T03:04:05Z","level":"info","msg":"listening","port":8080}"#,
              #"{"level":"error","msg":"cannot send","to":"a@example.com","error":{"code":550}}"#, "not JSON at all",
            ]))))
      $0.press("J")
    },
    Scene(name: "log-wrap") {
      $0.select("mail-queue")
      $0.press("enter enter")
      guard case .openLog(let id, _)? = $0.takeCommands().last else { return }
      let long = (0..<60).map { "word\($0)" }.joined(separator: " ")
      $0.send(.log(id, .lines(Scenes.lines(["short", long, "漢字" + String(repeating: "かな", count: 60), "end"]))))
      $0.press("w")
    },
    Scene(name: "log-filter") {
      $0.select("mail-queue")
      $0.press("enter enter &")
      $0.type("!debug")
      $0.press("enter")
      guard case .openLog(let id, _)? = $0.takeCommands().last else { return }
      $0.send(.log(id, .lines(Scenes.lines((0..<20).map { $0 % 2 == 0 ? "debug \($0)" : "info \($0)" }))))
    },
    Scene(name: "log-previous", fixture: .troubled) {
      $0.select("flaky")
      $0.press("p")
      for (index, command) in $0.takeCommands().enumerated() {
        guard case .openLog(let id, _) = command else { continue }
        $0.send(.log(id, index == 0 ? .lines(Scenes.lines(["the first try", "segmentation fault"])) : .failed("gone")))
        $0.send(.log(id, .ended))
      }
    },
  ]

  /// Chooses a file in the page of files.
  private static func askMake(_ driver: inout Driver, _ key: String) {
    driver.press(":")
    driver.type("files ~/jobs/")
    driver.press("enter")
    if case .listDirectory(let id, _)? = driver.takeCommands().last {
      driver.send(.directory(id, .success([DirectoryEntry(name: "import.yaml", isDirectory: false, size: 2_048)])))
    }
    driver.press("j \(key)")
    for case .readManifest(let id, _, _) in driver.takeCommands() {
      driver.send(.manifest(id, .success(Array(Fixture.full.objects.suffix(5)))))
    }
  }

  static let questions: [Scene] = [
    Scene(name: "delete-many", fixture: .many(120)) { $0.press("ctrl-a ctrl-d down down") },
    Scene(name: "ask-fail") { $0.press(": n o d e s enter f") },
    Scene(name: "ask-recover") {
      $0.press(": n o d e s enter")
      if let node = $0.dashboard.store.all(.node).first(where: { ($0 as? NodeItem)?.isReady == false }) {
        $0.select(node.name)
      }
      $0.press("x")
    },
    Scene(name: "ask-quit") { $0.press("q") },
    Scene(name: "ask-suspend") {
      $0.select("mail-queue")
      $0.press("s")
    },
    Scene(name: "ask-undo") { driver in
      driver.press(": n o d e s enter c")
      driver.answerAll()
      guard var node = driver.dashboard.store.node(named: "node-1")?.node else { return }
      node.spec.unschedulable = true
      driver.send(.changes([Change(verb: .modified, object: .node(node), version: 9_999)]))
      driver.press(": j o b s enter z")
    },
    Scene(name: "ask-create") { askMake(&$0, "enter") },
    Scene(name: "ask-apply") { askMake(&$0, "a") },
    Scene(name: "ask-restart-many", fixture: .many(60)) { $0.press("ctrl-a r") },
    Scene(name: "ask-plugin") {
      $0.use([
        .plugins: """
        plugins:
          purge:
            shortCut: f5
            description: Purge its cache
            scopes: [jobs]
            command: purge
            args: [--job, $NAME, --in, $NAMESPACE]
            confirm: true
        """
      ])
      $0.select("nightly-backup")
      $0.press("f5")
    },
    Scene(name: "ask-drain-fails", fixture: .tight) { $0.press(": n o d e s enter r") },
    Scene(name: "ask-discard-for-file") {
      $0.press("n")
      $0.type("sleep 5")
      $0.press("ctrl-o")
    },
    Scene(name: "ask-discard") {
      $0.press("n")
      $0.type("sleep 5")
      $0.press("esc")
    },
    Scene(name: "form-indexed") {
      $0.press("n")
      $0.type("./render.sh --part $JOB_COMPLETION_INDEX")
      $0.press("down down down down down down right")
    },
    Scene(name: "form-long-error") {
      $0.press("n")
      $0.type("true")
      $0.press("tab")
      $0.type("Not_A_Name")
      $0.press("ctrl-s")
      $0.answerAll { _ in
        .failure(
          .invalid(
            .job, name: "Not_A_Name",
            [
              FieldError(
                type: "FieldValueInvalid", field: "metadata.name",
                body: "Invalid value: \"Not_A_Name\": a lowercase RFC 1123 subdomain must consist of lower case "
                  + "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"),
              FieldError(
                type: "FieldValueForbidden", field: "spec.template.spec.priority",
                body: "Forbidden: the integer value of priority must not be provided in pod spec; priority admission "
                  + "controller computed 0 from the given PriorityClass name"),
            ]))
      }
    },
    Scene(name: "form-errors") {
      $0.press("n")
      $0.type("echo 'unclosed")
      $0.press("tab")
      $0.type("Not A Name")
      $0.press("tab tab tab ctrl-u")
      $0.type("-3")
      $0.press("tab tab tab ctrl-u")
      $0.type("lots")
      $0.press("tab ctrl-s")
    },
  ]

  static let states: [Scene] = [
    Scene(name: "messages") {
      for word in ["nonsense", "rubbish"] {
        $0.press(":")
        $0.type(word)
        $0.press("enter")
        $0.pass(.seconds(70))
      }
      $0.press("H : m e s s a g e s enter")
    },
    Scene(name: "events-of-one") {
      $0.select("nightly-backup")
      $0.press("v")
    },
    Scene(name: "read-only", isReadOnly: true) { $0.press("j") },
    Scene(name: "read-only-refuses", isReadOnly: true) {
      $0.press(":")
      $0.type("delete nightly-backup")
      $0.press("enter")
    },
    Scene(name: "read-only-key", isReadOnly: true) { $0.press("ctrl-d") },
    Scene(name: "filter-wrong") {
      $0.press("/")
      $0.type("-l team in (research")
    },
    log("log-save") { $0.press("S") },
    log("log-save-progress") {
      $0.press("S enter")
      guard case .saveLog(let id, _)? = $0.takeCommands().last else { return }
      $0.send(.save(id, .bytes(84 << 20)))
    },
    Scene(name: "log-long") {
      $0.select("mail-queue")
      $0.press("enter enter")
      guard case .openLog(let id, _)? = $0.takeCommands().last else { return }
      let lines = (0..<2_000).map { number in
        LogLine(
          time: Fixture.now - .seconds(100), stream: .stdout, bytes: Array("line \(number)".utf8),
          position: 1_199_000_000 + UInt64(number) * 100)
      }
      $0.send(.log(id, .lines(lines)))
      _ = $0.screen
      $0.press("pgup")
    },
    Scene(name: "log-looking") {
      $0.select("mail-queue")
      $0.press("enter enter")
      guard case .openLog(let id, _)? = $0.takeCommands().last else { return }
      let lines = (0..<500).map { number in
        LogLine(
          time: Fixture.now - .seconds(100), stream: .stdout, bytes: Array("line \(number)".utf8),
          position: 1_199_000_000 + UInt64(number) * 100)
      }
      $0.send(.log(id, .lines(lines)))
      _ = $0.screen
      $0.press("/")
      $0.type("far away")
      $0.press("enter")
    },
    Scene(name: "log-silent") {
      $0.select("mail-queue")
      $0.press("enter enter")
    },
    log("help-log") { $0.press("?") },
    Scene(name: "drain-progress") {
      $0.press(": n o d e s enter j r y")
      $0.answerAll()
    },
    Scene(name: "batch-progress", fixture: .many(120)) {
      $0.press("ctrl-a ctrl-d y")
      $0.answerAll()
    },
    Scene(name: "watch-error") { $0.send(.watchFailed("connection refused")) },
  ]
}
