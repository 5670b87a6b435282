internal import KubeModel
internal import Terminal

/// The loop of the thread that reads lines and writes lines, in place of the one that draws.
struct PlainLoop {
  let mailbox: Mailbox
  let options: DashboardApp.Options
  /// Takes the commands that the cluster carries out.
  let carryOut: @Sendable ([Command]) -> Void

  /// What is said first: why there is no screen, where one was expected.
  var note: String?

  private static let prompt = "jobdeck> "

  /// Runs until the mailbox is finished. Blocks its thread.
  ///
  /// - Returns: the signal that asked the program to end; 0 where the user left.
  func run() throws(ScreenError) -> Int32 {
    var terminal = try LineTerminal()
    mailbox.open(terminal.waker)
    var start = options.dashboard
    // Tips speak of keys and pages.
    start.newTips = []
    var session = PlainSession(Dashboard(start))
    var signal: Int32 = 0
    var isGreeted = false
    var commands: [Command] = []

    func tick() { _ = session.take(.tick(options.now())) }
    tick()
    if !options.reading.problems.isEmpty {
      _ = session.take(.settings(options.reading.settings, options.reading.problems))
    }
    terminal.write(((note.map { [$0] } ?? []) + PlainSession.greeting + [""]).joined(separator: "\n"))
    while true {
      // What is typed before there is anything to look at waits.
      let events = terminal.nextEvents(timeout: nil, reads: isGreeted)
      let delivery = mailbox.take(rearm: true)
      tick()
      if delivery.isReset { commands += session.take(.snapshotReset) }
      if !delivery.changes.isEmpty { commands += session.take(.changes(delivery.changes)) }
      for event in delivery.events { commands += session.take(event) }
      tell(&session, terminal, afterPrompt: isGreeted)
      if delivery.isFinished {
        if let memory = session.dashboard.memoryAtEnd { options.memory?.keep(memory) }
        return signal
      }
      if !isGreeted, session.isReady {
        isGreeted = true
        commands += session.answer("")
        tell(&session, terminal, afterPrompt: false)
      }
      for event in events {
        switch event {
        case .line(let text):
          commands += session.answer(text)
          tell(&session, terminal, afterPrompt: false)
        case .end: commands += session.take(.terminal(.hangup))
        case .terminate(let number):
          signal = number
          commands += session.take(.terminal(.terminate(signal: number)))
        case .resumed: terminal.write(Self.prompt)
        case .wake: break
        }
      }
      perform(&commands, on: &terminal, &session)
      if !commands.isEmpty { carryOut(commands) }
      commands = []
    }
  }

  /// Writes what there is to tell, and the prompt behind it.
  private func tell(_ session: inout PlainSession, _ terminal: borrowing LineTerminal, afterPrompt: Bool) {
    let lines = session.takeLines()
    guard !lines.isEmpty || !afterPrompt else { return }
    let isOver = session.dashboard.hasQuit
    terminal.write(
      (afterPrompt ? "\n" : "") + lines.map { $0 + "\n" }.joined() + (isOver || !session.isReady ? "" : Self.prompt))
  }

  /// Carries out what concerns the terminal; leaves the rest in `commands`.
  private func perform(_ commands: inout [Command], on terminal: inout LineTerminal, _ session: inout PlainSession) {
    var rest: [Command] = []
    while !commands.isEmpty {
      let command = commands.removeFirst()
      switch command {
      case .beep: break
      case .keep(let memory): options.memory?.keep(memory)
      // No terminal is known to have a clipboard here: what was to go there can be read and selected.
      case .copy(let text):
        terminal.write(text.split(separator: "\n").map { TextWidth.displayed($0) + "\n" }.joined())
      case .edit(let id, let text, let fileExtension):
        let result = terminal.suspendForChild { Editor.edit(text, fileExtension: fileExtension) }
        commands += session.take(.edited(id, result))
        tell(&session, terminal, afterPrompt: false)
      case .runProgram(let id, let line, inBackground: false):
        let result = terminal.suspendForChild { TerminalProgram.runAndShow(line) }
        commands += session.take(.programEnded(id, result))
        tell(&session, terminal, afterPrompt: false)
      default: rest.append(command)
      }
    }
    commands = rest
  }
}
