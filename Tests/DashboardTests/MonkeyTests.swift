import Cluster
import Foundation
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// Random keys, clicks, sizes and changes: nothing crashes, the selection is always a row, the canvas has its size.
struct MonkeyTests {
  /// Every key that does something, those that go on more often, and some that are only typed.
  private static let keys: [Key] =
    Action.all.flatMap(\.keys)
    + [
      "enter", "enter", "esc", "esc", "j", "k", "tab", "backtab", "backspace", "delete", "left", "right", "ctrl-e",
      "ctrl-s", "ctrl-u", "A", "D", "E", "F", "S", "X", "y", "a", "-", "!", "1", "é", "漢",
    ]
  private static let commands =
    TableView.all.compactMap(\.commands.first) + DrawnView.all.compactMap(\.commands.first) + Action.all.map(\.name)
    + [
      "ns web", "ns all", "help", "pods web /x", "templates", "files a/", "apply x.yaml", "why nightly-backup",
      "jobs mail",
    ]

  /// Settings that come and go.
  private static let settings: [Settings] = [
    Settings(),
    Settings.read([
      .config: """
      keys: { logs: f2, describe: [D, f3], help: none }
      columns: { jobs: { show: [age, name], width: { age: 200 } }, pods: { hide: [name], sort: exit desc } }
      filters: { jobs: '!x' }
      """, .aliases: "aliases: { jobs: 'jobs web', x: pulse }",
      .plugins:
        "plugins: { p: { shortCut: j, override: true, confirm: true, scopes: [all], command: ls, args: [$NAME, $NODE] } }",
      .hotKeys: "hotKeys: { h: { shortCut: y, override: true, command: tree, keepHistory: true } }",
    ]).settings,
  ]

  /// Steps from one seed; each begins with a dashboard of its own.
  private static let share: UInt64 = 10_000

  /// `JOBDECK_MONKEY_STEPS` says how many steps there are in all, `JOBDECK_MONKEY_SEED` which seed alone is tried.
  private static let seeds: [UInt64] = {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["JOBDECK_MONKEY_SEED"].flatMap({ UInt64($0) }) { return [seed] }
    let steps = environment["JOBDECK_MONKEY_STEPS"].flatMap { UInt64($0) } ?? 20_000
    return Array(1...max(1, steps / share))
  }()

