import Testing

@testable import Terminal

@Suite struct CanvasTests {
  private func canvas(_ columns: Int, _ rows: Int) -> Canvas {
    Canvas(size: Size(columns: columns, rows: rows))
  }

  @Test func aCellIsSmall() {
    #expect(MemoryLayout<Cell>.size == 16)
  }

  @Test func putReturnsTheColumnsUsed() {
    var canvas = canvas(10, 1)
    #expect(canvas.put("abc", at: .zero) == 3)
    #expect(canvas.put("日本", at: Point(column: 3, row: 0), role: .error, attributes: .bold) == 4)
    #expect(canvas.put("overflow", at: Point(column: 7, row: 0)) == 3)
    #expect(canvas.plainText() == "abc日本ove")
    #expect(canvas[3, 0].text == "日")
    #expect(canvas[3, 0].width == 2)
    #expect(canvas[4, 0].isContinuation)
    #expect(canvas[4, 0].role == .error)
    #expect(canvas[4, 0].attributes == .bold)
  }

  @Test func nothingIsDrawnOutside() {
    var canvas = canvas(4, 2)
    #expect(canvas.put("x", at: Point(column: 4, row: 0)) == 0)
    #expect(canvas.put("x", at: Point(column: 0, row: 2)) == 0)
    #expect(canvas.put("x", at: Point(column: 0, row: -1)) == 0)
    #expect(canvas.put("x", at: Point(column: .max, row: .max)) == 0)
    #expect(canvas.put("x", at: Point(column: .min, row: 0)) == 1)
    canvas.fill(Rect(column: -5, row: -5, columns: .max, rows: 2), with: "#")
    canvas.restyle(Rect(column: 10, row: 10, columns: 3, rows: 3), role: .error)
    #expect(canvas == self.canvas(4, 2))
    #expect(canvas.put("abcdef", at: Point(column: -2, row: 1)) == 6)
    #expect(canvas.plainText() == "\ncdef")
    #expect(canvas[-1, 0] == .blank)
  }

  @Test func wideCharactersAreClippedToBlanks() {
    var right = canvas(3, 1)
    #expect(right.put("日本", at: .zero) == 3)
    #expect(right.plainText() == "日")
    #expect(right[2, 0].text == " ")
    var left = canvas(3, 1)
    #expect(left.put("日x", at: Point(column: -1, row: 0)) == 3)
    #expect(left.plainText() == " x")
    var limited = canvas(9, 1)
    #expect(limited.put("日本", at: .zero, role: .error, maxColumns: 3) == 3)
    #expect(limited[2, 0].role == .error)
    #expect(limited[3, 0] == .blank)
  }

  @Test func overwritingHalfOfAWideCharacterBlanksTheOther() {
    var canvas = canvas(6, 1)
    canvas.put("日本語", at: .zero)
    canvas.put("x", at: Point(column: 1, row: 0))
    #expect(canvas.plainText() == " x本語")
    canvas.put("y", at: Point(column: 2, row: 0))
    #expect(canvas.plainText() == " xy 語")
    canvas.put("本", at: Point(column: 3, row: 0))
    #expect(canvas.plainText() == " xy本")
    canvas.fill(Rect(column: 4, row: 0, columns: 1, rows: 1), with: "#")
    #expect(canvas.plainText() == " xy #")
  }

  @Test func putEndingAt() {
    var canvas = canvas(8, 1)
    #expect(canvas.put("42", endingAt: Point(column: 8, row: 0)) == 2)
    #expect(canvas.put("abcdef", endingAt: Point(column: 5, row: 0), maxColumns: 3) == 3)
    #expect(canvas.plainText() == "  abc 42")
  }

  @Test func restyleKeepsText() {
    var canvas = canvas(4, 1)
    canvas.put("ab", at: .zero, role: .error, attributes: .dim)
    canvas.restyle(Rect(column: 0, row: 0, columns: 4, rows: 1), role: .selection)
    #expect(canvas.plainText() == "ab")
    #expect(canvas[1, 0].role == .selection)
    #expect(canvas[1, 0].attributes == .dim)
    canvas.restyle(Rect(column: 1, row: 0, columns: 1, rows: 1), adding: .bold)
    #expect(canvas[1, 0].attributes == [.dim, .bold])
    canvas.restyle(Rect(column: 1, row: 0, columns: 1, rows: 1), attributes: [])
    #expect(canvas[1, 0].attributes == [])
    #expect(canvas[3, 0].role == .selection)
  }

