internal import Glibc
internal import KubeModel
internal import Terminal

/// The loop of the thread that owns the screen: waits for events, hands them to the dashboard, draws.
struct ScreenLoop {
  let mailbox: Mailbox
  let options: DashboardApp.Options
  /// Takes the commands that the cluster carries out.
  let carryOut: @Sendable ([Command]) -> Void

  /// Frames come at most this often while only the cluster changes; a key is answered at once.
  private static let frameTime = Duration.milliseconds(16)
  /// Changes are taken in slices, so that a large snapshot does not keep a key waiting.
  private static let slice = 4096

  /// Runs until the mailbox is finished. Blocks its thread.
  ///
  /// - Returns: the signal that asked the program to end; 0 where the user left.
  func run() throws(ScreenError) -> Int32 {
    var screen = try Screen()
    mailbox.open(screen.waker)
    var dashboard = Dashboard(options.dashboard)
    let clock = ContinuousClock()
    var lastFrame = clock.now - .seconds(1)
    var isDirty = true
    var backlog: [Change] = []
    var signal: Int32 = 0
    _ = dashboard.handle(.tick(options.now()))
    if let isLight = screen.isLight { _ = dashboard.handle(.terminal(.background(isLight: isLight))) }
    if !options.reading.problems.isEmpty {
      _ = dashboard.handle(.settings(options.reading.settings, options.reading.problems))
    }

    while true {
      if isDirty, clock.now - lastFrame >= Self.frameTime {
        screen.usesMouse = dashboard.settings.usesMouse
        screen.draw(dashboard.render(screen.size), theme: dashboard.theme)
        lastFrame = clock.now
        isDirty = false
      }
      let events = screen.nextEvents(timeout: timeout(isDirty, backlog.isEmpty, dashboard, lastFrame, clock))
      let delivery = mailbox.take(rearm: true)
      if delivery.isFinished {
        if let memory = dashboard.memoryAtEnd { options.memory?.keep(memory) }
        return signal
      }
      var commands = dashboard.handle(.tick(options.now()))
      if delivery.isReset {
        backlog = []
        commands += dashboard.handle(.snapshotReset)
      }
      backlog += delivery.changes
      if !backlog.isEmpty {
        let part = Array(backlog.prefix(Self.slice))
        backlog.removeFirst(part.count)
        commands += dashboard.handle(.changes(part))
      }
      for event in delivery.events { commands += dashboard.handle(event) }
      for event in events {
        if event == .key("ctrl-l") { screen.redraw() }
        if event == .wake { continue }
        if case .terminate(let number) = event { signal = number }
        // A key is answered with a frame at once, however many changes come.
        lastFrame = clock.now - Self.frameTime
        isDirty = true
        commands += dashboard.handle(.terminal(event))
      }
      if !delivery.isEmpty || events.isEmpty { isDirty = true }
      perform(&commands, on: &screen, &dashboard)
      if !commands.isEmpty { carryOut(commands) }
    }
  }

  private func timeout(
    _ isDirty: Bool, _ isDone: Bool, _ dashboard: Dashboard, _ lastFrame: ContinuousClock.Instant,
    _ clock: ContinuousClock
  ) -> Duration? {
    if !isDone { return .zero }
    if isDirty { return max(.zero, Self.frameTime - (clock.now - lastFrame)) }
    guard dashboard.showsTime else { return nil }
    // At the turn of the second, so that what counts seconds doesn't skip one.
    let interval = dashboard.settings.clockInterval.inMicroseconds
    return .microseconds(interval - options.now().microseconds % interval + 2_000)
  }

  /// Carries out what concerns the terminal; leaves the rest in `commands`.
  private func perform(_ commands: inout [Command], on screen: inout Screen, _ dashboard: inout Dashboard) {
    var rest: [Command] = []
    while !commands.isEmpty {
      let command = commands.removeFirst()
      switch command {
      case .beep: screen.beep()
      case .keep(let memory): options.memory?.keep(memory)
      case .copy(let text): Clipboard.copy(text)
      case .edit(let id, let text, let fileExtension):
        let result = screen.suspendForChild { Editor.edit(text, fileExtension: fileExtension) }
        commands += dashboard.handle(.tick(options.now()))
        commands += dashboard.handle(.terminal(.resize(screen.size)))
        commands += dashboard.handle(.edited(id, result))
      case .runProgram(let id, let line, inBackground: false):
        let result = screen.suspendForChild { TerminalProgram.runAndShow(line) }
        commands += dashboard.handle(.tick(options.now()))
        commands += dashboard.handle(.terminal(.resize(screen.size)))
        commands += dashboard.handle(.programEnded(id, result))
      default: rest.append(command)
      }
    }
    commands = rest
  }
}

/// The clipboard of the user's terminal, wherever that runs: OSC 52.
enum Clipboard {
  /// What tells a terminal to take a text.
  static func sequence(_ text: String) -> String { "\u{1B}]52;c;\(base64Encoded(Array(text.utf8)))\u{07}" }

  static func copy(_ text: String) {
    let bytes = Array(sequence(text).utf8)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      // A terminal that takes nothing more gets no more.
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }
}
