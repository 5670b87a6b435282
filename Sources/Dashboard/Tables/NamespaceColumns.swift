internal import Cluster
internal import KubeModel
internal import Terminal

extension ViewID {
  static let namespaces = ViewID(rawValue: "namespaces")
}

extension Contexts {
  static let namespaces = Contexts(ViewID.namespaces)
}

extension TableView {
  static let namespaces = TableView(
    id: .namespaces, title: "Namespaces", commands: ["namespaces", "namespace"], kind: .namespace,
    columns: columns(of: NamespaceItem.self) {
      nameColumn()
      Column(
        "STATUS", minimum: 10, maximum: 16, priority: 99, letter: "S",
        key: { row, _ in .text(row.namespaceObject.status.phase) },
        cell: { row, _ in
          let ends = row.namespaceObject.status.phase == "Terminating"
          return StyledText(
            StatusText(standing: ends ? .ending : .succeeded, word: ends ? "Terminating" : "Active"))
        })
      Column(
        "JOBS", minimum: 6, alignment: .right, priority: 90, letter: "J", startsDescending: true,
        value: .key, key: { row, context in .number(context.store.counts(in: row.name).jobs) },
        cell: { row, context in .count(context.store.counts(in: row.name).jobs) })
      Column(
        "CRONJOBS", alignment: .right, priority: 80, letter: "C", startsDescending: true,
        value: .key, key: { row, context in .number(context.store.counts(in: row.name).cronJobs) },
        cell: { row, context in .count(context.store.counts(in: row.name).cronJobs) })
      Column(
        "PODS", minimum: 6, alignment: .right, priority: 85, letter: "D", startsDescending: true,
        value: .key, key: { row, context in .number(context.store.counts(in: row.name).pods) },
        cell: { row, context in .count(context.store.counts(in: row.name).pods) })
      ageColumn()
    },
    sort: SortOrder(column: "name", isDescending: false), noun: "namespace",
    rows: { store, _ in store.all(.namespace).filter { !store.isIdleSystemNamespace($0.name) } },
    // Its rows count what is in them; there are few.
    touches: { $0.kind.isNamespaced || $0.kind == .namespace ? .everything : .nothing })
}
