internal import Terminal

/// A place on the screen that does something when it is clicked on: what a key does.
struct Click: Hashable, Sendable {
  enum Deed: Hashable, Sendable {
    case press(Key)
    /// Puts a completion into the line as Tab does; where it stands there already, goes on as Enter does.
    case complete(Int)
    /// Goes to a field of the form; of its text so many columns are out of view on the left.
    case field(Int, skipped: Int)
    /// Gives a field of the form one of its choices.
    case choose(String, field: Int)
  }

  let rect: Rect
  let deed: Deed

  init(_ deed: Deed, column: Int, row: Int, columns: Int) {
    self.deed = deed
    rect = Rect(column: column, row: row, columns: columns, rows: 1)
  }
}

extension Dashboard {
  /// Does what a place that was clicked on is for.
  mutating func perform(_ click: Click, at point: Point) -> [Command] {
    acknowledge()
    switch click.deed {
    case .press(let key): return handle(key)
    case .complete(let index): return complete(index)
    case .field(let index, let skipped):
      return withForm { form in
        form.move(to: index)
        form.fields[index].editor.moveCursor(toColumn: skipped + point.column - click.rect.origin.column)
      }
    case .choose(let choice, let index):
      return withForm { form in
        form.move(to: index)
        form.choose(choice)
      }
    }
  }

  private mutating func complete(_ index: Int) -> [Command] {
    guard let current = prompt, current.completions.indices.contains(index) else { return [] }
    let completion = current.completions[index]
    if current.chosen == index || completion.text == current.editor.text { return handle(Key(.enter)) }
    // Into a directory, or on from the only one there is, as Tab goes on.
    return prompt?.choose(at: index) == true || completion.text.hasSuffix("/") ? promptChanged() : []
  }

  private mutating func withForm(_ body: (inout JobForm) -> Void) -> [Command] {
    guard case .form(var form) = overlay else { return [] }
    body(&form)
    overlay = .form(form)
    return check(form)
  }
}
