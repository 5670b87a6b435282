import Cluster
import Foundation
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// Screens as text, compared with files. `UPDATE_GOLDEN=1 swift test --filter GoldenTests` writes them anew.
struct GoldenTests {
  static let sizes = [
    Size(columns: 40, rows: 10), Size(columns: 80, rows: 24), Size(columns: 120, rows: 40),
    Size(columns: 200, rows: 50),
  ]

  struct Scene: CustomTestStringConvertible, Sendable {
    let name: String
    var fixture = Fixture.full
    var isReadOnly = false
    let prepare: @Sendable (inout Driver) -> Void
    var testDescription: String { name }
  }

  static let scenes: [Scene] = pages + reasons + causes + logs + questions + states

  /// Why pages of what no condition tells.
  private static let causes: [Scene] = [
    Scene(name: "why-mount", fixture: .unmounted) { $0.press("w") },
    Scene(name: "pulse-mount", fixture: .unmounted) { $0.press(": p u l s e enter") },
    Scene(name: "why-missed", fixture: .forbidden) { $0.press(": c r o enter w") },
  ]

  /// Why pages of all kinds.
  private static let reasons: [Scene] = [
    ("why-ranked", "jobs", "mixed"), ("why-policy", "jobs", "strict"), ("why-restarts", "jobs", "flaky"),
    ("why-deadline", "jobs", "slow"), ("why-queue", "jobs", "waiting"), ("why-preempted", "pods", "batch-0vn7x"),
    ("why-cronjob", "cronjobs", "report"), ("why-node", "nodes", "node-2"),
  ].map { name, view, row in
    Scene(name: name, fixture: .troubled) {
      $0.press(":")
      $0.type(view)
      $0.press("enter")
      $0.select(row)
      $0.press("w")
    }
  }

