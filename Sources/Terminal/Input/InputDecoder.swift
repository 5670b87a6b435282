/// Turns the bytes that a terminal sends into events, whatever way they are cut into pieces.
///
/// A pure state machine: bytes and times go in, events come out. It never fails and never grows: sequences that mean
/// nothing are dropped, and what is kept is bounded by ``pasteLimit``.
public struct InputDecoder: Sendable {
  /// The longest paste that is passed on, in bytes.
  public let pasteLimit: Int

  /// Sequences of this terminal that common ones don't have.
  private let extraSequences: [(bytes: [UInt8], key: Key)]
  private var buffer: [UInt8] = []
  private var mode = Mode.plain
  private var clicks = ClickCounter()

  private enum Mode {
    case plain
    case paste(text: [UInt8], dropped: Int)
    /// Inside a reply of the terminal (OSC, DCS, APC, PM), up to its end; its beginning so far.
    case reply([UInt8])
  }

  private enum Step {
    case event(TerminalEvent?, length: Int)
    case incomplete
  }

  /// - Parameters:
  ///   - sequences: what this terminal's keys send, for those that common terminals send otherwise.
  ///   - pasteLimit: the longest paste that is passed on, in bytes; what is more is dropped and told.
  public init(sequences: [[UInt8]: Key] = [:], pasteLimit: Int = 1 << 20) {
    self.pasteLimit = max(0, pasteLimit)
    var extra: [(bytes: [UInt8], key: Key)] = []
    for (bytes, key) in sequences where !bytes.isEmpty && bytes.count <= 16 {
      var plain = InputDecoder(pasteLimit: 0)
      let known = plain.feed(bytes, milliseconds: 0) + plain.flush()
      // A printable character is never a key of another name, whatever the description says.
      if known != [.key(key)], bytes[0] < 0x20 || bytes.count > 1 { extra.append((bytes, key)) }
    }
    extraSequences = extra.sorted { $0.bytes.count > $1.bytes.count }
  }

  private init(pasteLimit: Int) {
    self.pasteLimit = pasteLimit
    extraSequences = []
  }

  /// A decoder for the same terminal with nothing pending.
  func fresh() -> InputDecoder {
    var copy = self
    copy.buffer = []
    copy.mode = .plain
    copy.clicks = ClickCounter()
    return copy
  }

  /// How long to wait for more bytes before ``flush()``; nil when nothing is pending.
  ///
  /// 25 ms after an Escape, which may be the key or the start of a sequence; a second in a paste, whose end may be lost.
  public var pendingTimeout: Duration? {
    switch mode {
    case .plain: buffer.isEmpty ? nil : .milliseconds(25)
    case .paste, .reply: .seconds(1)
    }
  }

  /// The events that are complete with these bytes.
  ///
  /// - Parameter milliseconds: when they came, on any clock that doesn't go back; tells double clicks.
  public mutating func feed(_ bytes: some Sequence<UInt8>, milliseconds: Int64) -> [TerminalEvent] {
    buffer.append(contentsOf: bytes)
    var events: [TerminalEvent] = []
    var position = 0
    while position < buffer.count {
      switch mode {
      case .plain:
        guard case .event(let event, let length) = step(buffer[position...]) else { break }
        position += length
        if let event { events.append(clicks.counted(event, milliseconds: milliseconds)) }
        continue
      case .paste:
        guard let length = stepInPaste(buffer[position...], events: &events) else { break }
        position += length
        continue
      case .reply:
        guard let length = stepInReply(buffer[position...], events: &events) else { break }
        position += length
        continue
      }
      break
    }
    buffer.removeFirst(position)
    return events
  }

  /// Ends what is pending, because nothing followed in time: an Escape becomes the key, half a sequence is dropped, a
  /// paste ends.
  public mutating func flush() -> [TerminalEvent] {
    defer {
      buffer = []
      mode = .plain
    }
    switch mode {
    case .paste(let text, let dropped): return Self.pasteEvents(text + buffer.prefix(pasteLimit), dropped: dropped)
    case .reply: return []
    case .plain: break
    }
    switch buffer.count {
    case 0: return []
    case 1 where buffer[0] == 0x1B: return [.key(Key(.escape))]
    case 2 where buffer == [0x1B, 0x1B]: return [.key(Key(.escape)), .key(Key(.escape))]
    case 2 where buffer[0] == 0x1B && buffer[1] < 0x80:
      return [.key(Key(Character(Unicode.Scalar(buffer[1])), modifiers: .alt))]
    default: return []
    }
  }

  // MARK: One event

  private mutating func step(_ bytes: ArraySlice<UInt8>) -> Step {
    guard let first = bytes.first else { return .incomplete }
    for (sequence, key) in extraSequences where sequence[0] == first {
      if bytes.starts(with: sequence) { return .event(.key(key), length: sequence.count) }
      if sequence.starts(with: bytes) { return .incomplete }
    }
    switch first {
    case 0x1B: return stepAfterEscape(bytes)
    case ..<0x20, 0x7F: return .event(.key(KeySequences.control(first)), length: 1)
    case ..<0x80: return .event(.key(Key(Character(Unicode.Scalar(first)))), length: 1)
    default: return stepUTF8(bytes)
    }
  }

