import Foundation
import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct DumpTests {
  private func dump(_ line: String, _ driver: inout Driver) throws -> Dump {
    driver.press(":")
    driver.type(line)
    driver.press("enter")
    let commands = driver.commandsButListings()
    guard case .write(let dump)? = commands.first, commands.count == 1 else {
      throw StatusError.badRequest("\(commands) \(driver.screen)")
    }
    return dump
  }

  @Test func theScreenIsWrittenAsItStands() throws {
    var driver = Driver()
    let screen = driver.screen
    let dump = try dump("dump  my file.txt", &driver)
    #expect(dump.path == "my file.txt")
    #expect(dump.text() == screen + "\n")
    #expect(try self.dump("dump", &driver).usualName.hasPrefix("jobdeck-screen-20"))
  }

  @Test func everyRowAndColumnIsWritten() throws {
    var driver = Driver(size: Size(columns: 80, rows: 12))
    driver.press("/")
    driver.type("a")
    driver.press("enter")
    let rows = driver.rows
    let csv = try dump("csv", &driver)
    let lines = csv.text().components(separatedBy: "\r\n")
    #expect(
      lines[0].hasPrefix("NAMESPACE,NAME,STATUS,DONE,ACTIVE,FAILED,RETRIES,ELAPSED,LEFT,ENDS,LAST EXIT,NEXT,CREATED,"))
    #expect(lines.count == rows.count + 2)
    #expect(lines.last == "")
    #expect(csv.amount == "\(rows.count) jobs")
    for (line, name) in zip(lines.dropFirst(), rows) { #expect(line.contains(",\(name),")) }
    let failed = try #require(lines.first { $0.contains("nightly-backup") })
    let fields = failed.components(separatedBy: ",")
    #expect(fields[2] == "Failed:BackoffLimitExceeded")
    #expect(Double(fields[7]) != nil)
    #expect(Int(fields[10]) != nil)
    #expect(Instant(rfc3339: fields[12]) != nil)
    #expect(!csv.text().contains { "━─✗✓●▲▼".contains($0) })
  }

  @Test func everyTableCanBeWritten() throws {
    for view in TableView.all {
      var driver = Driver()
      driver.press(":")
      driver.type(view.commands[0])
      driver.press("enter")
      let text = try dump("csv", &driver).text()
      let widths = Set(text.components(separatedBy: "\r\n").dropLast().map { fields($0).count })
      #expect(widths == [view.columns.count], "\(view.title): \(text)")
    }
  }

  /// The fields of a line, as a reader of RFC 4180 takes them.
  private func fields(_ line: String) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return fields
  }

  @Test(arguments: [
    ("a", "a"), ("", ""), ("a,b", "\"a,b\""), ("say \"no\"", "\"say \"\"no\"\"\""), ("=1+1", "'=1+1"),
    ("@SUM(A1)", "'@SUM(A1)"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-5", "-5"), ("-0.250", "-0.250"),
    ("-rf, all", "\"'-rf, all\""), ("a\r\nb", "\"a\r\nb\""),
  ])
  func fieldsAreSafe(_ text: String, _ field: String) {
    #expect(CSV.line([text, "x"]) == field + ",x\r\n")
  }

  @Test func withoutATableThereIsNoCSV() {
    var driver = Driver()
    driver.press("d :")
    driver.type("csv x.csv")
    driver.press("enter")
    #expect(driver.commandsButListings().isEmpty)
    #expect(driver.screen.contains("There is no table here; :dump writes the screen"))
  }

  @Test func theResultIsSaid() {
    var driver = Driver()
    driver.send(.written(.success("12 jobs: written to /tmp/x.csv")))
    #expect(driver.screen.contains("✓ 12 jobs: written to /tmp/x.csv"))
    driver.send(.written(.failure(.badRequest("x.csv is there already: name another file"))))
    #expect(driver.screen.contains("✗ x.csv is there already"))
  }

  @Test func filesAreNewAndTheUsersAlone() throws {
    let path = NSTemporaryDirectory() + "jobdeck-dump-\(UUID().uuidString)"
    defer { unlink(path) }
    func write(_ text: String) -> Result<String, StatusError> {
      DumpFile.write(Dump(path: path, usualName: "x", amount: "3 jobs") { text })
    }
    #expect(try write("one").get().hasPrefix("3 jobs: written to /"))
    #expect(throws: StatusError.badRequest("\(path) is there already: name another file")) { try write("two").get() }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "one")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let lost = DumpFile.write(Dump(path: path + "/none/x", usualName: "x", amount: "") { "" })
    #expect(throws: StatusError.self) { try lost.get() }
  }
}

extension Driver {
  /// What was asked for, without the directories that completion wants to see.
  fileprivate mutating func commandsButListings() -> [Command] {
    takeCommands().filter { if case .listDirectory = $0 { false } else { true } }
  }
}
