internal import Cluster
internal import KubeModel
internal import Terminal

// What is on the screen, line by line.
extension LogPage {
  /// The lines that are on the screen, as far as they are lines of the log.
  var visible: Range<Int> {
    var (index, rows) = (top, 0)
    while index < end, rows < height {
      rows += pieces(index) - (index == top ? topPiece : 0)
      index += 1
    }
    return top..<max(top, index)
  }

  /// What is copied: from the mark to the line that was found or the last one on the screen; without a mark the line
  /// that was found, if it is on the screen, or else the screen.
  var chosen: Range<Int> {
    let visible = visible
    let hit = hit.flatMap { visible.contains($0) ? $0 : nil }
    guard let mark else { return hit.map { $0..<$0 + 1 } ?? visible }
    let last = hit ?? max(visible.lowerBound, visible.upperBound - 1)
    return min(mark, last)..<min(buffer.count, max(mark, last) + 1)
  }

  /// A note above the lines, when they are not all there are.
  var headNote: String? {
    if let progressBase {
      let lines = "\(Format.plural(lookedAt, "line")) so far"
      let distance = distanceToStart
      // Backward it is known how much is left, forward it isn't.
      guard distance > 0, distance < progressBase else { return "… looking further: \(lines)" }
      return "… looking further: \(Int(100 * (1 - distance / progressBase))) %, \(lines)"
    }
    let older = omitted.isEmpty ? "" : "; \(Format.plural(omitted.count, "older pod")) left out"
    if !waiting.isEmpty {
      return "… \(Self.openLimit) logs are read at a time: "
        + "\(waiting.count == 1 ? "1 more waits" : "\(Format.count(waiting.count)) more wait") for an end\(older)"
    }
    if !omitted.isEmpty {
      return "… the logs of the newest pods, as they come\(older)"
    }
    return nil
  }

  /// Line `index` as it is drawn.
  func line(_ index: Int) -> StyledText { head(index) + text(index) }

  /// Pods next to each other are told apart by colour too.
  private static let sourceRoles: [Role] = [.accent, .succeeded, .pending, .running, .marked, .note]

  /// What stands in front of a line: when it was written, and by whom.
  private func head(_ index: Int) -> StyledText {
    let line = buffer[index]
    var spans: [Span] = []
    if index == mark { spans.append(Span("◆ ", .marked, .bold)) }
    if let time = times.text(line.time, now: now, localOffset: localOffset) { spans.append(Span(time + " ", .muted)) }
    if sources.count > 1, sources.indices.contains(line.source) {
      spans.append(Span(sources[line.source].label + " ", Self.sourceRoles[line.source % Self.sourceRoles.count]))
    }
    return StyledText(spans)
  }

  func text(_ index: Int) -> StyledText {
    let line = buffer[index]
    var spans: [Span] = line.isContinuation ? [Span("↪ ", .note)] : []
    let laidOut = laysOutJSON && line.stream != .note ? JSONLine.layOut(line.text) : nil
    switch line.stream {
    case .stdout: spans += (laidOut ?? line.content.styled(.text)).spans
    case .stderr:
      spans.append(Span("! ", .stderr))
      spans += (laidOut ?? line.content.styled(.stderr)).spans
    case .note: spans.append(Span("· " + line.text, .note, .italic))
    }
    return highlighted(StyledText(spans))
  }

  /// Columns to leave out on the left so that what the search matches in line `index` is in view; as many as now where
  /// it is already.
  func sideways(toShow index: Int) -> Int {
    let text = text(index).plain
    guard let match = search?.ranges(in: text).first else { return left }
    return shift(
      toShow: columns(of: match, in: text), from: left, width: max(1, width - head(index).columns))
  }

  /// The piece of a broken line in which the first match begins.
  func matchPiece(_ index: Int) -> Int {
    let (head, text) = (head(index).plain, text(index).plain)
    guard let match = search?.ranges(in: text).first else { return 0 }
    var left = head.count + text.distance(from: text.startIndex, to: match.lowerBound)
    for (piece, shown) in wrapped(line(index), width: width).enumerated() {
      left -= shown.plain.count
      if left < 0 { return piece }
    }
    return 0
  }

  private func highlighted(_ text: StyledText) -> StyledText { search?.highlight(text) ?? text }

  func pieces(_ index: Int) -> Int { wraps ? wrapped(line(index), width: width).count : 1 }

  /// The rows on the screen from the top down, at most `height`.
  func rows() -> [StyledText] {
    var rows: [StyledText] = []
    var index = top
    let end = end
    while rows.count < height, index < end {
      if wraps {
        rows += wrapped(line(index), width: width).dropFirst(index == top ? topPiece : 0)
      } else {
        // Who wrote it stays in view.
        rows.append(head(index) + shifted(text(index), by: left))
      }
      index += 1
    }
    return Array(rows.prefix(height))
  }
}
