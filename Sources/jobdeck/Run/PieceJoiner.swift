import KubeModel

/// Makes lines of the pieces that a log has of those which were long, or slow to come to their end.
struct PieceJoiner {
  private var pieces: [LogLine.Stream: [UInt8]] = [:]
  /// A longer line is handed on in parts.
  private static let limit = 64 << 10

  /// The line that is whole with this piece; `nil` while its end is to come.
  mutating func take(_ line: LogLine) -> [UInt8]? {
    let whole = (pieces.removeValue(forKey: line.stream) ?? []) + line.bytes
    guard line.isPartial, whole.count < Self.limit else { return whole }
    pieces[line.stream] = whole
    return nil
  }

  /// Lines whose end never came.
  var rest: [[UInt8]] { pieces.values.filter { !$0.isEmpty } }
}
