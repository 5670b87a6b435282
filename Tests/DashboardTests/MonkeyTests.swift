import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// Random keys, clicks, sizes and changes: nothing crashes, the selection is always a row, the canvas has its size.
struct MonkeyTests {
  private static let keys: [Key] = [
    "j", "k", "g", "G", "pgdn", "pgup", "enter", "enter", "esc", "esc", ":", "/", "?", "q", "n", "d", "y", "e", "l",
    "p", "r", "s", "t", "ctrl-d", "space", "N", "S", "A", "E", "X", "D", "F", "<", ">", "=", "w", "o", "u", "v", "c",
    "f", "x", "0", "tab", "backtab", "left", "right", "up", "down", "backspace", "delete", "home", "end", "ctrl-a",
    "ctrl-e", "ctrl-s", "ctrl-c", "a", "-", "!", "1", "é", "漢",
  ]
  private static let commands = ["jobs", "pods", "nodes", "events", "cronjobs", "ns web", "ns all", "help", "suspend"]

  @Test(arguments: [1, 2] as [UInt64])
  func anything(_ seed: UInt64) {
    var random = SplitMix(seed: seed)
    let all = Fixture.full.changes
    var driver = Driver()
    var logs: [LogID] = []
    for step in 0..<10_000 {
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
        case .setNodeFailed(let id, _, _): driver.send(.finished(id, .success(nil)))
        case .edit(let id, let text, _):
          // Whoever is told what is wrong gives up sooner or later.
          let givesUp = text.hasPrefix(ObjectText.errorMark) || random.next() % 4 == 0
          let broken =
            random.next() % 2 == 0 ? text + "\nx: [" : text.replacing("backoffLimit: ", with: "backoffLimit: 1")
          driver.send(.edited(id, .success(givesUp ? text : broken)))
        case .update(let id, let object):
          driver.send(.finished(id, .success(object)))
        case .quit: driver = Driver(size: driver.size)
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
      #expect(!driver.dashboard.pages.isEmpty)
    }
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