  private static let pages: [Scene] = [
    Scene(name: "jobs") { _ in },
    Scene(name: "pods") { $0.press(": p o d s enter") },
    Scene(name: "job-pods") {
      $0.select("render-frames")
      $0.press("enter")
    },
    Scene(name: "containers") { $0.press(": c o n t a i n e r s enter") },
    Scene(name: "cronjobs") { $0.press(": c r o enter") },
    Scene(name: "tree") {
      $0.press(": t r e e enter")
      $0.press("space space down down right")
    },
    Scene(name: "tree-filter") {
      $0.press(": t r e e enter /")
      $0.type("q1w3e")
      $0.press("enter down")
    },
    Scene(name: "pulse") {
      for _ in 0..<20 { $0.pass(.seconds(1)) }
      $0.send(.changes(Fixture.full.changes.suffix(30).map { Change(verb: .deleted, object: $0.object, version: 1) }))
      for _ in 0..<20 { $0.pass(.seconds(1)) }
      $0.press(": p u l s e enter")
    },
    Scene(name: "timeline") {
      $0.select("render-frames")
      $0.press("b down")
    },
    Scene(name: "timeline-retries", fixture: .troubled) {
      $0.select("flaky")
      $0.press("b")
    },
    Scene(name: "timeline-all") { $0.press("b b - - -") },
    Scene(name: "nodes") { $0.press(": n o d e s enter") },
    Scene(name: "events") { $0.press(": e v enter") },
    Scene(name: "namespaces") { $0.press(": n a m e s p a c e s enter") },
    Scene(name: "why") {
      $0.select("nightly-backup")
      $0.press("w")
      if case .openLog(let id, _)? = $0.takeCommands().last {
        $0.send(.log(id, .lines(Scenes.lines(["connecting to db", "fatal: no route to host"]))))
        $0.send(.log(id, .ended))
      }
    },
    Scene(name: "log") {
      $0.select("import-users")
      $0.press("l")
      for (index, command) in $0.takeCommands().enumerated() {
        guard case .openLog(let id, _) = command else { continue }
        $0.send(.log(id, .lines(Scenes.lines((0..<60).map { "pod \(index) line \($0): \u{1B}[31mred\u{1B}[0m text" }))))
      }
    },
    Scene(name: "describe") {
      $0.select("nightly-backup")
      $0.press("d")
    },
    Scene(name: "yaml") {
      $0.select("nightly-backup")
      $0.press("y")
    },
    Scene(name: "help") { $0.press("?") },
    Scene(name: "help-keys") {
      $0.use([.config: "keys: { logs: [f2, ctrl-o], down: [ctrl-n, down], why: none, mark: insert }"])
      $0.press("?")
    },
    Scene(name: "help-own") {
      $0.use([
        .config: "keys: { logs: f2, down: [ctrl-n, down], repeat: none }\ncolumns: { jobs: [name, status] }",
        .hotKeys: "hotKeys: { far: { shortCut: Shift-1, description: Far away, command: nodes } }",
        .plugins:
          "plugins: { show: { shortCut: f5, description: Show, scopes: [jobs], command: less, args: [$NAME] } }",
      ])
      $0.press("? G")
    },
    Scene(name: "plugin-input") {
      $0.use([
        .plugins: """
        plugins:
          debug:
            shortCut: f5
            description: Debug it
            scopes: [jobs]
            command: sh
            args: [-c, echo $INPUT_IMAGE]
            inputs: [{ name: image, label: Image, type: dropdown, options: [busybox, alpine, ubuntu] }]
        """
      ])
      $0.press("f5 tab")
    },
    Scene(name: "settings-columns") {
      $0.use([
        .config: "columns: { jobs: { show: [status, name, age], width: { status: 14 }, sort: name desc } }"
      ])
    },
    Scene(name: "settings-mistake") {
      $0.use([.config: "colums: {}\nmouse: perhaps", .plugins: "plugins: { a: { shortCut: f5 } }"])
    },
    Scene(name: "tip") {
      $0.dashboard.newTips = ["failed"]
      $0.select("nightly-backup")
      $0.press("j k")
    },
    Scene(name: "form") {
      $0.press("n")
      $0.type("sleep 5 && echo done")
      $0.press("tab down down down")
      $0.type("-3")
      $0.press("tab")
    },
    Scene(name: "marked") { $0.press("space j space") },
    Scene(name: "delete") {
      $0.press("space space")
      $0.press("ctrl-d")
    },
    Scene(name: "drain") { $0.press(": n o d e s enter j r") },
    Scene(name: "filter") {
      $0.press("/")
      $0.type("clean")
    },
    Scene(name: "command") { $0.press(": n") },
    Scene(name: "templates") {
      $0.press(": t e m p l a t e s enter j")
      if case .listDirectory(let id, _)? = $0.takeCommands().last {
        $0.send(.directory(id, .success([DirectoryEntry(name: "nightly.yaml", isDirectory: false, size: 812)])))
      }
    },
    Scene(name: "files") {
      $0.press(":")
      $0.type("files ~/jobs/")
      $0.press("enter")
      if case .listDirectory(let id, _)? = $0.takeCommands().last {
        $0.send(
          .directory(
            id,
            .success([
              DirectoryEntry(name: "old", isDirectory: true),
              DirectoryEntry(name: "import.yaml", isDirectory: false, size: 2_048),
              DirectoryEntry(name: "rapport-für-漢字.yml", isDirectory: false, size: 311),
            ])))
      }
      $0.press("j j")
      if case .readManifest(let id, _, _)? = $0.takeCommands().last {
        $0.send(.manifest(id, .success(Array(Fixture.full.objects.suffix(3)))))
      }
    },
    Scene(name: "error") {
      $0.select("nightly-backup")
      $0.press("s")
    },
  ]

  @Test(arguments: scenes, sizes)
  func screen(_ scene: Scene, _ size: Size) throws {
    var driver = Driver(scene.fixture, size: size, isReadOnly: scene.isReadOnly)
    scene.prepare(&driver)
    let canvas = driver.dashboard.render(size)
    try Golden.compare(canvas.plainText(), "\(scene.name)-\(size)")
    try Golden.compare(canvas.styleMap(), "styles/\(scene.name)-\(size)")
  }

  @Test(arguments: sizes)
  func emptyCluster(_ size: Size) throws {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.node("node-1", cpu: "4", memory: "8Gi")
    var driver = Driver(fixture, size: size)
    try Golden.compare(driver.screen, "empty-\(size)")
  }

  @Test func tooSmall() throws {
    var driver = Driver(size: Size(columns: 30, rows: 8))
    try Golden.compare(driver.screen, "too-small")
  }
}

enum Golden {
  /// The files stand next to this one, so that they can be written as well as read.
  static func compare(_ text: String, _ name: String, at location: SourceLocation = #_sourceLocation) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    let file = folder.appendingPathComponent("\(name).txt")
    let found = text + "\n"
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try found.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(found == expected, "\(name).txt differs", sourceLocation: location)
  }
}
