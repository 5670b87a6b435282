/// Mouse reports in xterm's SGR form: `ESC [ < button ; column ; row M` (pressed) or `m` (released).
enum MouseReport {
  static func event(_ parameters: ArraySlice<UInt8>, final: UInt8) -> TerminalEvent? {
    guard let numbers = numbers(parameters), numbers.count == 3, numbers[1] > 0, numbers[2] > 0 else { return nil }
    let isPress = final == UInt8(ascii: "M")
    guard isPress || final == UInt8(ascii: "m") else { return nil }
    let code = numbers[0]
    var modifiers: Key.Modifiers = []
    if code & 4 != 0 { modifiers.insert(.shift) }
    if code & 8 != 0 { modifiers.insert(.alt) }
    if code & 16 != 0 { modifiers.insert(.control) }
    let kind: MouseEvent.Kind
    let button: MouseEvent.Button
    switch code & ~0b11100 {
    case 0, 1, 2:
      kind = isPress ? .press : .release
      button = code & 3 == 0 ? .left : code & 3 == 1 ? .middle : .right
    case 64 where isPress: (kind, button) = (.wheelUp, .none)
    case 65 where isPress: (kind, button) = (.wheelDown, .none)
    default: return nil
    }
    let position = Point(column: numbers[1] - 1, row: numbers[2] - 1)
    return .mouse(MouseEvent(kind: kind, button: button, position: position, modifiers: modifiers))
  }

  /// Numbers between semicolons, each at most 9,999,999 and without sub-parameters; nil when there is anything else.
  static func numbers(_ bytes: ArraySlice<UInt8>) -> [Int]? {
    if bytes.isEmpty { return [] }
    var numbers = [0]
    for byte in bytes {
      switch byte {
      case UInt8(ascii: ";"):
        numbers.append(0)
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let value = numbers[numbers.count - 1] * 10 + Int(byte - UInt8(ascii: "0"))
        guard value < 10_000_000 else { return nil }
        numbers[numbers.count - 1] = value
      default: return nil
      }
    }
    return numbers
  }
}

/// Makes the second of two quick presses a double click.
struct ClickCounter: Sendable {
  static let interval: Int64 = 400

  private var last: (event: MouseEvent, milliseconds: Int64)?

  mutating func counted(_ event: TerminalEvent, milliseconds: Int64) -> TerminalEvent {
    guard case .mouse(var mouse) = event, mouse.kind == .press else { return event }
    if let last, last.event == mouse, milliseconds - last.milliseconds <= Self.interval {
      self.last = nil
      mouse.kind = .doubleClick
      return .mouse(mouse)
    }
    last = (mouse, milliseconds)
    return event
  }
}
