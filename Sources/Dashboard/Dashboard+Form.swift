internal import KubeModel
internal import Terminal

extension Dashboard {
  mutating func openForm() -> [Command] {
    overlay = .form(JobForm(namespace: namespace ?? options.defaultNamespace))
    return []
  }

  mutating func handle(_ key: Key, form: JobForm) -> [Command] {
    var form = form
    defer { if case .form = overlay { overlay = .form(form) } }
    switch key {
    case "esc", "ctrl-c":
      if form.isTouched {
        formBehind = form
        overlay = .confirmation(
          Confirmation(
            title: "Leave the form?", lines: ["What you typed is lost."], yes: "leave", no: "go on",
            deed: .discardForm))
      } else {
        overlay = nil
      }
      return []
    case "ctrl-s": return submit(&form)
    case "ctrl-e": return editInstead(form)
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

  /// Asks the cluster what it would say, as soon as there is something to ask.
  private mutating func check(_ form: JobForm) -> [Command] {
    guard !form[.command].value.isEmpty, !form.fields.contains(where: { $0.error != nil }) else { return [] }
    let job = form.job(in: store)
    return [command(.formCheck) { .create($0, .job(job), dryRun: true) }]
  }

  private mutating func submit(_ form: inout JobForm) -> [Command] {
    form.error = nil
    guard form.checkAll(), !form.isWaiting else { return [] }
    form.isWaiting = true
    let job = form.job(in: store)
    return [command(.formCreate) { .create($0, .job(job), dryRun: false) }]
  }

  mutating func finishForm(_ purpose: Pending, _ result: Result<KubeObject?, StatusError>) -> [Command] {
    guard case .form(var form) = overlay else {
      if case .failure(let error) = result, purpose == .formCreate { complain(error.message) }
      return []
    }
    switch (purpose, result) {
    case (.formCreate, .success(let object)):
      overlay = nil
      say("Started job \(object?.metadata.name ?? "")")
      if let uid = object?.metadata.uid, !uid.isEmpty, table?.view == .jobs, table?.scope == .all {
        if let namespace, object?.metadata.namespace != namespace { self.namespace = nil }
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
    overlay = .form(form)
    return []
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
      command(.editObject(original: object, text: text)) { .edit($0, text: text, fileExtension: "yaml") }
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
    case .editObject(let original, let before):
      guard body != ObjectText.withoutHead(before) else {
        say("Nothing was changed")
        return []
      }
      return take(edited: text, original: original)
    case .editNew(let before):
      guard body != ObjectText.withoutHead(before) || before.hasPrefix(ObjectText.errorMark) else {
        say("Nothing was changed; no job was made")
        return []
      }
      return take(edited: text, original: nil)
    default: return []
    }
  }

  private mutating func take(edited text: String, original: KubeObject?) -> [Command] {
    do throws(StatusError) {
      let objects = try ObjectText.parse(ObjectText.withoutHead(text), namespace: namespace ?? options.defaultNamespace)
      guard !objects.isEmpty else {
        say("The text was empty: nothing was done")
        return []
      }
      if let original {
        guard objects.count == 1, objects[0].key == original.key else {
          throw .badRequest("This must stay \(original.key): its kind, namespace and name cannot be changed")
        }
        return [command(.update(text: text)) { .update($0, objects[0]) }]
      }
      return objects.map { object in command(.createEdited(text: text)) { .create($0, object, dryRun: false) } }
    } catch {
      return editAgain(text, error, original: original)
    }
  }

  mutating func finishEdited(_ text: String, _ purpose: Pending, _ result: Result<KubeObject?, StatusError>)
    -> [Command]
  {
    switch result {
    case .success(let object):
      if case .update = purpose {
        say("Changed \(object?.key.description ?? "")")
      } else {
        say("Created \(object?.key.description ?? "")")
      }
      return []
    case .failure(let error):
      var original: KubeObject?
      if case .update = purpose {
        let objects = try? ObjectText.parse(ObjectText.withoutHead(text), namespace: options.defaultNamespace)
        original = objects?.first
      }
      return editAgain(text, error, original: original)
    }
  }

  /// Opens the editor again with what is wrong above the text.
  private mutating func editAgain(_ text: String, _ error: StatusError, original: KubeObject?) -> [Command] {
    let again = ObjectText.withError(error, above: text)
    complain(error.message)
    let purpose: Pending = original.map { .editObject(original: $0, text: again) } ?? .editNew(text: again)
    return [command(purpose) { .edit($0, text: again, fileExtension: "yaml") }]
  }
}
