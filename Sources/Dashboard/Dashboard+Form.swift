internal import KubeModel
internal import Terminal

extension Dashboard {
  mutating func openForm() -> [Command] {
    overlay = .form(JobForm(namespace: newNamespace))
    return []
  }

  mutating func handle(_ key: Key, form: JobForm) -> [Command] {
    var form = form
    defer { if case .form = overlay { overlay = .form(form) } }
    switch key {
    case "esc", "ctrl-c":
      if form.isTouched {
        formBehind = form
        askDiscard(then: .page)
      } else {
        overlay = nil
      }
      return []
    case "ctrl-s": return submit(&form)
    case "ctrl-e": return editInstead(form)
    case "ctrl-t", "ctrl-o":
      let next: Confirmation.AfterForm = key == "ctrl-t" ? .templates : .files
      guard !form.isTouched else {
        formBehind = form
        askDiscard(then: next)
        return []
      }
      overlay = nil
      return open(next)
    case "enter":
      if form.current == form.fields.count - 1 { return submit(&form) }
      form.move(1)
      return check(form)
    case "tab", "down":
      form.move(1)
      return check(form)
    case "backtab", "up":
      form.move(-1)
      return check(form)
    default: form.edit(key)
    }
    return []
  }

  private mutating func askDiscard(then next: Confirmation.AfterForm) {
    let lines: [StyledText] =
      next == .page ? ["What you typed is lost."] : ["What you typed is lost; Ctrl-E takes it into the editor."]
    overlay = .confirmation(
      Confirmation(
        title: next == .page ? "Leave the form?" : "Leave the form for \(next == .files ? "a file" : "the templates")?",
        lines: lines, yes: "leave", no: "go on", deed: .discardForm(then: next)))
  }

  /// What comes after the form.
  mutating func open(_ next: Confirmation.AfterForm) -> [Command] {
    switch next {
    case .page: []
    case .templates: openTemplates()
    case .files: openFiles("")
    }
  }

  /// Asks the cluster what it would say, as soon as there is something to ask.
  mutating func check(_ form: JobForm) -> [Command] {
    guard !form[.command].value.isEmpty, !form.fields.contains(where: { $0.error != nil }) else { return [] }
    let job = form.job(in: store)
    return [command(.formCheck) { .create($0, .job(job), dryRun: true) }]
  }

  private mutating func submit(_ form: inout JobForm) -> [Command] {
    form.error = nil
    guard form.checkAll(in: store), !form.isWaiting else { return [] }
    form.isWaiting = true
    let job = form.job(in: store)
    return [command(.formCreate) { .create($0, .job(job), dryRun: false) }]
  }

  mutating func finishForm(_ purpose: Pending, _ result: Result<KubeObject?, StatusError>) -> [Command] {
    // The answer may come while the form waits behind a question.
    let isBehind = formBehind != nil
    guard var form = formOnTop ?? formBehind else {
      if case .failure(let error) = result, purpose == .formCreate { complain(error.message) }
      return []
    }
    switch (purpose, result) {
    case (.formCreate, .success(let object)):
      (overlay, formBehind) = (nil, nil)
      say("Started job \(object?.metadata.name ?? "")")
      if let uid = object?.metadata.uid, !uid.isEmpty, table?.view == .jobs, table?.scope == .all {
        if let object, !shown.includes(namespace: object.metadata.namespace) { shown.show(namespaces: []) }
        withTable { $0.select(id: uid) }
      }
      return []
    case (.formCreate, .failure(let error)): form.object(error)
    case (_, .failure(let error)):
      // While typing goes on, only the fields are told: the cursor stays where it is.
      let current = form.current
      form.object(error)
      form.current = current
    default: form.error = nil
    }
    if isBehind { formBehind = form } else { overlay = .form(form) }
    return []
  }

  private var formOnTop: JobForm? {
    if case .form(let form) = overlay { form } else { nil }
  }

  // MARK: The editor

  private mutating func editInstead(_ form: JobForm) -> [Command] {
    let text = Template.text(for: form[.command].value.isEmpty ? nil : .job(form.job(in: store)), form.namespace)
    overlay = nil
    return [command(.editNew(text: text)) { .edit($0, text: text, fileExtension: "yaml") }]
  }

  mutating func edit() -> [Command] {
    guard let object = selectedItem?.object else { return [] }
    let text = ObjectText.yaml(object, forEditing: true)
    return [
      command(.editObject(original: object, first: text, text: text)) { .edit($0, text: text, fileExtension: "yaml") }
    ]
  }

