import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// Which match of how many is shown, and that it is in view.
struct LogCountTests {
  private func driver(_ size: Size = Size(columns: 100, rows: 24)) -> Driver {
    var fixture = Fixture()
    let job = fixture.job("load", .init(age: 600, succeeded: 1, verdict: ("Complete", "", "", 20)))
    fixture.pod("aaaaa", of: job, .init(phase: .succeeded, age: 600, finished: 20, exit: 0))
    return Driver(fixture, size: size)
  }

  private func fake(_ lines: [String: [LogLine]], running: Set<String> = []) -> FakeLogs {
    var logs = FakeLogs()
    (logs.lines, logs.running) = (lines, running)
    return logs
  }

  private func facts(_ driver: inout Driver) -> String {
    driver.screen.split(separator: "\n").first { $0.contains("› Log of") }.map(String.init) ?? ""
  }

  private func find(_ text: String, _ driver: inout Driver) {
    driver.press("/")
    driver.type(text)
    driver.press("enter")
  }

  @Test func ofALogInMemoryAllIsKnownAtOnce() {
    var driver = driver()
    var logs = fake(["load-aaaaa": FakeLogs.lines((0..<200).map { $0 % 5 == 2 ? "a match" : "line \($0)" })])
    driver.press("l")
    logs.serve(&driver)
    driver.press("g")
    find("match", &driver)
    #expect(facts(&driver).contains("/match  match 1 of 40 "))
    driver.press("n n")
    #expect(facts(&driver).contains("match 3 of 40 "))
    driver.press("N")
    #expect(facts(&driver).contains("match 2 of 40 "))
    driver.press("esc")
    #expect(!facts(&driver).contains("match"))
  }

  /// Beyond what is in memory it is counted part by part, and said that there may be more.
  @Test func ofALongLogItIsCountedByAndBy() {
    var driver = driver()
    let texts = (0..<65_000).map { $0 % 1_000 == 500 ? "a match" : "line \($0)" }
    var logs = fake(["load-aaaaa": FakeLogs.lines(texts, every: 0)])
    driver.press("l")
    logs.serve(&driver)
    find("match", &driver)
    #expect(facts(&driver).contains("+ matches"), "\(facts(&driver))")
    // One part after the other, none of which holds the screen.
    logs.serve(&driver, limit: 2)
    #expect(facts(&driver).contains("+ matches"), "\(facts(&driver))")
    logs.serve(&driver)
    #expect(facts(&driver).contains("match 65 of 65 "), "\(facts(&driver))")
    driver.press("N N")
    logs.serve(&driver)
    #expect(facts(&driver).contains("match 63 of 65 "), "\(facts(&driver))")
    // From the beginning, where what is read is not what was counted.
    driver.press("g")
    logs.serve(&driver)
    find("match", &driver)
    logs.serve(&driver)
    #expect(facts(&driver).contains("match 1 of 65 "), "\(facts(&driver))")
    driver.press("n n")
    logs.serve(&driver)
    #expect(facts(&driver).contains("match 3 of 65 "), "\(facts(&driver))")
    #expect(logs.asked.allSatisfy { ($0.tailLines ?? 0) <= LogPage.tail })
  }

  @Test func whatComesIsCountedToo() {
    var fixture = Fixture()
    let job = fixture.job("load", .init(age: 600, active: 1))
    fixture.pod("aaaaa", of: job, .init(age: 600))
    var driver = Driver(fixture, size: Size(columns: 100, rows: 24))
    var logs = fake(["load-aaaaa": FakeLogs.lines(["one", "a match", "two"])], running: ["load-aaaaa"])
    driver.press("l")
    logs.serve(&driver)
    find("match", &driver)
    #expect(facts(&driver).contains("match 1 of 1 "))
    logs.write(["three", "another match", "match"], pod: "load-aaaaa", &driver)
    #expect(facts(&driver).contains("match 1 of 3 "))
    driver.press("n n")
    #expect(facts(&driver).contains("match 3 of 3 "))
  }

  /// Several logs are one: the number goes by the order on the screen.
  @Test func ofSeveralLogs() {
    var fixture = Fixture()
    let job = fixture.job("load", .init(parallelism: 2, age: 600, active: 2))
    for pod in ["aaaaa", "bbbbb"] { fixture.pod(pod, of: job, .init(age: 600)) }
    var driver = Driver(fixture, size: Size(columns: 100, rows: 24))
    var logs = fake([
      "load-aaaaa": FakeLogs.lines(["match a", "x", "match b", "y"], end: 0, every: 10),
      "load-bbbbb": FakeLogs.lines(["u", "match c", "v", "match d"], end: 5, every: 10),
    ])
    driver.press("l")
    logs.serve(&driver)
    driver.press("g")
    find("match", &driver)
    for number in 1...4 {
      #expect(facts(&driver).contains("match \(number) of 4 "), "\(driver.screen)")
      driver.press("n")
    }
  }

  @Test func aMatchBeyondTheEdgeComesIntoView() {
    var driver = driver(Size(columns: 80, rows: 24))
    let long = String(repeating: "x", count: 300) + "needle" + String(repeating: "y", count: 100)
    let texts = ["start needle", long, "end"]
    var logs = fake(["load-aaaaa": FakeLogs.lines(texts)])
    driver.press("l")
    logs.serve(&driver)
    find("needle", &driver)
    #expect(driver.screen.contains("start needle"))
    driver.press("n")
    #expect(driver.screen.contains("xneedley"), "\(driver.screen)")
    // Back at the left edge where that is enough.
    driver.press("N")
    #expect(driver.screen.contains("start needle") && !driver.screen.contains("xneedley"))
    driver.press("w n")
    #expect(driver.screen.contains("needle"))
  }

  /// A broken line may take more than the screen has.
  @Test func aMatchInALongBrokenLineComesIntoView() {
    var driver = driver(Size(columns: 80, rows: 24))
    let long = String(repeating: "x", count: 3_001) + "needle" + String(repeating: "y", count: 3_000)
    var logs = fake(["load-aaaaa": FakeLogs.lines(["first", long, "end"])])
    driver.press("l")
    logs.serve(&driver)
    driver.press("w g")
    find("needle", &driver)
    #expect(driver.screen.contains("needle") && driver.screen.contains("xxxxx"), "\(driver.screen)")
    #expect(driver.screen.split(separator: "\n").contains { $0.contains("needley") || $0.contains("xneedle") })
  }

  @Test func textPagesTellTheNumberToo() {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    driver.select("nightly-backup")
    driver.press("y")
    find("name:", &driver)
    let line = driver.screen.split(separator: "\n").first { $0.contains("› YAML") } ?? ""
    #expect(line.contains("match 1 of "), "\(line)")
    driver.press("n")
    #expect(driver.screen.contains("match 2 of "))
  }
}
