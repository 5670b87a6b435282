/// Something that the terminal, the system or another thread has to tell the program.
public enum TerminalEvent: Hashable, Sendable {
  /// A key was pressed, or repeated itself.
  case key(Key)
  /// The mouse did something; only where the screen reports it.
  case mouse(MouseEvent)
  /// Text pasted in one piece: line ends are `\n`, other controls except tabs are left out.
  case paste(String)
  /// Follows a ``paste(_:)`` that was longer than the decoder's limit; the number of bytes that were dropped.
  case pasteTruncated(droppedBytes: Int)
  /// The terminal has a new size; the next frame is drawn in full.
  case resize(Size)
  /// A ``Waker`` was used, once or more often.
  case wake
  /// The terminal's answer to the question for the colour of its ground.
  case background(isLight: Bool)
  /// The program was stopped and runs again; the next frame is drawn in full.
  case resumed
  /// The system asks the program to end (SIGTERM, SIGINT, SIGQUIT, SIGHUP): stop what was started and return.
  /// A second such signal restores the terminal and ends the process at once (a repeated SIGHUP doesn't).
  case terminate(signal: Int32)
  /// The terminal has gone; nothing more will come from it.
  case hangup
}

/// A mouse button or wheel at a place of the screen.
public struct MouseEvent: Hashable, Sendable {
  /// What the mouse did.
  public enum Kind: Hashable, Sendable {
    /// A button went down.
    case press
    /// A second press of the same button at the same place, at most 400 ms after the first; comes instead of it.
    case doubleClick
    /// A button came up again.
    case release
    /// One step of the wheel away from the user.
    case wheelUp
    /// One step of the wheel towards the user.
    case wheelDown
  }

  /// Which button it was.
  public enum Button: Hashable, Sendable {
    case left
    case middle
    case right
    /// No button: the wheel turned.
    case none
  }

  /// Steps of the wheel have the button `none`.
  public var kind: Kind
  /// The button that did it; `none` for the wheel.
  public var button: Button
  /// The cell under the pointer.
  public var position: Point
  /// Keys held down meanwhile; most terminals keep Shift for themselves.
  public var modifiers: Key.Modifiers

  /// Creates an event, for tests and decoders.
  public init(kind: Kind, button: Button, position: Point, modifiers: Key.Modifiers = []) {
    self.kind = kind
    self.button = button
    self.position = position
    self.modifiers = modifiers
  }
}
