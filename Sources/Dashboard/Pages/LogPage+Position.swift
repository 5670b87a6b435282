internal import KubeModel

/// Where in its logs the reader is.
extension LogPage {
  struct Position: Hashable, Sendable {
    /// Up to the end of the screen, 0 to 1; 1 only at the end.
    let share: Double
    /// What its logs take together, as they are kept.
    let bytes: Int

    /// `73 % of 812MiB`
    var text: String {
      let percent = share >= 1 ? 100 : min(99, Int(share * 100))
      return "\(percent) % of \(Format.bytes(bytes))B"
    }
  }

  /// Positions beyond this are no places in a file: a cluster that has no such places tells lines apart by their times.
  private static let fileLimit: UInt64 = 1 << 50
  /// Lines that are looked through for the last one of each log.
  private static let looked = 2_000

  /// How far the screen is from the beginning of all that there is, told by the places of its lines in their files, so
  /// that nothing has to be read for it. `nil` where lines have no such places.
  var position: Position? {
    let bottom = visible.upperBound
    guard bottom > 0 else { return nil }
    // The last line of each log that is on the screen or above it.
    var seen: [Int: UInt64] = [:]
    for index in stride(from: bottom - 1, through: max(0, bottom - Self.looked), by: -1) {
      guard seen.count < sources.count else { break }
      let line = buffer[index]
      if seen[line.source] == nil { seen[line.source] = line.positions.upperBound &+ UInt64(line.text.utf8.count) + 1 }
    }
    let time = buffer[bottom - 1].time
    var (read, whole) = (0.0, 0.0)
    for index in sources.indices {
      let (source, bounds) = (sources[index], buffer.bounds[index])
      let reach = max(source.reach, bounds?.back ?? 0)
      guard reach < Self.fileLimit else { return nil }
      let start = min(source.start ?? 0, reach)
      let at = seen[index] ?? bounds.map { time >= $0.backTime ? $0.back : $0.front } ?? start
      read += Double(min(max(at, start), reach) - start)
      whole += Double(reach - start)
    }
    guard whole > 0 else { return nil }
    let isAtEnd = hasEnd && bottom == end
    return Position(share: isAtEnd ? 1 : min(read / whole, 0.99), bytes: Int(whole))
  }
}
