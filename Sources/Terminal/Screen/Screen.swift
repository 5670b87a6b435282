import CNcurses
import CLinux
import Glibc

/// The terminal, taken over for a full-screen program.
///
/// ncurses draws, and sends only what differs from what the terminal shows. Input is read and decoded here. The
/// terminal is put back when the value goes away, when the process crashes, exits or is ended by a second signal.
/// There is at most one at a time; use it from one thread, except for its ``waker``.
///
/// What the process writes to standard error meanwhile would destroy the picture; it is kept back, and the last
/// 16 KiB are shown when the terminal is back.
public struct Screen: ~Copyable {
  /// What the terminal is taken over with.
  public struct Options: Hashable, Sendable {
    /// Report mouse buttons and the wheel. The terminal's own selection needs Shift then.
    public var mouse: Bool
    /// Keep back standard error while the screen is shown.
    public var capturesStandardError: Bool
    /// Ctrl-Z stops the program, as it does elsewhere; if not, it is a key like any other.
    public var stopsOnControlZ: Bool

    /// Ask the terminal for the colour of its ground, now and whenever it is taken back; it may answer with a
    /// ``TerminalEvent/background(isLight:)``.
    public var asksForBackground: Bool

    /// Creates options; by default, everything is on.
    public init(
      mouse: Bool = true, capturesStandardError: Bool = true, stopsOnControlZ: Bool = true,
      asksForBackground: Bool = true
    ) {
      self.mouse = mouse
      self.capturesStandardError = capturesStandardError
      self.stopsOnControlZ = stopsOnControlZ
      self.asksForBackground = asksForBackground
    }
  }

  /// The terminal's size in cells, at most 2,048 each; may be another after a resize and after another program had it.
  public private(set) var size: Size
  /// How many colours the terminal shows.
  public var depth: ColorDepth { painter.depth }
  /// Whether the terminal's ground is light, as far as the environment says (`COLORFGBG`).
  public let isLight: Bool?
  /// Wakes ``nextEvents(timeout:)`` from other threads.
  public let waker: Waker

  let options: Options
  var decoder: InputDecoder
  var inputIsClosed = false
  private var painter: Painter
  private var shown: Canvas?
  /// Whether clicks and the wheel are events; if not, the terminal selects text as usual.
  public var usesMouse: Bool {
    didSet { if usesMouse != oldValue { cnc_send(usesMouse ? mouseOn : mouseOff) } }
  }
  private let mouseOn: String
  private let mouseOff: String
  private let modesOn: String
  /// Those of the mouse too, which may have been switched on meanwhile.
  private let modesOff: String
  private let isSynchronized: Bool

  /// Takes over the terminal behind standard input and output.
  ///
  /// - Throws: ``ScreenError``; the terminal is as it was then.
  public init(options: Options = Options()) throws(ScreenError) {
    let setup = try ScreenSetup(options: options)
    self.options = options
    waker = setup.waker
    isLight = setup.isLight
    decoder = setup.decoder
    painter = setup.painter
    usesMouse = options.mouse
    mouseOn = setup.mouseOn
    mouseOff = setup.mouseOff
    modesOn = setup.modesOn
    modesOff = setup.modesOff
    isSynchronized = setup.isANSI
    size = Size(columns: 80, rows: 24)
    updateSize()
    sendModes()
  }

  deinit {
    cnc_send(modesOff)
    cnc_finish()
    csystem_terminal_close()
  }

  /// Shows a canvas: what differs from the one before goes to the terminal as one frame, and nothing if none does.
  ///
  /// The part that fits is shown when the canvas is larger than the screen; blanks around it when it is smaller.
  public mutating func draw(_ canvas: Canvas, theme: Theme) {
    let newTheme = painter.use(theme)
    if !newTheme, let shown, shown == canvas { return }
    let old = newTheme || shown?.size != canvas.size ? nil : shown
    let rows = min(canvas.size.rows, size.rows)
    if old == nil, canvas.size.columns < size.columns || canvas.size.rows < size.rows {
      let blank = Canvas(size: size)
      for row in 0..<size.rows { painter.paint(row: row, of: blank, changedFrom: nil, columns: size.columns) }
    }
    for row in 0..<rows { painter.paint(row: row, of: canvas, changedFrom: old, columns: size.columns) }
    let cursor = canvas.cursor.flatMap { Rect(origin: .zero, size: size).contains($0) ? $0 : nil }
    cnc_show(Int32(cursor?.row ?? -1), Int32(cursor?.column ?? 0), isSynchronized ? 1 : 0)
    shown = canvas
  }

  /// Makes the next ``draw(_:theme:)`` send everything, in case something else has written to the terminal.
  public mutating func redraw() {
    shown = nil
    cnc_redraw_all()
  }

  /// Sounds the terminal's bell, or flashes it where there is none.
  public func beep() {
    cnc_beep()
  }

  /// Gives the terminal to another program, an editor for instance, while `body` runs, and takes it back after.
  ///
  /// Keyboard signals (Ctrl-C, Ctrl-\, Ctrl-Z) are for that program meanwhile. Afterwards the last picture is
  /// back; draw again if ``size`` has changed.
  public mutating func suspendForChild<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    leave(forChild: true)
    defer { enter() }
    return try body()
  }

  /// Runs another full-screen program, an editor for instance, and waits until it has ended.
  ///
  /// - Parameter arguments: the program, looked for in `PATH`, and its arguments.
  /// - Returns: its exit status; 128 and the signal's number when a signal ended it.
  /// - Throws: ``ScreenError/system(action:code:)`` when it can't be started.
  public mutating func run(_ arguments: [String]) throws(ScreenError) -> Int32 {
    try suspendForChild { () throws(ScreenError) in try ChildProcess.run(arguments) }
  }

  /// Stops the program as the terminal's driver does on Ctrl-Z, until it is continued.
  public mutating func stop() {
    leave(forChild: false)
    csystem_terminal_stop()
    enter()
  }

  private func leave(forChild: Bool) {
    cnc_send(modesOff)
    cnc_leave()
    csystem_terminal_release(forChild ? 1 : 0)
  }

  /// After a stop that nobody announced: ncurses believes that its modes are still set.
  mutating func retakeModes() {
    cnc_leave()
    enter()
  }

  private mutating func enter() {
    csystem_terminal_retake()
    updateSize()
    decoder = decoder.fresh()
    shown = nil
    cnc_redraw_all()
    // ncurses switches the terminal's modes back with its next frame.
    cnc_show(-1, 0, 0)
    sendModes()
  }

  private func sendModes() { cnc_send(modesOn + (usesMouse ? mouseOn : "")) }

  /// Asks the terminal for its size. True when it has changed.
  @discardableResult
  mutating func updateSize() -> Bool {
    var columns: Int32 = 0
    var rows: Int32 = 0
    let before = size
    if csystem_terminal_size(STDOUT_FILENO, &columns, &rows) == 0 {
      // A terminal of absurd size costs time and memory, not safety.
      cnc_resize(min(rows, 2048), min(columns, 2048))
    }
    cnc_size(&rows, &columns)
    size = Size(columns: Int(columns), rows: Int(rows))
    if size != before { shown = nil }
    return size != before
  }
}
