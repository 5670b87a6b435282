import Foundation
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// What is remembered from one session to the next.
struct MemoryTests {
  /// A dashboard that remembers, and what it wrote down last.
  private func session(_ memory: Memory, _ use: (inout Dashboard) -> Void = { _ in }) -> Dashboard {
    var options = Dashboard.Options()
    options.memory = memory
    var dashboard = Dashboard(options)
    _ = dashboard.handle(.changes(Fixture.full.changes))
    use(&dashboard)
    return dashboard
  }

  private func press(_ keys: [Key], _ dashboard: inout Dashboard) -> Memory? {
    var kept: Memory?
    for key in keys {
      for command in dashboard.handle(.terminal(.key(key))) {
        if case .keep(let memory) = command { kept = memory }
      }
    }
    return kept
  }

  @Test func sortsHistoryAndWhatIsHiddenComeBack() throws {
    var first = session(Memory())
    #expect(press(["j", "k"], &first) == nil)
    let sorted = try #require(press(["N"], &first))
    #expect(sorted.sorts == ["jobs": SortOrder(column: "name", isDescending: false)])
    let kept = try #require(press([":", "p", "o", "d", "s", "enter", "H"], &first))
    let second = session(Memory(kept.text))
    #expect(second.table?.sort == SortOrder(column: "name", isDescending: false))
    #expect(second.memory.history == ["pods"])
    #expect(second.shown.hidesCompleted)
    #expect(second.unread.isEmpty)
    // A table of the same kind that is opened later, too; but not that of one object's rows.
    #expect(second.newTable(.jobs).sort.column == "name")
    #expect(second.newTable(.jobs, scope: .owned(by: "x", kind: .cronJob, name: "x")).sort.column != "name")
  }

  /// The order that a table has anyway is nothing to remember.
  @Test func theUsualOrderIsForgotten() throws {
    var dashboard = session(Memory())
    let usual = try #require(dashboard.table?.sort)
    _ = press(["N"], &dashboard)
    dashboard.sortTable(usual)
    #expect(dashboard.memory.sorts.isEmpty)
  }

  @Test func whatCannotBeReadIsLeftOut() {
    let memory = Memory(
      """
      sort jobs name up
      sort jobs nothing up
      sort planets name up
      sort pods name sideways
      \u{1B}[2Jhello
      command
      command pods web
      hide-completed

      """)
    #expect(memory.ignored == 5)
    #expect(memory.sorts.count == 1 && memory.history == ["pods web"] && memory.hidesCompleted)
    #expect(session(memory).unread.first?.text.contains("5 lines of what was remembered cannot be read") == true)
    #expect(Memory(memory.text).ignored == 0)
  }

  @Test func historyIsBounded() {
    var memory = Memory()
    for number in 0..<300 { memory.remember(command: "jobs \(number)") }
    memory.remember(command: "jobs 250")
    memory.remember(command: String(repeating: "x", count: 100_000))
    memory.remember(command: "two\nlines")
    #expect(memory.history.count == Memory.historyLimit)
    #expect(memory.history.last == "jobs 250" && memory.history.first == "jobs 200")
  }

  @Test func theFileIsReplacedAsAWhole() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("memory-\(UUID().uuidString)/state")
    defer { try? FileManager.default.removeItem(at: folder.deletingLastPathComponent()) }
    let file = MemoryFile(folder: folder.path)
    #expect(file.read() == Memory())
    var memory = Memory()
    memory.remember(command: "pods")
    for number in 0..<20 {
      memory.remember(command: "jobs \(number)")
      file.keep(memory)
    }
    file.flush()
    #expect(file.read() == memory)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["session"])
    try Data([0xFF, 0xFE, 0]).write(to: folder.appendingPathComponent("session"))
    #expect(file.read() == Memory())
  }
}
