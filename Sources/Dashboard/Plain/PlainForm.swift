/// The form in lines: what each field holds, and what an empty one means.
extension JobForm {
  var plainLines: [String] { fields.indices.map(plainField) + (error.map { ["Error: \($0)"] } ?? []) }

  /// The fields that are not as they were, and the one that is to be filled in now.
  func plainChanges(since before: JobForm) -> [String] {
    let changed = fields.indices.filter { index in
      before.fields[index].value != fields[index].value || before.fields[index].error != fields[index].error
    }
    let told = changed.filter { $0 != current } + [current]
    return told.map(plainField) + (error != before.error ? error.map { ["Error: \($0)"] } ?? [] : [])
  }

  /// `selected Name: empty, hint: made from the command`
  private func plainField(_ index: Int) -> String {
    let field = fields[index]
    var text = (index == current ? "selected " : "") + field.title + ": "
    if !field.choices.isEmpty {
      let others = field.choices.filter { $0 != field.value }
      text += "\(field.value) chosen, or \(others.joined(separator: ", "))"
    } else if !field.value.isEmpty {
      text += field.value
    } else {
      text += "empty" + (placeholder(field).isEmpty ? "" : ", hint: \(placeholder(field))")
    }
    return text + (field.error.map { ", error: \($0)" } ?? "")
  }
}
