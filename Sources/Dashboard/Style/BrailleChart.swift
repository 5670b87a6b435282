/// A filled chart in braille: two values a column, four steps a row.
enum BrailleChart {
  /// The rows from the top, each `width` columns; the last value stands at the right edge. A value above 0 shows.
  static func rows(_ values: [Int], width: Int, height: Int, top: Int) -> [String] {
    guard width > 0, height > 0 else { return [] }
    let shown = values.suffix(width * 2)
    let steps = Array(repeating: 0, count: width * 2 - shown.count) + shown.map { step($0, of: top, height * 4) }
    return (0..<height).map { row in
      let below = (height - 1 - row) * 4
      return String(
        String.UnicodeScalarView(
          (0..<width).compactMap { column in
            let left = max(0, min(4, steps[column * 2] - below))
            let right = max(0, min(4, steps[column * 2 + 1] - below))
            return Unicode.Scalar(UInt32(0x2800 + leftDots[left] + rightDots[right]))
          }))
    }
  }

  /// A row in stretches with dots and without; those without are blanks.
  static func runs(_ row: String) -> [(text: String, isBlank: Bool)] {
    var runs: [(text: String, isBlank: Bool)] = []
    for cell in row {
      let isBlank = cell == "\u{2800}"
      if runs.last?.isBlank != isBlank { runs.append(("", isBlank)) }
      runs[runs.count - 1].text.append(isBlank ? " " : cell)
    }
    return runs
  }

  private static func step(_ value: Int, of top: Int, _ steps: Int) -> Int {
    guard value > 0, top > 0 else { return 0 }
    return max(1, Int((Double(min(value, top)) / Double(top) * Double(steps)).rounded()))
  }

  /// The dots of a cell's half that is filled from below to a step.
  private static let leftDots = [0, 0x40, 0x44, 0x46, 0x47]
  private static let rightDots = [0, 0x80, 0xA0, 0xB0, 0xB8]
}
