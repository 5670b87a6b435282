import Terminal
import Testing

@testable import Dashboard

/// What is explained where it is met for the first time.
struct TipTests {
  private static let all = Set(Tip.all.map(\.name))

  @Test func eachIsGivenOnceAndGoesWhenItWasRead() {
    var driver = Driver(newTips: Self.all)
    #expect(driver.takeCommands() == [.remember(tip: "start")])
    #expect(driver.screen.contains("? all keys, : commands"))
    driver.press("j")
    #expect(driver.screen.contains("? all keys"))
    driver.pass(.seconds(2))
    driver.press("j")
    #expect(!driver.screen.contains("? all keys"))
    driver.select("nightly-backup")
    driver.press("w")
    let commands = driver.takeCommands()
    #expect(!commands.contains(.remember(tip: "start")))
    driver.press("esc")
    #expect(driver.takeCommands().contains(.remember(tip: "failed")))
  }

  @Test func theyNameTheKeysOfTheSettings() {
    let (settings, _) = SettingsTests.read("keys: { help: f1, command: none }")
    var driver = Driver(settings: settings, newTips: ["start"])
    #expect(driver.screen.contains("F1 all keys, :command commands"))
  }

  @Test func theyCanBeTurnedOff() {
    let (settings, _) = SettingsTests.read("hints: false")
    var driver = Driver(settings: settings, newTips: Self.all)
    driver.press("space")
    #expect(driver.takeCommands().isEmpty && !driver.screen.contains("Welcome"))
    // Also the one that is shown.
    var other = Driver(newTips: Self.all)
    #expect(other.screen.contains("Welcome"))
    other.send(.settings(settings, []))
    other.pass(.seconds(2))
    other.press("j j")
    #expect(!other.screen.contains("Welcome"))
  }

  @Test func theyNameActionsThatThereAre() {
    let names = Set(Action.all.map(\.name))
    for tip in Tip.all {
      for part in tip.text.split(separator: "{").dropFirst() {
        #expect(names.contains(String(part.prefix { $0 != "}" })), "\(tip.name)")
      }
    }
  }
}
