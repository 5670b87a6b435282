internal import KubeModel
internal import Terminal

/// Reads one file of settings. What is wrong is noted with its place, and the reading goes on.
struct SettingsReader {
  typealias PathElement = ModelDecoder.PathElement

  let file: String
  /// The whole document; null where there is none, or none that can be read.
  let root: JSONValue
  private(set) var problems: [SettingsProblem] = []
  private let document: YAMLDocument?
  private var path: [PathElement] = []

  init(_ text: String, file: String) {
    self.file = file
    do throws(ManifestError) {
      let document = try YAMLDocument(Array(text.utf8), file: file, keepsText: true)
      self.document = document
      root = document.value
    } catch {
      document = nil
      root = .null
      problems = [SettingsProblem(file: file, line: error.line, message: error.message)]
    }
  }

  /// Notes that the value at hand is wrong.
  mutating func complain(_ message: String) {
    let line = document?.error(at: path, message).line
    problems.append(SettingsProblem(file: file, line: line, path: ModelDecoder.text(of: path), message: message))
  }

  /// Reads a value inside the one at hand.
  mutating func at<Result>(_ element: PathElement, _ body: (inout SettingsReader) -> Result) -> Result {
    path.append(element)
    defer { path.removeLast() }
    return body(&self)
  }

  mutating func at<Result>(_ name: String, _ body: (inout SettingsReader) -> Result) -> Result {
    at(.field(name), body)
  }

  // MARK: Mappings and lists

  /// Calls `body` with each member of a mapping; nothing at all is an empty one.
  mutating func members(of value: JSONValue, _ body: (inout SettingsReader, String, JSONValue) -> Void) {
    switch value {
    case .null: break
    case .object(let object):
      for member in object.members { at(member.name) { body(&$0, member.name, member.value) } }
    default: complain("must be a mapping of names to values, not \(kind(of: value))")
    }
  }

  /// The members of a mapping that may have only members of these names.
  mutating func fields(of value: JSONValue, _ names: [String]) -> [String: JSONValue]? {
    guard case .object(let object) = value else {
      complain("must be a mapping (\(names.joined(separator: ", "))), not \(kind(of: value))")
      return nil
    }
    var fields: [String: JSONValue] = [:]
    for member in object.members {
      guard names.contains(member.name) else {
        at(member.name) { $0.complain("there is no such setting" + Suggestion.text(for: member.name, among: names)) }
        continue
      }
      fields[member.name] = member.value
    }
    return fields
  }

  /// What `body` makes of each element; a single text is a list of one.
  mutating func list<Element>(
    of value: JSONValue, _ body: (inout SettingsReader, JSONValue) -> Element?
  ) -> [Element]? {
    switch value {
    case .array(let elements):
      return elements.enumerated().compactMap { index, element in at(.index(index)) { body(&$0, element) } }
    case .string: return body(&self, value).map { [$0] } ?? []
    case .null: return []
    case .object, .bool, .int, .double:
      complain("must be a list, not \(kind(of: value))")
      return nil
    }
  }

  // MARK: Single values

  mutating func text(_ value: JSONValue) -> String? {
    guard case .string(let text) = value, !text.isEmpty else {
      complain("must be a text, not \(kind(of: value))")
      return nil
    }
    return text
  }

  mutating func flag(_ value: JSONValue) -> Bool? {
    switch value.string?.lowercased() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default:
      complain("must be true or false, not \(kind(of: value))")
      return nil
    }
  }

  mutating func number(_ value: JSONValue, in range: ClosedRange<Int>) -> Int? {
    guard let number = value.string.flatMap({ Int($0) }), range.contains(number) else {
      complain("must be a number from \(range.lowerBound) to \(range.upperBound), not \(kind(of: value))")
      return nil
    }
    return number
  }

  /// A duration as `2s` or `1m30s`; a bare number is seconds.
  mutating func duration(_ value: JSONValue, in range: ClosedRange<Duration>) -> Duration? {
    let text = value.string ?? ""
    let duration = text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? text + "s" : text
    guard let found = try? Duration(goText: duration), range.contains(found) else {
      complain(
        "must be a duration from \(humanDuration(range.lowerBound)) to \(humanDuration(range.upperBound)), as 2s, not "
          + kind(of: value))
      return nil
    }
    return found
  }

  /// One of several names, in any case.
  mutating func choice<Choice>(_ value: JSONValue, of what: String, among choices: [(String, Choice)]) -> Choice? {
    guard let text = text(value) else { return nil }
    if let found = choices.first(where: { $0.0 == text.lowercased() }) { return found.1 }
    complain("there is no \(what) '\(text)'" + Suggestion.text(for: text, among: choices.map(\.0)))
    return nil
  }

  mutating func key(_ value: JSONValue) -> Key? {
    guard let text = text(value) else { return nil }
    guard let key = Key(setting: text) else {
      complain("there is no key '\(text)'; keys are written as l, L, ctrl-d, alt-x, f5, space, enter, pgdn")
      return nil
    }
    if let reason = key.whyUnusable ?? Key.whyUnusable(setting: text) {
      complain("\(reason): choose another key")
      return nil
    }
    return key
  }

  /// A value as a message names it.
  private func kind(of value: JSONValue) -> String {
    switch value {
    case .null: "nothing"
    case .string(let text): text.isEmpty ? "an empty text" : "'\(TextWidth.truncate(text, to: 40))'"
    case .array: "a list"
    case .object: "a mapping"
    case .bool, .int, .double: "a \(value.goKind)"
    }
  }
}

extension Key {
  /// A key as people write it in settings. `Shift-1` is what k9s calls the `!` of an American keyboard.
  init?(setting text: String) {
    let parts = text.lowercased().split(separator: "-")
    if parts.count == 2, parts[0] == "shift", let digit = Int(parts[1]), (0...9).contains(digit), parts[1].count == 1 {
      self.init(Array(")!@#$%^&*(")[digit])
    } else {
      self.init(parsing: text)
    }
  }

  /// Why what is written is another key than it seems.
  static func whyUnusable(setting text: String) -> String? {
    let parts = text.lowercased().split(separator: "-")
    guard parts.count > 1, parts.dropLast().contains(where: { $0 == "shift" || $0 == "s" }),
      let key = Key(setting: text),
      case .character(let character) = key.code, character != " "
    else { return nil }
    // Only a letter's capital form tells that Shift was held down, and with Ctrl not even that.
    if key.modifiers.contains(.control) { return "terminals send \(Action.label(key)) for '\(text)'" }
    return character.isUppercase || parts.last?.allSatisfy(\.isNumber) == true
      ? nil : "with Shift a key types another character: write that one instead of '\(text)'"
  }

  /// Why a terminal does not send this key as what it is; `nil` for those that it does.
  var whyUnusable: String? {
    // F13 to F24 are what older terminals send for F1 to F12 with Shift.
    if case .function(let number) = code, number > 12, number > 24 || !modifiers.isEmpty {
      return number > 24
        ? "no keyboard has \(Action.label(Key(.function(number))))"
        : "terminals do not send \(Action.label(self)): F13 and above go without other keys"
    }
    guard modifiers.contains(.control), case .character(let character) = code else { return nil }
    let label = Action.label(self)
    switch character {
    case "i": return "terminals send Tab for \(label)"
    case "h": return "terminals send Backspace for \(label)"
    case "j", "m": return "terminals send Enter for \(label)"
    case "[": return "terminals send Esc for \(label)"
    case "z": return "\(label) stops the program"
    case "a"..."z", " ", "\\", "]", "^", "_": return nil
    default: return "terminals do not send \(label)"
    }
  }
}
