import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// A dashboard under test: takes keys as text, collects commands, draws.
struct Driver {
  var dashboard: Dashboard
  var size: Size
  private(set) var commands: [Command] = []
  private var now = Fixture.now

  init(
    _ fixture: Fixture = .full, size: Size = Size(columns: 120, rows: 40), isReadOnly: Bool = false,
    settings: Settings = Settings(), newTips: Set<String> = [], localOffset: Int = 0
  ) {
    dashboard = Dashboard(
      Dashboard.Options(
        isReadOnly: isReadOnly, newTips: newTips, settings: settings, localOffset: { _ in localOffset }))
    self.size = size
    send(.tick(now))
    send(.info(ClusterInfo(flavor: .embedded, location: "~/.local/state/jobdeck")))
    send(.changes(fixture.changes))
    send(.usage(fixture.clusterUsage))
    _ = screen
  }

  mutating func send(_ event: DashboardEvent) { commands += dashboard.handle(event) }

  /// Presses keys, written with blanks between them: `"j j ctrl-d y"`.
  mutating func press(_ keys: String) {
    for word in keys.split(separator: " ") {
      guard let key = Key(parsing: String(word)) else {
        Issue.record("no such key: \(word)")
        return
      }
      send(.terminal(.key(key)))
      _ = dashboard.render(size)
    }
  }

  mutating func type(_ text: String) {
    for character in text { send(.terminal(.key(Key(character)))) }
  }

  mutating func pass(_ time: Duration) {
    now = now + time
    send(.tick(now))
  }

  /// Takes in settings as if their files had changed.
  mutating func use(_ texts: [SettingsFile: String]) {
    let (settings, problems) = Settings.read(texts)
    send(.settings(settings, problems))
    pass(.seconds(3))
    if problems.isEmpty { press("j k") }
  }

  /// Carries out what was asked for, each with success.
  mutating func answerAll(_ result: (Command) -> Result<KubeObject?, StatusError> = { _ in .success(nil) }) {
    let asked = commands
    commands = []
    for command in asked {
      switch command {
      case .create(let id, let object, _): send(.finished(id, self.result(result(command), object)))
      case .update(let id, let object): send(.finished(id, self.result(result(command), object)))
      case .patch(let id, _, _), .delete(let id, _, _), .evict(let id, _), .setNodeFailed(let id, _, _):
        send(.finished(id, result(command)))
      default: break
      }
    }
  }

  private func result(
    _ result: Result<KubeObject?, StatusError>, _ object: KubeObject
  ) -> Result<KubeObject?, StatusError> {
    if case .success(nil) = result { return .success(object) }
    return result
  }

  mutating func takeCommands() -> [Command] {
    defer { commands = [] }
    return commands
  }

  /// The screen as text.
  var screen: String {
    mutating get { dashboard.render(size).plainText() }
  }

  mutating func select(_ name: String) {
    dashboard.updatePage()
    guard let item = dashboard.table?.order.items.first(where: { $0.name == name }) else {
      Issue.record("no row \(name)")
      return
    }
    dashboard.withTable { $0.select(id: item.id) }
  }

  var selectedName: String? { dashboard.selectedItem?.name }

  var rows: [String] {
    mutating get {
      dashboard.updatePage()
      return dashboard.table?.order.items.map(\.name) ?? []
    }
  }
}

extension Driver {
  /// The page that `w` opens on an object.
  static func why(_ name: String, _ fixture: Fixture, in view: String, size: Size) -> Driver {
    var driver = Driver(fixture, size: size)
    driver.press(":")
    driver.type(view)
    driver.press("enter")
    driver.select(name)
    driver.press("w")
    return driver
  }

  /// A form with a command and a name, `Bad_Name`, that the cluster has refused; the cursor is behind it.
  static func withRefusedName() -> Driver {
    var driver = Driver()
    driver.press("n")
    driver.type("true")
    driver.press("tab")
    driver.type("Bad_Name")
    driver.press("tab")
    let error = StatusError.invalid(
      .job, name: "Bad_Name",
      [FieldError(type: "FieldValueInvalid", field: "metadata.name", body: "Invalid value: \"Bad_Name\"")])
    driver.answerAll { _ in .failure(error) }
    return driver
  }
}