  private func stepUTF8(_ bytes: ArraySlice<UInt8>) -> Step {
    let start = bytes.startIndex
    let length: Int
    switch bytes[start] {
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF: length = 3
    case 0xF0...0xF4: length = 4
    default: return .event(nil, length: 1)
    }
    for offset in 1..<length {
      guard start + offset < bytes.endIndex else { return .incomplete }
      guard bytes[start + offset] & 0xC0 == 0x80 else { return .event(nil, length: offset) }
    }
    guard let text = String(validating: bytes[start..<start + length], as: UTF8.self), let character = text.first,
      let scalar = text.unicodeScalars.first
    else { return .event(nil, length: length) }
    // C1 controls are nothing that a key types.
    return .event(scalar.value < 0xA0 ? nil : .key(Key(character)), length: length)
  }

  private mutating func stepAfterEscape(_ bytes: ArraySlice<UInt8>) -> Step {
    let start = bytes.startIndex
    guard bytes.count > 1 else { return .incomplete }
    switch bytes[start + 1] {
    case UInt8(ascii: "["): return stepCSI(bytes)
    case UInt8(ascii: "O"): return stepSS3(bytes)
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
      // With nothing behind it, it is the key with Alt.
      guard bytes.count > 2 else { return .incomplete }
      mode = .reply([])
      return .event(nil, length: 2)
    case 0x1B:
      // rxvt sends keys with Alt as an Escape before their sequence; else it is the key, pressed twice.
      guard bytes.count > 2 else { return .incomplete }
      guard bytes[start + 2] == UInt8(ascii: "[") || bytes[start + 2] == UInt8(ascii: "O") else {
        return .event(.key(Key(.escape)), length: 1)
      }
    default: break
    }
    switch step(bytes.dropFirst()) {
    case .incomplete: return .incomplete
    case .event(.key(let key), let length):
      // A mark that belongs to the character before it is no key.
      if let mark = key.typed?.unicodeScalars.first, ScalarClass(mark) == .mark {
        return .event(nil, length: length + 1)
      }
      return .event(.key(Key(key.code, modifiers: key.modifiers.union(.alt))), length: length + 1)
    case .event(let event, let length): return .event(event, length: length + 1)
    }
  }

  private func stepSS3(_ bytes: ArraySlice<UInt8>) -> Step {
    // ESC O final, and with a modifier in some old terminals ESC O digit final.
    var position = bytes.startIndex + 2
    var modifiers: Key.Modifiers = []
    guard position < bytes.endIndex else { return .incomplete }
    if (UInt8(ascii: "1")...UInt8(ascii: "8")).contains(bytes[position]) {
      modifiers = KeySequences.modifiers(Int(bytes[position] - UInt8(ascii: "0")))
      position += 1
      guard position < bytes.endIndex else { return .incomplete }
    }
    let final = bytes[position]
    // Not a sequence: what follows is read for itself.
    guard final >= 0x20, final < 0x7F else { return .event(nil, length: position - bytes.startIndex) }
    let length = position + 1 - bytes.startIndex
    if (UInt8(ascii: "a")...UInt8(ascii: "d")).contains(final), let code = KeySequences.lettered(final - 0x20) {
      return .event(.key(Key(code, modifiers: modifiers.union(.control))), length: length)
    }
    let code = KeySequences.lettered(final) ?? KeySequences.keypad(final)
    return .event(code.map { .key(Key($0, modifiers: modifiers)) }, length: length)
  }

  private mutating func stepCSI(_ bytes: ArraySlice<UInt8>) -> Step {
    let start = bytes.startIndex
    var position = start + 2
    if position < bytes.endIndex, bytes[position] == UInt8(ascii: "[") {
      // The Linux console: ESC [ [ A … E are F1 … F5.
      guard position + 1 < bytes.endIndex else { return .incomplete }
      let letter = bytes[position + 1]
      guard (UInt8(ascii: "A")...UInt8(ascii: "E")).contains(letter) else { return .event(nil, length: 3) }
      return .event(.key(Key(.function(Int(letter) - 0x40))), length: 4)
    }
    while position < bytes.endIndex, (0x20..<0x40).contains(bytes[position]), position - start < 64 {
      // `$` also ends rxvt's sequences of keys with Shift.
      if bytes[position] == UInt8(ascii: "$"), position > start + 2, bytes[start + 2] < 0x3A { break }
      position += 1
    }
    guard position < bytes.endIndex else { return .incomplete }
    let final = bytes[position]
    let parameters = bytes[start + 2..<position]
    let length = position + 1 - start
    if final < 0x20 || final >= 0x7F || position - start >= 64 {
      // Broken off: what stands here is read for itself.
      return .event(nil, length: position - start)
    }
    if final == UInt8(ascii: "M"), parameters.isEmpty {
      // A mouse report of the oldest kind, three bytes long; not asked for.
      return bytes.count < 6 ? .incomplete : .event(nil, length: 6)
    }
    if parameters.first == UInt8(ascii: "<") {
      return .event(MouseReport.event(parameters.dropFirst(), final: final), length: length)
    }
    if final == UInt8(ascii: "~"), parameters.elementsEqual("200".utf8) {
      mode = .paste(text: [], dropped: 0)
      return .event(nil, length: length)
    }
    return .event(Self.key(parameters, final: final).map(TerminalEvent.key), length: length)
  }

