/// What is remembered from one session to the next: how tables are sorted, what was typed after `:`, whether what
/// has completed is hidden, and how long runs took and how they ended.
public struct Memory: Hashable, Sendable {
  /// By view, and apart for the tables of what belongs to one object.
  var sorts: [String: SortOrder] = [:]
  /// The oldest first.
  var history: [String] = []
  var hidesCompleted = false
  var runs = RunMemory()
  /// Lines that could not be read.
  private(set) var ignored = 0

  /// More commands are not remembered, and none that are longer.
  static let historyLimit = 100
  private static let lineLimit = 500

  public init() {}

  /// Reads what ``text`` wrote; a line that it can't have written is left out.
  public init(_ text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      switch (words[0], words.count) {
      case ("hide-completed", 1): hidesCompleted = true
      case ("work", 2), ("cron", 2): if !runs.read(words[0], words[1]) { ignored += 1 }
      case ("command", 2): remember(command: words[1])
      case ("sort", 2):
        let parts = words[1].split(separator: " ").map(String.init)
        guard parts.count == 3, ["up", "down"].contains(parts[2]),
          let view = TableView.all.first(where: { parts[0] == $0.id.rawValue || parts[0] == $0.id.rawValue + "-of" }),
          view.column(parts[1]) != nil
        else {
          ignored += 1
          continue
        }
        sorts[parts[0]] = SortOrder(column: parts[1], isDescending: parts[2] == "down")
      default: ignored += 1
      }
    }
  }

  /// A line each, for a file.
  var text: String {
    let lines =
      sorts.sorted { $0.key < $1.key }.map { "sort \($0) \($1.column) \($1.isDescending ? "down" : "up")" }
      + (hidesCompleted ? ["hide-completed"] : []) + history.map { "command \($0)" }
      + runs.lines
    return lines.map { $0 + "\n" }.joined()
  }

  mutating func remember(command: String) {
    guard command.utf8.count <= Self.lineLimit, !command.contains(where: \.isNewline) else { return }
    history.removeAll { $0 == command }
    history.append(command)
    if history.count > Self.historyLimit { history.removeFirst() }
  }
}

extension TablePage {
  /// What its order is remembered by.
  var sortKey: String { scope == .all ? view.rawValue : view.rawValue + "-of" }
}