  @Test(arguments: seeds)
  func anything(_ seed: UInt64) {
    var random = SplitMix(seed: seed)
    // One cluster where all is well, and one where little is.
    let fixture = seed % 2 == 1 ? Fixture.full : .troubled
    let all = fixture.changes
    var driver = Driver(fixture)
    var logs: [LogID] = []
    for step in 0..<Self.share {
      switch random.next() % 24 {
      case 0:
        driver.size = Size(
          columns: [0, 20, 40, 57, 80, 120, 200].randomElement(using: &random) ?? 80,
          rows: [0, 5, 10, 15, 24, 50].randomElement(using: &random) ?? 24)
        driver.send(.terminal(.resize(driver.size)))
      case 1, 2:
        let point = Point(column: Int(random.next() % 130) - 5, row: Int(random.next() % 60) - 5)
        let kind = [MouseEvent.Kind.press, .doubleClick, .wheelUp, .wheelDown, .release].randomElement(using: &random)
        driver.send(.terminal(.mouse(MouseEvent(kind: kind ?? .press, button: .left, position: point))))
      case 3, 4, 5:
        var change = all[Int(random.next() % UInt64(all.count))]
        change.verb = random.next() % 2 == 0 ? .deleted : .modified
        driver.send(.changes([change]))
      case 6: driver.pass(.milliseconds(Int64(random.next() % 3_000)))
      case 7:
        if let id = logs.randomElement(using: &random) {
          driver.send(.log(id, .lines(Scenes.lines(["one", "\u{1B}[2Jtwo", String(repeating: "wide漢", count: 40)]))))
        }
      case 8:
        driver.press(":")
        driver.type(Self.commands.randomElement(using: &random) ?? "jobs")
        driver.press("enter")
      case 9: driver.send(.terminal(.paste("pasted\n\u{1B}[0mtext 漢字")))
      case 11 where random.next() % 64 == 0:
        driver.send(.settings(Self.settings[Int(random.next() % 2)], []))
      case 10 where random.next() % 8 == 0:
        driver.send(.snapshotReset)
        if random.next() % 2 == 0 { driver.send(.changes(all)) }
      default: driver.send(.terminal(.key(Self.keys.randomElement(using: &random) ?? "j")))
      }
      let commands = driver.takeCommands()
      for command in commands {
        switch command {
        case .openLog(let id, _): logs.append(id)
        case .closeLog(let id): logs.removeAll { $0 == id }
        case .create(let id, let object, _):
          driver.send(.finished(id, random.next() % 2 == 0 ? .success(object) : .failure(.alreadyExists(object.key))))
        case .patch(let id, let key, _), .delete(let id, let key, _):
          driver.send(.finished(id, random.next() % 2 == 0 ? .success(nil) : .failure(.notFound(key))))
        case .evict(let id, _), .setNodeFailed(let id, _, _): driver.send(.finished(id, .success(nil)))
        case .edit(let id, let text, _):
          // Whoever is told what is wrong gives up sooner or later.
          let givesUp = text.hasPrefix(ObjectText.errorMark) || random.next() % 4 == 0
          let broken =
            random.next() % 2 == 0 ? text + "\nx: [" : text.replacing("backoffLimit: ", with: "backoffLimit: 1")
          driver.send(.edited(id, .success(givesUp ? text : broken)))
        case .listDirectory(let id, _):
          let entries = [
            DirectoryEntry(name: "a", isDirectory: true), DirectoryEntry(name: "b.yaml", isDirectory: false),
          ]
          driver.send(.directory(id, random.next() % 2 == 0 ? .success(entries) : .failure(.badRequest("no"))))
        case .readManifest(let id, _, _):
          let objects = (0..<random.next() % 3).map { _ in all[Int(random.next() % UInt64(all.count))].object }
          driver.send(.manifest(id, random.next() % 2 == 0 ? .success(objects) : .failure(.badRequest("no"))))
        case .readFile(let id, _): driver.send(.edited(id, .success("kind: Job")))
        case .update(let id, let object):
          driver.send(.finished(id, .success(object)))
        case .runProgram(let id, let line, _):
          driver.send(.programEnded(id, .success(ProgramEnd(status: Int32(line.count % 2), output: "x\n"))))
        case .quit: driver = Driver(fixture, size: driver.size, newTips: Set(Tip.all.map(\.name)))
        default: break
        }
      }
      guard step % 5 == 0 else { continue }
      let canvas = driver.dashboard.render(driver.size)
      #expect(canvas.size == driver.size)
      if let page = driver.dashboard.table {
        #expect(page.order.isEmpty || page.order[page.position].id == page.selected, "step \(step)")
        #expect(page.marks.isSubset(of: page.order.items.map(\.id)))
        #expect(page.top >= 0 && (page.order.isEmpty || page.top < page.order.count))
      }
      if case .drawn(let page)? = driver.dashboard.pages.last, let why = page as? WhyPage, canvas.size.columns >= 40,
        canvas.size.rows >= 10
      {
        #expect(why.selectedStep != nil, "step \(step)")
      }
      #expect(!driver.dashboard.pages.isEmpty)
    }
    // Wherever it has got to, Esc leads back.
    driver.size = Size(columns: 120, rows: 40)
    driver.press(Array(repeating: "esc", count: 200).joined(separator: " "))
    #expect(
      driver.dashboard.overlay.isNone && driver.dashboard.prompt == nil && driver.dashboard.pages.count == 1,
      "\(driver.screen)")
  }

  /// Names, messages and logs that try to steer the terminal are shown, not obeyed.
  @Test func untrustedText() throws {
    let evil = "\u{1B}[2J\u{1B}]0;pwned\u{07}\u{202E}\u{200B}\u{9B}31m\r\nx"
    var fixture = Fixture()
    let job = fixture.job(
      "job" + evil, .init(age: 10, failed: 1, verdict: ("Failed", "Bad" + evil, "because" + evil, 1)))
    fixture.pod("p" + evil, of: job, .init(phase: .failed, age: 9, finished: 2, exit: 1, reason: "R" + evil))
    fixture.event(.job, job.metadata, "Reason" + evil, "message" + evil, ago: 3, warning: true)
    fixture.node("n" + evil, cpu: "1", memory: "1Gi")
    var driver = Driver(fixture, size: Size(columns: 80, rows: 24))
    var screens = [driver.screen]
    for keys in ["w", "esc d", "esc y", "esc v", "esc enter", "esc ctrl-d", "esc : n o d e s enter", "? esc"] {
      driver.press(keys)
      for command in driver.takeCommands() {
        if case .openLog(let id, _) = command { driver.send(.log(id, .lines(Scenes.lines([evil])))) }
      }
      screens.append(driver.screen)
    }
    driver.send(.watchFailed(evil))
    screens.append(driver.screen)
    for screen in screens {
      let isClean = screen.unicodeScalars.allSatisfy { scalar in
        scalar == "\n"
          || (scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
            && ![0x202E, 0x200B].contains(scalar.value))
      }
      #expect(isClean)
    }
  }
}
