internal import KubeModel
internal import Terminal

extension Settings {
  /// Reads the keys of actions. Two of them on the same page must not have the same one.
  mutating func readKeys(_ reader: inout SettingsReader, _ value: JSONValue) {
    var chosen: [String: [Key]] = [:]
    let names = Action.all.map(\.name)
    reader.members(of: value) { reader, name, value in
      guard names.contains(name) else {
        return reader.complain("there is no action '\(name)'" + Suggestion.text(for: name, among: names))
      }
      guard value != .null else { return reader.complain("must be a key, a list of keys, or none") }
      let keys = value == "none" ? [] : reader.list(of: value) { $0.key($1) }
      if name == "quit", keys?.isEmpty == true { return reader.complain("there must be a key to leave by") }
      chosen[name] = keys
    }
    // What is in the way of another stays as usual, which may be in the way of the next.
    while let clash = Self.clash(Self.actions(with: chosen), chosen: chosen) {
      chosen[clash.name] = nil
      reader.at(clash.name) { $0.complain(clash.message) }
    }
    actions = Self.actions(with: chosen)
  }

  private static func actions(with keys: [String: [Key]]) -> [Action] {
    Action.all.map { action in
      var action = action
      if let keys = keys[action.name] { action.keys = keys }
      return action
    }
  }

  /// The first chosen key that something else on the same page has, too.
  private static func clash(_ actions: [Action], chosen: [String: [Key]]) -> (name: String, message: String)? {
    for action in actions where chosen[action.name] != nil {
      for key in action.keys {
        if let owner = actions.owner(of: key, in: action.contexts, besides: action.name) {
          return (action.name, "\(Action.label(key)) is '\(owner.name)' as well (\(owner.place))")
        }
      }
    }
    return nil
  }
}

extension [Action] {
  /// What has a key on one of these pages: an action, or a column that a capital letter sorts by.
  func owner(of key: Key, in contexts: Contexts, besides name: String = "") -> (name: String, place: String)? {
    if let action = first(where: {
      $0.name != name && $0.keys.contains(key) && !$0.contexts.isDisjoint(with: contexts)
    }) {
      return (action.name, action.contexts.intersection(contexts).description)
    }
    for view in TableView.all where contexts.contains(Contexts(view.id)) {
      if let column = view.columns.first(where: { $0.letter.map { Key($0) } == key }) {
        return ("sort by \(column.title)", view.title)
      }
    }
    return nil
  }

  /// Takes a key away from what has it on these pages. An action that keeps it on others is listed for those by itself.
  mutating func free(_ key: Key, in contexts: Contexts) {
    self = flatMap { action -> [Action] in
      let common = action.contexts.intersection(contexts)
      guard action.keys.contains(key), !common.isEmpty else { return [action] }
      var (with, without) = (action, action)
      with.contexts.subtract(common)
      without.contexts = common
      without.keys.removeAll { $0 == key }
      return with.contexts.isEmpty ? [without] : [with, without]
    }
  }
}