  @Test func framesAndOverlays() {
    var dialog = canvas(9, 3)
    dialog.frame(dialog.bounds, title: "a long title")
    dialog.put("ok", at: Point(column: 1, row: 1))
    dialog.cursor = Point(column: 1, row: 1)
    var canvas = canvas(11, 4)
    canvas.fill(canvas.bounds, with: "日")
    canvas.fill(canvas.bounds, with: ".")
    canvas.draw(dialog, at: Point(column: 1, row: 1))
    #expect(
      canvas.plainText()
        == """
        ...........
        .┌─ a … ─┐.
        .│ok     │.
        .└───────┘.
        """)
    #expect(canvas.cursor == Point(column: 2, row: 2))
  }

  @Test func overlaysCutWideCharacters() {
    var wide = canvas(4, 1)
    wide.put("日本", at: .zero)
    var canvas = canvas(4, 1)
    canvas.draw(wide, at: Point(column: -1, row: 0))
    #expect(canvas.plainText() == " 本")
    canvas.draw(wide, at: Point(column: 1, row: 0))
    #expect(canvas.plainText() == " 日")
    #expect(canvas[3, 0].width == 1)
  }

  @Test func styleMapsNameRoles() {
    var canvas = canvas(8, 3)
    canvas.put("Name", at: .zero, role: .header, attributes: .bold)
    canvas.put("日x", at: Point(column: 1, row: 1), role: .error)
    canvas.put("plain", at: Point(column: 0, row: 2))
    canvas.put("m", at: Point(column: 6, row: 2), role: .muted)
    #expect(
      canvas.styleMap() == """
        hhhh
        .eee
        ......m
        e = error
        h = header bold
        m = muted
        """)
  }

  @Test func rolesAreInterned() {
    let role = Role("test-role", like: .warning)
    #expect(role == Role("test-role"))
    #expect(role != Role("other-test-role"))
    #expect(role.name == "test-role")
    #expect(role.fallback == .warning)
    #expect(Role("header") == .header)
    #expect(Role.text.fallback == nil)
  }

  @Test func sizesAreBounded() {
    #expect(canvas(-1, 5).size == Size(columns: 0, rows: 5))
    #expect(canvas(1_000_000, 0).size.columns == 4096)
    var nothing = canvas(0, 0)
    nothing.put("x", at: .zero)
    nothing.frame(nothing.bounds)
    #expect(nothing.plainText() == "")
  }

  /// Whatever is drawn wherever, wide characters have both halves and no cell holds anything but visible characters.
  @Test(arguments: 0..<20)
  func invariantsHoldForRandomDrawing(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let size = Size(
      columns: Int.random(in: 1...30, using: &generator), rows: Int.random(in: 1...4, using: &generator))
    var canvas = Canvas(size: size)
    for _ in 0..<300 {
      let place = Point(
        column: Int.random(in: -10...35, using: &generator), row: Int.random(in: -1...4, using: &generator))
      let area = Rect(origin: place, size: Size(columns: Int.random(in: -2...12, using: &generator), rows: 2))
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: canvas.fill(area, with: generator.text(maxScalars: 1).first ?? "x", role: .muted)
      case 1: canvas.restyle(area, role: .accent, adding: .underline)
      case 2: canvas.draw(canvas, at: place)
      default:
        let text = generator.text(maxScalars: 20)
        let limit = Bool.random(using: &generator) ? Int.random(in: -1...20, using: &generator) : nil
        let used = canvas.put(text, at: place, maxColumns: limit)
        #expect(used <= TextWidth.columns(of: text))
        #expect(used == 0 || place.column + used <= size.columns)
      }
      expectConsistent(canvas)
    }
  }

  private func expectConsistent(_ canvas: Canvas) {
    for row in 0..<canvas.size.rows {
      for column in 0..<canvas.size.columns {
        let cell = canvas[column, row]
        switch cell.width {
        case 0: #expect(column > 0 && canvas[column - 1, row].width == 2)
        case 2: #expect(column + 1 < canvas.size.columns && canvas[column + 1, row].width == 0)
        default: #expect(cell.width == 1)
        }
        #expect(cell.text.unicodeScalars.count <= 4)
        #expect(TextWidth.displayed(cell.text) == cell.text)
        #expect(TextWidth.columns(of: cell.text) == Int(cell.width))
      }
    }
  }
}
