import Foundation
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
    let prepare: @Sendable (inout Driver) -> Void
    var testDescription: String { name }
  }

  static let scenes: [Scene] = [
    Scene(name: "jobs") { _ in },
    Scene(name: "pods") { $0.press(": p o d s enter") },
    Scene(name: "job-pods") {
      $0.select("render-frames")
      $0.press("enter")
    },
    Scene(name: "cronjobs") { $0.press(": c r o enter") },
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
    Scene(name: "form") {
      $0.press("n")
      $0.type("sleep 5 && echo done")
      $0.press("tab down down down")
      $0.type("-3")
      $0.press("tab")
    },
    Scene(name: "delete") {
      $0.press("space space")
      $0.press("ctrl-d")
    },
    Scene(name: "filter") {
      $0.press("/")
      $0.type("clean")
    },
    Scene(name: "command") { $0.press(": n") },
    Scene(name: "error") {
      $0.select("nightly-backup")
      $0.press("s")
    },
  ]

  @Test(arguments: scenes, sizes)
  func screen(_ scene: Scene, _ size: Size) throws {
    var driver = Driver(size: size)
    scene.prepare(&driver)
    try Golden.compare(driver.screen, "\(scene.name)-\(size)")
  }

  @Test(arguments: sizes)
  func emptyCluster(_ size: Size) throws {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.node("node-1", cpu: "4", memory: "8Gi")
    var driver = Driver(fixture, size: size)
    try Golden.compare(driver.screen, "empty-\(size)")
  }

  @Test func styles() throws {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    driver.press("space")
    let canvas = driver.dashboard.render(driver.size)
    try Golden.compare(canvas.styleMap(), "jobs-styles")
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
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try found.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(found == expected, "\(name).txt differs", sourceLocation: location)
  }
}
