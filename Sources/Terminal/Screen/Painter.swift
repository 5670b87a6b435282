import CNcurses

/// Turns cells into what ncurses draws: resolves roles once a theme, and gives out colour pairs as they are needed.
struct Painter {
  let depth: ColorDepth
  private(set) var theme: Theme?
  private var suitedTheme = Theme.monochrome
  /// By role and attributes, in one number.
  private var styles: [UInt32: (pair: Int32, attributes: UInt8)] = [:]
  private var pairs: [Look: Int32] = [:]
  private let pairLimit: Int32
  private var run: [cnc_cell] = []

  /// - Parameter pairLimit: how many colour pairs the terminal has; none without colours.
  init(depth: ColorDepth, pairLimit: Int) {
    self.depth = depth
    self.pairLimit = depth == .monochrome ? 0 : Int32(clamping: pairLimit)
  }

  /// Returns true when it wasn't the theme before.
  mutating func use(_ theme: Theme) -> Bool {
    if theme == self.theme { return false }
    self.theme = theme
    suitedTheme = theme.suited(to: depth)
    styles = [:]
    return true
  }

  /// Draws one row of `canvas` where it differs from `old`, or all of it.
  mutating func paint(row: Int, of canvas: Canvas, changedFrom old: Canvas?, columns limit: Int) {
    let columns = min(canvas.size.columns, limit)
    guard columns > 0 else { return }
    let start = row * canvas.size.columns
    let cells = canvas.cells
    var first = 0
    var last = columns - 1
    if let old {
      while first <= last, cells[start + first] == old.cells[start + first] { first += 1 }
      while last >= first, cells[start + last] == old.cells[start + last] { last -= 1 }
      if first > last { return }
      if cells[start + first].width == 0, first > 0 { first -= 1 }
    }
    run.removeAll(keepingCapacity: true)
    for column in first...last {
      let cell = cells[start + column]
      // A wide character's right half is drawn with its left one; over the screen's edge nothing can be.
      if cell.width == 0 { continue }
      run.append(encode(column + Int(cell.width) > limit ? Self.cut(cell) : cell))
    }
    cnc_put(Int32(row), Int32(first), run, Int32(run.count))
  }

  private static func cut(_ cell: Cell) -> Cell {
    Cell(base: 0x20, width: 1, role: cell.role, attributes: cell.attributes)
  }

  private mutating func encode(_ cell: Cell) -> cnc_cell {
    let style = style(role: cell.role, attributes: cell.attributes)
    let marks = (
      UInt32(cell.marks & 0x1F_FFFF), UInt32(cell.marks >> 21 & 0x1F_FFFF), UInt32(cell.marks >> 42 & 0x1F_FFFF)
    )
    return cnc_cell(
      scalars: (cell.base, marks.0, marks.1, marks.2), pair: style.pair, attributes: style.attributes,
      width: cell.width)
  }

  private mutating func style(role: Role, attributes: Attributes) -> (pair: Int32, attributes: UInt8) {
    let key = UInt32(role.id) << 8 | UInt32(attributes.rawValue)
    if let style = styles[key] { return style }
    var style = suitedTheme.style(role)
    style.attributes.formUnion(attributes)
    let look = Look(style, depth: depth)
    let resolved = (pair(for: look), look.attributes.rawValue)
    styles[key] = resolved
    return resolved
  }

  /// Pair 0 is the terminal's own colours, and what is left when there are no more.
  private mutating func pair(for look: Look) -> Int32 {
    var colors = look
    colors.attributes = []
    if colors == .plain { return 0 }
    if let pair = pairs[colors] { return pair }
    let next = Int32(pairs.count) + 1
    guard next < pairLimit, cnc_set_pair(next, colors.foreground, colors.background) != 0 else { return 0 }
    pairs[colors] = next
    return next
  }
}
