internal import KubeModel
internal import Terminal

/// The form that makes a job from a command line.
struct JobForm: Hashable, Sendable {
  enum FieldID: String, CaseIterable, Hashable, Sendable {
    case command, name, namespace, restartPolicy, completions, parallelism, mode, retries, ttl, cpu, memory
  }

  struct Field: Hashable, Sendable {
    let id: FieldID
    let title: String
    /// What an empty field means, shown in it.
    let placeholder: String
    /// The only values, for a field that is chosen and not typed.
    let choices: [String]
    var editor = LineEditor()
    /// What is wrong with it.
    var error: String?
    /// What the cluster had against it, and the value that it was then.
    var objection: (value: String, text: String)? {
      get { objectedValue.map { ($0, objectionText) } }
      set { (objectedValue, objectionText) = (newValue?.value, newValue?.text ?? "") }
    }
    private var objectedValue: String?
    private var objectionText = ""

    init(_ id: FieldID, _ title: String, _ placeholder: String = "", choices: [String] = []) {
      self.id = id
      self.title = title
      self.placeholder = placeholder
      self.choices = choices
      if let first = choices.first { editor.replace(first) }
    }

    var value: String {
      String(editor.text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }

  var fields: [Field]
  var current = 0
  /// What is wrong with the whole.
  var error: String?
  /// The cluster is asked whether it would take the job.
  var isWaiting = false
  let namespace: String

  init(namespace: String) {
    self.namespace = namespace
    fields = [
      Field(.command, "Command", "a shell command line, such as: sleep 30 && echo done"),
      Field(.name, "Name", "made from the command"),
      Field(.namespace, "Namespace"),
      Field(.restartPolicy, "On failure", choices: ["new pod (Never)", "same pod (OnFailure)"]),
      Field(.completions, "Completions", "1"),
      Field(.parallelism, "Parallelism", "1"),
      Field(.mode, "Completion mode", choices: ["NonIndexed", "Indexed"]),
      Field(.retries, "Retries", "6"),
      Field(.ttl, "Keep for", "for ever; seconds, or 10m, 2h after it has finished"),
      Field(.cpu, "CPU", "none; cores asked for, such as 500m"),
      Field(.memory, "Memory", "none; bytes asked for, such as 64Mi"),
    ]
    self[.namespace].editor.replace(namespace)
  }

  subscript(id: FieldID) -> Field {
    get { fields[fields.firstIndex { $0.id == id } ?? 0] }
    set { fields[fields.firstIndex { $0.id == id } ?? 0] = newValue }
  }

  /// Whether leaving it would lose something.
  var isTouched: Bool { !self[.command].value.isEmpty || !self[.name].value.isEmpty }

  mutating func paste(_ text: String) {
    guard fields[current].choices.isEmpty else { return }
    fields[current].editor.insert(text)
    fields[current].error = nil
  }

  mutating func move(_ step: Int) { move(to: ((current + step) % fields.count + fields.count) % fields.count) }

  mutating func move(to index: Int) {
    check(fields[current].id)
    current = min(max(0, index), fields.count - 1)
  }

  /// Handles a key that changes the current field.
  mutating func edit(_ key: Key) {
    error = nil
    if fields[current].choices.isEmpty {
      if fields[current].editor.handle(key) { fields[current].error = nil }
    } else if key == "left" || key == "right" || key == "space" {
      let choices = fields[current].choices
      let index = choices.firstIndex(of: fields[current].editor.text) ?? 0
      let next = (index + (key == "left" ? choices.count - 1 : 1)) % choices.count
      choose(choices[next])
    }
  }

  /// Gives the current field one of its choices.
  mutating func choose(_ choice: String) {
    error = nil
    fields[current].editor.replace(choice)
    fields[current].error = nil
    // What was missing is needed no more, or something is now: at once, and there.
    if fields[current].id == .mode { check(.completions) }
  }

  /// What an empty field means, or that it must not be empty.
  func placeholder(_ field: Field) -> String {
    field.id == .completions && self[.mode].value == "Indexed" ? "how many indexes" : field.placeholder
  }

  // MARK: What it means

  /// Says what is wrong with a field by itself, or what the cluster had against it as it is.
  mutating func check(_ id: FieldID) {
    let field = self[id]
    let objection = field.objection.flatMap { $0.value == field.value ? $0.text : nil }
    self[id].error = problem(id) ?? objection
  }

  /// Checks every field; where one is wrong, goes to the first that is, or that the cluster had something against. What
  /// the cluster said does not hold it back: by now it may say something else.
  mutating func checkAll(in store: Store) -> Bool {
    for field in fields { check(field.id) }
    let isWrong = fields.contains { problem($0.id) != nil }
    guard isWrong else { return true }
    // What the cluster would say, had it been asked.
    let names = job(in: store).validate().filter {
      $0.field.hasPrefix("metadata.name") && $0.field != "metadata.namespace"
    }
    if let complaint = names.first, self[.name].error == nil, !self[.command].value.isEmpty {
      self[.name].error = complaint.body
    }
    let space = self[.namespace].value
    if store.isLoaded, self[.namespace].error == nil, !store.namespaces.contains(space) {
      self[.namespace].error = "namespaces \"\(space)\" not found"
    }
    if let first = fields.firstIndex(where: { $0.error != nil }) { current = first }
    return false
  }

  private func problem(_ id: FieldID) -> String? {
    let value = self[id].value
    switch id {
    case .command: return value.isEmpty ? "What should it run?" : nil
    case .namespace: return value.isEmpty ? "A job needs a namespace" : nil
    case .name, .restartPolicy, .mode: return nil
    case .completions:
      if self[.mode].value == "Indexed", value.isEmpty { return "Indexed needs a number, such as 8" }
      return number(value)
    case .parallelism, .retries: return number(value)
    case .ttl: return value.isEmpty || JobForm.seconds(value) != nil ? nil : "Seconds, or a time such as 10m or 2h"
    case .cpu, .memory:
      guard !value.isEmpty else { return nil }
      guard let quantity = Quantity(value) else { return "Not a quantity: \(id == .cpu ? "500m, 1.5" : "64Mi, 2Gi")" }
      return quantity.milli < 0 ? "Must not be negative" : nil
    }
  }

  private func number(_ value: String) -> String? {
    if value.isEmpty { return nil }
    guard let number = Int(value), number <= Int(Int32.max) else { return "Must be a whole number" }
    return number < 0 ? "Must not be negative" : nil
  }

  /// `90`, `10m`, `2h`, `1d`
  static func seconds(_ text: String) -> Int? {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    var number = text[...]
    var unit = 1
    if let last = text.last, let size = units[last] {
      unit = size
      number = text.dropLast()
    }
    guard let value = Int(number), value >= 0, value <= Int(Int32.max) / unit else { return nil }
    return value * unit
  }

  /// The job's name: as given, or from the first word of the command that is one.
  func name(in store: Store) -> String {
    if !self[.name].value.isEmpty { return self[.name].value }
    let word = self[.command].value.split(separator: " ").first { !$0.contains("=") } ?? "job"
    let last = word.split(separator: "/").last.map(String.init) ?? "job"
    var stem = last.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    while stem.first == "-" { stem.removeFirst() }
    let base = stem.isEmpty ? "job" : String(stem.prefix(40))
    return JobCopy.freeName(
      base: base, separator: "-", in: self[.namespace].value, store: store, taken: [], from: 1)
  }

  func job(in store: Store) -> Job {
    var job = Job()
    job.metadata.name = name(in: store)
    job.metadata.namespace = self[.namespace].value
    // Without completions Kubernetes would make a work queue as soon as there is a parallelism.
    job.spec.completions = Int(self[.completions].value) ?? 1
    job.spec.parallelism = Int(self[.parallelism].value)
    if self[.mode].value == "Indexed" { job.spec.completionMode = .indexed }
    job.spec.backoffLimit = Int(self[.retries].value)
    job.spec.ttlSecondsAfterFinished = JobForm.seconds(self[.ttl].value)
    var container = Container()
    container.name = "main"
    container.image = "local"
    container.command = ["sh", "-c", self[.command].value]
    var requests = ResourceList()
    if let cpu = Quantity(self[.cpu].value) { requests["cpu"] = cpu }
    if let memory = Quantity(self[.memory].value) { requests["memory"] = memory }
    if !requests.isEmpty { container.resources.requests = requests }
    job.spec.template.spec.containers = [container]
    job.spec.template.spec.restartPolicy = self[.restartPolicy].value.contains("OnFailure") ? .onFailure : .never
    return job
  }

  private mutating func object(_ text: String, to id: FieldID) {
    self[id].objection = (self[id].value, text)
    self[id].error = text
  }

  /// Puts the cluster's objections to the fields that they are about.
  mutating func object(_ error: StatusError) {
    isWaiting = false
    var rest: [String] = []
    for cause in error.causes {
      let id: FieldID? =
        switch cause.field {
        case let path where path.hasPrefix("metadata.name") && !path.hasPrefix("metadata.namespace"): .name
        case let path where path.hasPrefix("metadata.namespace"): .namespace
        case "spec.completions": .completions
        case "spec.parallelism": .parallelism
        case "spec.completionMode": .mode
        case "spec.backoffLimit": .retries
        case "spec.ttlSecondsAfterFinished": .ttl
        case let path where path.hasSuffix("restartPolicy"): .restartPolicy
        case let path where path.contains("resources") && path.contains("cpu"): .cpu
        case let path where path.contains("resources") && path.contains("memory"): .memory
        default: nil
        }
      if let id { object(cause.body, to: id) } else { rest.append(cause.description) }
    }
    if error.reason == "AlreadyExists" {
      object("There is a job of this name already", to: .name)
    } else if error.reason == "NotFound" {
      object(error.message, to: .namespace)
    } else if error.causes.isEmpty {
      rest.append(error.message)
    }
    self.error = rest.isEmpty ? nil : rest.joined(separator: "; ")
    if let first = fields.firstIndex(where: { $0.error != nil }) { current = first }
  }
}
