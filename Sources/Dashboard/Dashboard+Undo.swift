internal import KubeModel
internal import Terminal

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

  /// What it is called that is done to have it so.
  func order(_ isOn: Bool) -> String {
    switch self {
    case .suspend: isOn ? "Suspend" : "Resume"
    case .cordon: isOn ? "Cordon" : "Uncordon"
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
  let at: Instant
}

extension Dashboard {
  /// Sets a switch on objects, so that it can be undone.
  mutating func set(_ toggle: Switch, _ isOn: Bool, _ items: [Item], noun: String) -> [Command] {
    guard let kind = items.first?.kind else { return [] }
    remember(Switched(toggle: toggle, isOn: isOn, noun: noun, kind: kind, ids: items.map(\.id), at: now))
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
  ///
  /// Asks where that is not what one is looking at: the last of them may be long forgotten.
  mutating func undo() -> [Command] {
    while let last = undoable.last {
      let items = stillSwitched(last)
      if items.isEmpty {
        undoable.removeLast()
        continue
      }
      let isInView = table.map { $0.definition.kind == last.kind } ?? (last.kind != .node)
      guard !isInView || now - last.at > .seconds(300) else { return undo(last) }
      let names = items.map { StyledText([Span("• "), Span($0.name, .text, .bold)]) }
      let deed = "\(last.toggle.verb(last.isOn)) \(humanDuration(now - last.at)) ago."
      overlay = .confirmation(
        Confirmation(
          title: "\(last.toggle.order(!last.isOn)) \(Format.plural(items.count, last.noun)) again?",
          lines: names + ["", StyledText(deed, .muted)], yes: last.toggle.order(!last.isOn).lowercased(), no: "leave",
          deed: .undo(last)))
      return []
    }
    complain("There is nothing to undo: only suspend, resume, cordon and uncordon can be set back")
    return []
  }

  /// Sets back what one key has switched.
  mutating func undo(_ change: Switched) -> [Command] {
    undoable.removeAll { $0 == change }
    return send(change.toggle, !change.isOn, stillSwitched(change), noun: change.noun)
  }

  private func stillSwitched(_ change: Switched) -> [Item] {
    change.ids.compactMap { store[change.kind, $0] }.filter { change.toggle.state(of: $0) == change.isOn }
  }

  /// Does an action and remembers it for ``repeatAction()``.
  mutating func run(_ action: Action) -> [Command] {
    if action.isRepeatable { lastAction = action.name }
    return action.run(&self)
  }

  /// Does an action whose name was typed.
  mutating func runTyped(_ action: Action) -> [Command] {
    if action.isRepeatable { lastAction = action.name }
    return action.typed(&self)
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