  private static func key(_ parameters: ArraySlice<UInt8>, final: UInt8) -> Key? {
    let numbers = MouseReport.numbers(parameters)
    guard let numbers else { return nil }
    let modifiers = KeySequences.modifiers(numbers.count > 1 ? numbers[1] : 1)
    switch final {
    case UInt8(ascii: "~") where numbers.count == 3 && numbers[0] == 27:
      return KeySequences.coded(numbers[2], modifiers: modifiers)
    case UInt8(ascii: "~"):
      return numbers.first.flatMap(KeySequences.numbered).map { Key($0, modifiers: modifiers) }
    case UInt8(ascii: "$"):
      return numbers.first.flatMap(KeySequences.numbered).map { Key($0, modifiers: .shift) }
    case UInt8(ascii: "^"):
      return numbers.first.flatMap(KeySequences.numbered).map { Key($0, modifiers: .control) }
    case UInt8(ascii: "@"):
      return numbers.first.flatMap(KeySequences.numbered).map { Key($0, modifiers: [.control, .shift]) }
    case UInt8(ascii: "u"):
      return numbers.first.flatMap { KeySequences.coded($0, modifiers: modifiers) }
    case UInt8(ascii: "a")...UInt8(ascii: "d") where numbers.isEmpty:
      return KeySequences.lettered(final - 0x20).map { Key($0, modifiers: .shift) }
    case UInt8(ascii: "R") where numbers.first != 1 && !numbers.isEmpty:
      return nil  // the position of the cursor
    default:
      return KeySequences.lettered(final).map { Key($0, modifiers: modifiers) }
    }
  }

  // MARK: Longer modes

  /// Returns how many bytes were used, nil when the rest must wait for more.
  private mutating func stepInPaste(_ bytes: ArraySlice<UInt8>, events: inout [TerminalEvent]) -> Int? {
    guard case .paste(var text, var dropped) = mode else { return nil }
    let end = Array("\u{1B}[201~".utf8)
    // Taken out of the mode while it is changed, so that it is changed in place.
    mode = .plain
    func keep(_ piece: ArraySlice<UInt8>) {
      let room = max(0, pasteLimit - text.count)
      text.append(contentsOf: piece.prefix(room))
      dropped += max(0, piece.count - room)
    }
    let escape = bytes.firstIndex(of: 0x1B) ?? bytes.endIndex
    if escape > bytes.startIndex {
      keep(bytes[..<escape])
      mode = .paste(text: text, dropped: dropped)
      return escape - bytes.startIndex
    }
    if bytes.starts(with: end) {
      events += Self.pasteEvents(text, dropped: dropped)
      return end.count
    }
    if end.starts(with: bytes) {
      mode = .paste(text: text, dropped: dropped)
      return nil
    }
    // An Escape inside the paste is part of it, for now; it is left out of the text.
    keep(bytes.prefix(1))
    mode = .paste(text: text, dropped: dropped)
    return 1
  }

  private static func pasteEvents(_ bytes: [UInt8], dropped: Int) -> [TerminalEvent] {
    var scalars = String.UnicodeScalarView()
    var afterReturn = false
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\r": scalars.append("\n")
      case "\n": if !afterReturn { scalars.append("\n") }
      case "\t": scalars.append(scalar)
      default:
        if scalar.properties.generalCategory != .control { scalars.append(scalar) }
      }
      afterReturn = scalar == "\r"
    }
    let paste = TerminalEvent.paste(String(scalars))
    return dropped > 0 ? [paste, .pasteTruncated(droppedBytes: dropped)] : [paste]
  }

  /// Takes bytes up to BEL or ESC \, and returns how many. Any other control ends the reply too, and is read for itself.
  private mutating func stepInReply(_ bytes: ArraySlice<UInt8>, events: inout [TerminalEvent]) -> Int? {
    guard case .reply(var text) = mode else { return nil }
    let end = bytes.firstIndex { $0 < 0x20 } ?? bytes.endIndex
    let length = end - bytes.startIndex
    // No reply that is understood is longer.
    text += bytes[..<end].prefix(64 - text.count)
    mode = .reply(text)
    if end == bytes.endIndex { return length }
    if bytes[end] == 0x1B, end + 1 == bytes.endIndex { return length > 0 ? length : nil }
    mode = .plain
    let isBell = bytes[end] == 0x07
    guard isBell || bytes[end] == 0x1B && bytes[end + 1] == UInt8(ascii: "\\") else { return length }
    if let isLight = TerminalBackground.isLight(reply: text) { events.append(.background(isLight: isLight)) }
    return length + (isBell ? 1 : 2)
  }
}
