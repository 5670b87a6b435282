internal import KubeModel

/// Something that an object's spec has on or off, and that can be set back.
enum Switch: Hashable, Sendable {
  case suspend, cordon

  func state(of item: Item) -> Bool? {
    switch self {
    case .suspend: (item as? JobItem)?.isSuspended ?? (item as? CronJobItem)?.isSuspended
    case .cordon: (item as? NodeItem)?.node.spec.unschedulable
    }
  }

  func verb(_ isOn: Bool) -> String {
    switch self {
    case .suspend: isOn ? "Suspended" : "Resumed"
    case .cordon: isOn ? "Cordoned" : "Uncordoned"
    }
  }

  func patch(_ isOn: Bool) -> JSONValue {
    switch self {
    case .suspend: ["spec": ["suspend": .bool(isOn)]]
    case .cordon: ["spec": ["unschedulable": .bool(isOn)]]
    }
  }
}

/// What was switched by one key.
struct Switched: Hashable, Sendable {
  let toggle: Switch
  let isOn: Bool
  let noun: String
  let kind: Kind
  let ids: [String]
}

extension Dashboard {
  /// Sets a switch on objects, so that it can be undone.
  mutating func set(_ toggle: Switch, _ isOn: Bool, _ items: [Item], noun: String) -> [Command] {
    guard let kind = items.first?.kind else { return [] }
    remember(Switched(toggle: toggle, isOn: isOn, noun: noun, kind: kind, ids: items.map(\.id)))
    return send(toggle, isOn, items, noun: noun)
  }

  mutating func remember(_ change: Switched) {
    undoable.append(change)
    if undoable.count > 50 { undoable.removeFirst() }
  }

  private mutating func send(_ toggle: Switch, _ isOn: Bool, _ items: [Item], noun: String) -> [Command] {
    batch(
      toggle.verb(isOn), noun, items.map(\.name),
      items.map { item in
        let key = item.key
        return { .patch($0, key, toggle.patch(isOn)) }
      })
  }

  /// Sets back what was suspended, resumed, cordoned or uncordoned last, where it still is as it was left.
  mutating func undo() -> [Command] {
    while let last = undoable.popLast() {
      let items = last.ids.compactMap { store[last.kind, $0] }.filter { last.toggle.state(of: $0) == last.isOn }
      if !items.isEmpty { return send(last.toggle, !last.isOn, items, noun: last.noun) }
    }
    complain("There is nothing to undo: only suspend, resume, cordon and uncordon can be set back")
    return []
  }

  /// Does an action and remembers it for ``repeatAction()``.
  mutating func run(_ action: Action) -> [Command] {
    if action.isRepeatable { lastAction = action.name }
    return action.run(&self)
  }

  /// Does the last action again, to what is selected now.
  mutating func repeatAction() -> [Command] {
    guard let lastAction else {
      complain("There is nothing to repeat yet")
      return []
    }
    // The same again, and not back and forth.
    switch lastAction {
    case "suspend" where !targets.isEmpty: return toggleSuspend(to: lastSwitch)
    case "cordon" where table?.view == .nodes: return toggleCordon(to: lastSwitch)
    default: return perform(lastAction)
    }
  }
}
