internal import KubeModel
internal import Terminal

/// Text for a file that the user asked for.
public struct Dump: Hashable, Sendable {
  /// As it was typed; empty for one that is made up.
  let path: String
  /// What the file is called where the user names none.
  let usualName: String
  /// How much it is, for the message.
  let amount: String
  /// Made when it is written, away from the screen: a table may be large.
  let text: @Sendable () -> String

  public static func == (a: Dump, b: Dump) -> Bool {
    a.path == b.path && a.usualName == b.usualName && a.amount == b.amount
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(path)
    hasher.combine(usualName)
    hasher.combine(amount)
  }
}

extension Dashboard {
  /// Writes the screen to a file, as it stands there.
  mutating func dumpScreen(_ path: String) -> [Command] {
    let text = render(layout.size).plainText() + "\n"
    return [.write(Dump(path: path, usualName: dumpName("screen", "txt"), amount: "The screen") { text })]
  }

  /// Writes the table's rows to a file: all that the filter shows, and every column.
  mutating func dumpTable(_ path: String) -> [Command] {
    updatePage()
    guard let page = table else {
      complain("There is no table here; :dump writes the screen")
      return []
    }
    var context = context
    context.width = 0
    let csv = CSV(columns: settings.columns(of: page.definition), rows: page.order, context: context)
    return [
      .write(
        Dump(
          path: path, usualName: dumpName(page.definition.commands[0], "csv"),
          amount: Format.plural(page.order.count, page.definition.noun)
        ) { csv.text })
    ]
  }

  /// `jobdeck-jobs-20261124-140307.csv`, in local time.
  private func dumpName(_ what: String, _ ending: String) -> String {
    let civil = CivilTime(now + .seconds(options.localOffset(now)))
    let date = "\(civil.year)\(Format.two(civil.month))\(Format.two(civil.day))"
    let time = "\(Format.two(civil.hour))\(Format.two(civil.minute))\(Format.two(civil.second))"
    return "jobdeck-\(what)-\(date)-\(time).\(ending)"
  }

  mutating func finishDump(_ result: Result<String, StatusError>) {
    switch result {
    case .success(let text): say(text)
    case .failure(let error): complain(error.message)
    }
  }
}
