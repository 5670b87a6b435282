internal import KubeModel
internal import Terminal

/// What is said once, where something is met for the first time.
public struct Tip: Sendable {
  /// What it is remembered by.
  public let name: String
  /// Whether it is met now.
  let isMet: @Sendable (Dashboard) -> Bool
  /// Names of actions in braces stand for their keys.
  let text: String

  public static let all: [Tip] = [
    Tip(
      name: "start", isMet: { $0.store.isLoaded },
      text: "Welcome: {help} all keys, {command} commands, {open} looks into a row, {back} goes back"),
    Tip(
      name: "failed", isMet: { ($0.selectedItem as? JobItem)?.hasFailed ?? false },
      text: "It has failed: {why} says why, {logs} shows what it wrote"),
    Tip(
      name: "marks", isMet: { $0.table?.marks.isEmpty == false },
      text: "Marked rows are acted on together; {mark-range} marks a range, {back} unmarks"),
    Tip(
      name: "log", isMet: { $0.currentContexts == .log },
      text: "{search} searches, {bottom} goes to the end and follows, {wrap} breaks long lines"),
    Tip(
      name: "tree", isMet: { $0.currentContexts == .tree },
      text: "{right} opens a row, {left} closes it; actions go to the row as in tables"),
    Tip(
      name: "nodes", isMet: { $0.currentContexts == .nodes && !$0.options.isReadOnly },
      text: "{cordon} takes a node out of use, {drain} moves its pods away, {open} shows them"),
  ]
}

extension Dashboard {
  /// Says what is met for the first time now, one thing at a time.
  mutating func meet() -> [Command] {
    guard settings.showsHints, !newTips.isEmpty, tip == nil, unread.isEmpty, overlay == nil, prompt == nil, !isQuitting
    else { return [] }
    for tip in Tip.all where newTips.contains(tip.name) && tip.isMet(self) {
      newTips.remove(tip.name)
      self.tip = Message(text: filled(tip.text), kind: .note, at: now)
      return [.remember(tip: tip.name)]
    }
    return []
  }

  func filled(_ text: String) -> String {
    text.split(separator: "{", omittingEmptySubsequences: false).enumerated().map { index, part in
      guard index > 0, let end = part.firstIndex(of: "}") else { return String(part) }
      return keyLabel(String(part[..<end])) + part[part.index(after: end)...]
    }.joined()
  }
}
