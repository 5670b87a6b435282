internal import Terminal

/// How a program asked for its next characters to look.
struct Pen: Hashable, Sendable {
  var foreground = Color.default
  var background = Color.default
  var attributes: Attributes = []
}

/// What a program wrote, fit to be shown: its text, and how it asked for it to look.
///
/// Colours and other graphic renditions (ECMA-48's SGR) are kept; every other sequence that steers a terminal (cursor
/// moves, titles, links) is taken out. Of what a carriage return began anew only the last is there, as on a terminal.
/// What is not UTF-8 becomes U+FFFD; other controls stay and are drawn as `·`.
struct LogText: Hashable, Sendable {
  /// From an offset in the text's UTF-8 on, this pen is used.
  struct Run: Hashable, Sendable {
    var start: Int
    var pen: Pen
  }

  private(set) var text: String
  /// Ascending; what stands before the first one is plain.
  private(set) var runs: [Run] = []
  /// Its text takes the place of what was on the line before it.
  private(set) var startsOver = false
  /// What comes takes the place of this text: a carriage return came last.
  private(set) var isToBeReplaced = false
  /// The memory that it takes, roughly.
  var size: Int { text.utf8.count + runs.count * MemoryLayout<Run>.stride }

  /// Reads a line, or a piece that goes on where `earlier` ends.
  init(_ bytes: some Collection<UInt8>, after earlier: LogText? = nil) {
    // Nearly all lines are plain.
    if earlier?.isToBeReplaced != true, !bytes.contains(where: { $0 == 0x1B || $0 == 0x0D }) {
      text = String(decoding: bytes, as: UTF8.self)
      return
    }
    var scanner = EscapeScanner(pen: earlier?.runs.last?.pen ?? Pen())
    scanner.bytes.reserveCapacity(bytes.count)
    for byte in bytes { scanner.feed(byte) }
    while scanner.bytes.last == 0x0D {
      scanner.bytes.removeLast()
      isToBeReplaced = true
    }
    if let last = scanner.bytes.lastIndex(of: 0x0D) {
      scanner.removeFirst(last + 1)
      startsOver = true
    } else if earlier?.isToBeReplaced == true, !scanner.bytes.isEmpty {
      scanner.removeFirst(0)
      startsOver = true
    } else if scanner.bytes.isEmpty, earlier?.isToBeReplaced == true {
      isToBeReplaced = true
    }
    // One stretch after the other, because what isn't UTF-8 takes other places when it is replaced.
    var decoded = ""
    var rest = scanner.bytes[...]
    for change in scanner.changes {
      let start = min(change.start, scanner.bytes.count)
      decoded += String(decoding: rest[..<start], as: UTF8.self)
      rest = scanner.bytes[start...]
      runs.append(Run(start: decoded.utf8.count, pen: change.pen))
    }
    text = decoded + String(decoding: rest, as: UTF8.self)
  }

  /// Goes on with another piece of the same line.
  mutating func append(_ piece: LogText) {
    if piece.startsOver {
      self = piece
      return
    }
    isToBeReplaced = piece.isToBeReplaced
    let count = text.utf8.count
    text += piece.text
    runs += piece.runs.map { Run(start: $0.start + count, pen: $0.pen) }
  }

  /// The text in the program's colours; what has none is drawn in `role`.
  func styled(_ role: Role) -> StyledText {
    guard !runs.isEmpty else { return StyledText(text, role) }
    var spans: [Span] = []
    let utf8 = text.utf8
    var start = utf8.startIndex
    var pen = Pen()
    func add(to end: String.Index) {
      guard start < end else { return }
      let isPlain = pen.foreground == .default && pen.background == .default
      let own = isPlain ? role : Role.colored(pen.foreground, on: pen.background)
      spans.append(Span(String(text[start..<end]), own, pen.attributes))
    }
    for run in runs {
      let place = utf8.index(utf8.startIndex, offsetBy: run.start)
      add(to: place)
      (start, pen) = (place, run.pen)
    }
    add(to: utf8.endIndex)
    return StyledText(spans)
  }
}

/// ECMA-48 control sequences, one byte at a time.
private struct EscapeScanner {
  private enum State {
    case text, escape, sequence, string, stringEscape, intermediate
  }

  /// What is left as text.
  var bytes: [UInt8] = []
  /// Where in it another pen is used.
  var changes: [LogText.Run] = []
  private var pen: Pen
  private let first: Pen
  private var state = State.text
  /// What stands between `ESC [` and the last byte.
  private var parameters: [UInt8] = []
  /// Nobody means anything by longer ones.
  private static let longestParameters = 128

  init(pen: Pen) {
    self.pen = pen
    first = pen
  }

