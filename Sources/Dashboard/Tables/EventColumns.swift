internal import Cluster
internal import KubeModel
internal import Terminal

extension ViewID {
  static let events = ViewID(rawValue: "events")
}

extension Contexts {
  static let events = Contexts(ViewID.events)
}

extension TableView {
  static let events = TableView(
    id: .events, title: "Events", commands: ["events", "event", "ev"], kind: .event,
    columns: columns(of: EventItem.self) {
      Column(
        "LAST SEEN", id: "seen", minimum: 9, alignment: .right, priority: 98, letter: "L",
        value: .time("LAST SEEN"), key: { row, _ in row.event.lastSeen.map { .number(-$0.microseconds) } ?? .none },
        cell: { row, context in .age(row.event.lastSeen, context.now, role: .muted) })
      namespaceColumn()
      Column(
        "TYPE", minimum: 7, priority: 30, letter: "T", key: { row, _ in .text(row.event.type) },
        cell: { row, _ in
          row.event.type == "Warning" ? StyledText("Warning", .pending) : StyledText(row.event.type, .muted)
        })
      Column(
        "REASON", minimum: 14, maximum: 32, enough: 20, priority: 95, letter: "R",
        key: { row, _ in .text(row.event.reason) },
        cell: { row, _ in
          row.event.type == "Warning"
            ? StyledText("! " + row.event.reason, .pending) : StyledText("  " + row.event.reason)
        })
      Column(
        "OBJECT", minimum: 16, maximum: 40, enough: 30, priority: 84, letter: "O",
        key: { row, _ in .text(row.objectText) },
        cell: { row, _ in StyledText(row.objectText) })
      Column(
        "COUNT", alignment: .right, priority: 50, letter: "C", startsDescending: true,
        value: .key, key: { row, _ in .number(row.event.occurrences) },
        cell: { row, _ in .count(row.event.occurrences, role: row.event.occurrences > 1 ? .text : .muted) })
      Column(
        "MESSAGE", minimum: 24, priority: 100, letter: "M", takesRest: true,
        key: { row, _ in .text(row.event.message) },
        cell: { row, _ in StyledText(row.event.message) })
    },
    sort: SortOrder(column: "seen", isDescending: false), noun: "event")
}