  mutating func finishEdit(_ id: CommandID, _ result: Result<String, StatusError>) -> [Command] {
    guard let purpose = pending.removeValue(forKey: id) else { return [] }
    let text: String
    switch result {
    case .success(let edited): text = edited
    case .failure(let error):
      complain(error.message)
      return []
    }
    let body = ObjectText.withoutHead(text)
    switch purpose {
    case .editObject(let original, let first, let before):
      guard body != ObjectText.withoutHead(before), body != ObjectText.withoutHead(first) else {
        note("Nothing was changed")
        return []
      }
      return take(edited: text, of: original, first: first)
    case .editNew(let before):
      guard body != ObjectText.withoutHead(before) else {
        note("Nothing was changed; no job was made")
        return []
      }
      return make(edited: text)
    case .template: return editCopy(of: text)
    default: return []
    }
  }

  private func parse(_ text: String) throws(StatusError) -> [KubeObject] {
    try ObjectText.parse(ObjectText.withoutHead(text), namespace: newNamespace)
  }

  /// As kubectl edit does: what differs from the text as it was first opened is patched, so that what the cluster
  /// changed in the meantime stays.
  private mutating func take(edited text: String, of original: KubeObject, first: String) -> [Command] {
    do throws(StatusError) {
      let objects = try parse(text)
      guard !objects.isEmpty else {
        note("The text was empty: nothing was done")
        return []
      }
      guard objects.count == 1, objects[0].key == original.key else {
        throw .badRequest("This must stay \(original.key): its kind, namespace and name cannot be changed")
      }
      guard let before = try parse(first).first,
        let patch = JSONValue.mergePatch(from: before.jsonValue, to: objects[0].jsonValue)
      else {
        note("Nothing was changed")
        return []
      }
      return [
        command(.update(original: original, first: first, text: text)) { .patch($0, original.key, patch) }
      ]
    } catch {
      return editAgain(text, error, original: original, first: first)
    }
  }

  private mutating func make(edited text: String) -> [Command] {
    do throws(StatusError) {
      let objects = try parse(text)
      if objects.isEmpty { note("The text was empty: nothing was done") }
      return objects.map { object in command(.createEdited(text: text)) { .create($0, object, dryRun: false) } }
    } catch {
      return editAgain(text, error, original: nil, first: "")
    }
  }

  mutating func finishEdited(_ text: String, _ purpose: Pending, _ result: Result<KubeObject?, StatusError>)
    -> [Command]
  {
    switch (purpose, result) {
    case (.update(let original, _, _), .success(let object)): say("Changed \(object?.key ?? original.key)")
    case (_, .success(let object)): say("Created \(object?.key.description ?? "")")
    case (.update(let original, let first, _), .failure(let error)):
      return editAgain(text, error, original: original, first: first)
    case (_, .failure(let error)): return editAgain(text, error, original: nil, first: "")
    }
    return []
  }

  /// Opens the editor again with what is wrong above the text.
  private mutating func editAgain(
    _ text: String, _ error: StatusError, original: KubeObject?, first: String
  ) -> [Command] {
    // Where it is wrong is told as the lines will be once what is wrong stands above them.
    var (error, again) = (error, ObjectText.withError(error, above: text))
    for _ in 0..<2 {
      error = ObjectText.error(
        error, in: text, below: ObjectText.headLines(of: again), namespace: newNamespace)
      again = ObjectText.withError(error, above: text)
    }
    complain(error.message)
    let purpose: Pending =
      original.map { .editObject(original: $0, first: first, text: again) } ?? .editNew(text: again)
    return [command(purpose) { .edit($0, text: again, fileExtension: "yaml") }]
  }
}

extension JSONValue {
  /// The merge patch (RFC 7386) that makes `new` of `old`; `nil` where they are equal.
  static func mergePatch(from old: JSONValue, to new: JSONValue) -> JSONValue? {
    guard case .object(let before) = old, case .object(let after) = new else {
      // Spelled out, because a bare nil would be JSON's null.
      return old == new ? Optional.none : .some(new)
    }
    var patch = JSONObject()
    for member in before.members where !after.members.contains(where: { $0.name == member.name }) {
      patch[member.name] = .null
    }
    for member in after.members {
      if let value = before[member.name] {
        if let change = mergePatch(from: value, to: member.value) { patch[member.name] = change }
      } else {
        patch[member.name] = member.value
      }
    }
    return patch.members.isEmpty ? nil : .object(patch)
  }
}
