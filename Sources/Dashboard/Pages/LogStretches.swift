internal import Terminal

/// A line that a job wrote, for a program that prints it on a terminal itself.
public struct LogStretch: Hashable, Sendable {
  /// The parameters of the SGR sequence (ECMA-48) that asks for its look, from a terminal's usual look on; empty for
  /// that look.
  public let look: String
  /// Free of sequences; other controls may be in it.
  public let text: String

  /// The line in stretches of one look each. Of a line that was written over (by carriage returns) only the last state
  /// is there, and nothing but graphic renditions is taken from it.
  ///
  /// - Complexity: O(*n*) in the line's bytes.
  public static func all(of bytes: [UInt8]) -> [LogStretch] {
    let line = LogText(bytes)
    var stretches: [LogStretch] = []
    var start = line.text.utf8.startIndex
    var pen = Pen()
    func add(to end: String.Index) {
      guard start < end else { return }
      stretches.append(LogStretch(look: pen.parameters, text: String(line.text[start..<end])))
    }
    for run in line.runs {
      let place = line.text.utf8.index(line.text.utf8.startIndex, offsetBy: run.start)
      add(to: place)
      (start, pen) = (place, run.pen)
    }
    add(to: line.text.utf8.endIndex)
    return stretches
  }
}

extension Pen {
  /// What asks for it in an SGR sequence.
  fileprivate var parameters: String {
    let codes: [(Attributes, Int)] = [(.bold, 1), (.dim, 2), (.italic, 3), (.underline, 4), (.reverse, 7)]
    let asked = codes.filter { attributes.contains($0.0) }.map { String($0.1) }
    return (asked + Self.parameters(of: foreground, 30) + Self.parameters(of: background, 40)).joined(separator: ";")
  }

  private static func parameters(of color: Color, _ base: Int) -> [String] {
    switch color {
    case .default: []
    case .ansi(let number): [String(number < 8 ? base + Int(number) : base + 52 + Int(number))]
    case .indexed(let number): ["\(base + 8);5;\(number)"]
    case .rgb(let red, let green, let blue): ["\(base + 8);2;\(red);\(green);\(blue)"]
    }
  }
}
