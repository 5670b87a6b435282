import Dashboard

/// Puts lines and logs on standard output in an order that makes sense: the end of a pod after the last line of its
/// log, the end of a job after the ends of its pods.
@MainActor
final class Printer {
  let output: Output
  /// Log followers at work, by pod UID.
  private var open: [String: Int] = [:]
  private var held: [Narrator.Line] = []
  private var waiter: CheckedContinuation<Void, Never>?
  private var colors: LabelColors

  /// What stands in front of a log's lines.
  struct Label {
    var text: String
    /// Nothing where there are to be no colours.
    var color: String?
  }

  init(_ output: Output) {
    self.output = output
    colors = LabelColors(hasMany: output.hasManyColors)
  }

  /// Hands the lines over, but for those that have to wait for a log.
  func print(_ lines: [Narrator.Line]) {
    for line in lines { printOrHold(line) }
    output.handOver()
  }

  private func printOrHold(_ line: Narrator.Line) {
    let waits = line.after.filter { open[$0] != nil }
    if waits.isEmpty {
      output.line(Printable.line(line.text))
    } else {
      held.append(Narrator.Line(text: line.text, after: waits))
    }
  }

  func logBegins(_ start: Narrator.LogStart) -> Label {
    open[start.podUID, default: 0] += 1
    return Label(text: start.label, color: output.isTerminal && output.showsColors ? colors.take() : nil)
  }

  func logEnds(_ podUID: String) {
    let left = (open[podUID] ?? 1) - 1
    open[podUID] = left > 0 ? left : nil
    if left <= 0, !held.isEmpty {
      let lines = held
      held = []
      print(lines)
    }
    if open.isEmpty { resumeWaiter() }
  }

  /// The pods whose logs are not at their end, by UID.
  var openLogs: some Collection<String> { open.keys }

  /// Returns when every log that was begun has ended, or the task is cancelled. For one task at a time.
  func waitForLogs() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if open.isEmpty || Task.isCancelled { return continuation.resume() }
        waiter = continuation
      }
    } onCancel: {
      Task { @MainActor in self.resumeWaiter() }
    }
  }

  private func resumeWaiter() {
    waiter?.resume()
    waiter = nil
  }

  /// One line of a container's log, behind the name of its pod.
  ///
  /// On a terminal, colours are all of it that the terminal obeys; they end with the line. A file or a pipe gets what
  /// the program wrote, but what follows a carriage return stands in a line of its own, lest it hides the name.
  func log(_ label: Label, _ bytes: [UInt8]) {
    if output.isTerminal {
      let name = label.color.map { "\u{1B}[\($0)m\(label.text) |\u{1B}[0m" } ?? "\(label.text) |"
      output.line("\(name) \(Self.shown(bytes, inColor: output.showsColors))")
      return
    }
    let label = label.text
    // The end of a line as other systems write it stays.
    let end = bytes.last == UInt8(ascii: "\r") ? bytes.endIndex - 1 : bytes.endIndex
    let parts = bytes[..<end].split(separator: UInt8(ascii: "\r"))
    for (index, part) in parts.enumerated() {
      output.write("\(label) | ".utf8)
      output.write(part)
      if index == parts.count - 1 { output.write(bytes[end...]) }
      output.write(CollectionOfOne(UInt8(ascii: "\n")))
    }
    if parts.isEmpty {
      output.write("\(label) | ".utf8)
      output.write(bytes[end...])
      output.write(CollectionOfOne(UInt8(ascii: "\n")))
    }
  }

  private static func shown(_ bytes: [UInt8], inColor: Bool) -> String {
    LogStretch.all(of: bytes).map { stretch in
      let text = Printable.line(stretch.text)
      return stretch.look.isEmpty || !inColor ? text : "\u{1B}[\(stretch.look)m\(text)\u{1B}[0m"
    }.joined()
  }

  /// What is still held back: whoever waited for it has given up.
  func printHeld() {
    for line in held { output.line(Printable.line(line.text)) }
    held = []
    output.handOver()
  }
}
