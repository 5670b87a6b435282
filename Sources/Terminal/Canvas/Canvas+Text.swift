extension Canvas {
  /// The rows as text, joined by line feeds, blanks at the end of each row left out.
  public func plainText() -> String {
    (0..<size.rows).map { row in
      var scalars = String.UnicodeScalarView()
      for cell in trimmed(row, while: \.isBlank) { cell.appendText(to: &scalars) }
      return String(scalars)
    }.joined(separator: "\n")
  }

  /// How each cell is styled, in the shape of ``plainText()``: a letter a cell, and below them a legend.
  ///
  /// A cell in role ``Role/text`` without attributes is `.`, left out at the end of a row. The letters depend only on
  /// the names of the styles on this canvas, so that a change elsewhere in a program doesn't change them.
  public func styleMap() -> String {
    struct Style: Hashable {
      let role: Role
      let attributes: Attributes
    }
    let plain = Style(role: .text, attributes: [])
    let present = Set(cells.map { Style(role: $0.role, attributes: $0.attributes) }).subtracting([plain])
    let names = Dictionary(
      uniqueKeysWithValues: present.map { style in
        (style, ([style.role.name] + Attributes.names(in: style.attributes)).joined(separator: " "))
      })
    var letters: [Style: Character] = [plain: "."]
    var legend: [String] = []
    var taken: Set<Character> = ["."]
    for (style, name) in names.sorted(by: { $0.value < $1.value }) {
      let wanted = name.filter { $0.isASCII && $0.isLetter }
      let spare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
      let letter = (wanted.lowercased() + wanted.uppercased() + spare).first { !taken.contains($0) } ?? "?"
      taken.insert(letter)
      letters[style] = letter
      legend.append("\(letter) = \(name)")
    }
    let rows = (0..<size.rows).map { row in
      String(
        trimmed(row) { $0.role == .text && $0.attributes.isEmpty }.map {
          letters[Style(role: $0.role, attributes: $0.attributes)] ?? "?"
        })
    }
    return (rows + legend).joined(separator: "\n")
  }

  private func trimmed(_ row: Int, while drop: (Cell) -> Bool) -> ArraySlice<Cell> {
    var slice = cells[row * size.columns..<(row + 1) * size.columns]
    while let last = slice.last, drop(last), last.width > 0 || slice.dropLast().last.map(drop) ?? true {
      slice.removeLast()
    }
    return slice
  }
}

extension Attributes {
  static func names(in attributes: Attributes) -> [String] {
    named.filter { attributes.contains($0.value) }.map(\.name)
  }
}