  /// Takes out what came first; the pen stays as that left it.
  mutating func removeFirst(_ count: Int) {
    bytes.removeFirst(count)
    let left = changes.last { $0.start <= count }?.pen ?? first
    changes = changes.filter { $0.start > count }.map { LogText.Run(start: $0.start - count, pen: $0.pen) }
    if left != Pen() { changes.insert(LogText.Run(start: 0, pen: left), at: 0) }
  }

  mutating func feed(_ byte: UInt8) {
    switch state {
    case .text:
      if byte == 0x1B { state = .escape } else { bytes.append(byte) }
    case .escape:
      switch byte {
      case UInt8(ascii: "["):
        state = .sequence
        parameters.removeAll(keepingCapacity: true)
      case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
        state = .string
      case 0x20...0x2F: state = .intermediate
      case 0x1B: state = .escape
      default:
        state = .text
        // A lone escape in front of text that isn't ASCII takes nothing of it along.
        if byte >= 0x80 || byte < 0x20 { bytes.append(byte) }
      }
    case .intermediate:
      if byte >= 0x30 { state = .text }
    case .sequence:
      if byte == 0x1B {
        state = .escape
      } else if byte >= 0x40 || byte < 0x20 {
        state = .text
        if byte == UInt8(ascii: "m") { setPen() }
      } else if parameters.count <= Self.longestParameters {
        parameters.append(byte)
      }
    case .string:
      if byte == 0x07 { state = .text } else if byte == 0x1B { state = .stringEscape }
    case .stringEscape:
      state = .text
      if byte != UInt8(ascii: "\\") { feed(byte) }
    }
  }

  private mutating func setPen() {
    guard parameters.count <= Self.longestParameters, pen.apply(parameters) else { return }
    if changes.last?.start == bytes.count { changes.removeLast() }
    changes.append(LogText.Run(start: bytes.count, pen: pen))
  }
}

extension Pen {
  /// Carries out the parameters of one SGR sequence; false if they are those of something else.
  fileprivate mutating func apply(_ parameters: [UInt8]) -> Bool {
    // Others use `m` too, with a mark in front (`ESC [ > 4 m`) or behind.
    let isPlain = parameters.allSatisfy { (0x30...0x3B).contains($0) }
    guard isPlain else { return false }
    // Each with its parts, which are separated by colons: `4:3`, `38:2::255:0:0`.
    var fields = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { field in
      field.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map(Self.number)
    }[...]
    while let field = fields.popFirst() {
      let code = field.first ?? 0
      switch code {
      case 0: self = Pen()
      case 1: attributes.insert(.bold)
      case 2: attributes.insert(.dim)
      case 3: attributes.insert(.italic)
      case 4: if field.dropFirst().first == 0 { attributes.remove(.underline) } else { attributes.insert(.underline) }
      case 7: attributes.insert(.reverse)
      case 21: attributes.insert(.underline)
      case 22: attributes.subtract([.bold, .dim])
      case 23: attributes.remove(.italic)
      case 24: attributes.remove(.underline)
      case 27: attributes.remove(.reverse)
      case 30...37: foreground = .ansi(UInt8(code - 30))
      case 39: foreground = .default
      case 40...47: background = .ansi(UInt8(code - 40))
      case 49: background = .default
      case 90...97: foreground = .ansi(UInt8(code - 82))
      case 100...107: background = .ansi(UInt8(code - 92))
      case 38, 48:
        guard let color = Self.color(field.dropFirst(), &fields) else { return true }
        if code == 38 { foreground = color } else { background = color }
      default: break
      }
    }
    return true
  }

  /// The colour behind 38 or 48: `5;n`, `2;r;g;b`, `5:n`, `2:r:g:b`, `2:space:r:g:b`. Nil where it is broken.
  private static func color(_ parts: ArraySlice<Int>, _ fields: inout ArraySlice<[Int]>) -> Color? {
    var numbers = Array(parts)
    if numbers.isEmpty {
      guard let kind = fields.popFirst()?.first else { return nil }
      let count = kind == 5 ? 1 : kind == 2 ? 3 : 0
      numbers = [kind] + fields.prefix(count).map { $0.first ?? 0 }
      fields = fields.dropFirst(count)
    } else if numbers.first == 2, numbers.count >= 5 {
      numbers.remove(at: 1)
    }
    let values = numbers.dropFirst().map { UInt8(clamping: $0) }
    switch numbers.first {
    case 5 where values.count >= 1: return values[0] < 16 ? .ansi(values[0]) : .indexed(values[0])
    case 2 where values.count >= 3: return .rgb(red: values[0], green: values[1], blue: values[2])
    default: return nil
    }
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int {
    digits.reduce(0) { min($0 * 10 + Int($1 & 0xF), 100_000) }
  }
}
