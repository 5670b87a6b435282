internal import KubeModel
internal import Terminal

/// What a plugin asks for before it runs; its arguments have it as `$INPUT_NAME`.
struct PluginInput: Hashable, Sendable {
  enum Form: String, CaseIterable, Hashable, Sendable {
    case string, number, bool, dropdown
  }

  private static let fields = ["name", "label", "type", "required", "default", "options"]

  let name: String
  let label: String
  let form: Form
  let isRequired: Bool
  /// What stands there at first.
  let usual: String
  /// What there is to choose from; empty where anything may be typed.
  let choices: [String]

  init?(_ reader: inout SettingsReader, _ value: JSONValue) {
    guard let fields = reader.fields(of: value, Self.fields) else { return nil }
    let name = reader.at("name") { $0.text(fields["name"] ?? .null) }
    let forms = Form.allCases.map { ($0.rawValue, $0) }
    let form = reader.at("type") { $0.choice(fields["type"] ?? .null, of: "type", among: forms) }
    let options = fields["options"].flatMap { value in
      reader.at("options") { $0.list(of: value) { $0.text($1) } }
    }
    guard let name, let form else { return nil }
    guard
      name.utf8.allSatisfy({
        $0 == UInt8(ascii: "_") || Character(UnicodeScalar($0)).isLetter || (0x30...0x39).contains($0)
      })
    else {
      reader.at("name") { $0.complain("may have only letters, digits and '_'") }
      return nil
    }
    self.name = name.uppercased()
    self.form = form
    label = fields["label"].flatMap { value in reader.at("label") { $0.text(value) } } ?? name
    isRequired = fields["required"].flatMap { value in reader.at("required") { $0.flag(value) } } ?? false
    usual = fields["default"]?.string ?? ""
    choices = form == .bool ? ["true", "false"] : form == .dropdown ? options ?? [] : []
    if form == .dropdown, choices.isEmpty {
      reader.complain("'options' are missing: what there is to choose from")
      return nil
    }
    if !usual.isEmpty, let mistake = mistake(in: usual) {
      reader.at("default") { $0.complain(mistake) }
      return nil
    }
  }

  /// What is wrong with what was typed.
  func mistake(in text: String) -> String? {
    if text.isEmpty { return isRequired ? "it is needed" : nil }
    switch form {
    case .string: return nil
    case .number: return Double(text) == nil ? "it must be a number" : nil
    case .bool, .dropdown: return choices.contains(text) ? nil : "it must be one of \(choices.joined(separator: ", "))"
    }
  }
}

/// A plugin that is asking for its inputs, one after the other.
struct PluginQuestion: Hashable, Sendable {
  let plugin: Plugin
  /// What the selected object gave, and what was typed so far.
  var variables: [String: String]
  /// Which input it is at.
  var index = 0

  var input: PluginInput { plugin.inputs[index] }
}

extension Dashboard {
  mutating func ask(_ question: PluginQuestion) -> [Command] {
    var prompt = Prompt(.input(question), text: question.input.usual)
    prompt.offer(question.input.choices.map { Completion($0) })
    self.prompt = prompt
    return []
  }

  /// Takes what was typed for an input; goes on to the next one, or runs the plugin.
  mutating func answer(_ question: PluginQuestion, _ text: String) -> [Command] {
    if let mistake = question.input.mistake(in: text) {
      prompt?.error = mistake
      return []
    }
    prompt = nil
    var question = question
    question.variables["INPUT_\(question.input.name)"] = text
    question.index += 1
    return question.index < question.plugin.inputs.count
      ? ask(question) : run(question.plugin, with: question.variables)
  }
}
