/// A character as the screen shows it: a base, up to three marks, and its width.
struct Glyph: Hashable {
  var base: UInt32
  var marks: UInt64 = 0
  /// 1 or 2 columns.
  var width: UInt8

  static let space = Glyph(base: 0x20, width: 1)
  /// Stands for everything that must not reach the terminal: a middle dot.
  static let placeholder = Glyph(base: 0xB7, width: 1)

  /// Adds a mark; the fourth and later ones are dropped, so that no text can grow a cell without bound.
  fileprivate mutating func add(mark: UInt32) {
    if marks == 0 {
      marks = UInt64(mark)
    } else if marks < 1 << 21 {
      marks |= UInt64(mark) << 21
    } else if marks < 1 << 42 {
      marks |= UInt64(mark) << 42
    }
  }

  func append(to scalars: inout String.UnicodeScalarView) {
    Cell(base: base, marks: marks, width: width, role: .text, attributes: []).appendText(to: &scalars)
  }
}

/// Reads text as the glyphs that stand for it on a screen.
///
/// What it yields is safe to show: controls, direction overrides and invisible characters come out as
/// ``Glyph/placeholder``, tabs as blanks up to the next multiple of eight columns from the text's start. Joined emoji
/// come out as their first part and flags as their two letters, since terminals disagree about their width.
struct GlyphScanner: IteratorProtocol {
  static let tabWidth = 8

  private var iterator: String.UnicodeScalarView.Iterator
  private var peeked: Unicode.Scalar?
  private var blanksLeft = 0
  private var placeholderIsNext = false
  private var column = 0

  init(_ text: String) {
    iterator = text.unicodeScalars.makeIterator()
    peeked = iterator.next()
  }

  mutating func next() -> Glyph? {
    guard let glyph = scan() else { return nil }
    column += Int(glyph.width)
    return glyph
  }

  private mutating func take() -> Unicode.Scalar? {
    defer { if peeked != nil { peeked = iterator.next() } }
    return peeked
  }

  private mutating func scan() -> Glyph? {
    if blanksLeft > 0 {
      blanksLeft -= 1
      return .space
    }
    if placeholderIsNext {
      placeholderIsNext = false
      return .placeholder
    }
    guard let scalar = take() else { return nil }
    var glyph: Glyph
    switch ScalarClass(scalar) {
    case .glyph(let width): glyph = Glyph(base: scalar.value, width: width)
    case .space: glyph = .space
    case .skinTone: glyph = Glyph(base: scalar.value, width: 2)
    case .regionalIndicator: return Glyph(base: scalar.value - 0x1F1E6 + 0x41, width: 1)
    case .tab:
      blanksLeft = Self.tabWidth - column % Self.tabWidth - 1
      return .space
    case .mark, .selector, .joiner, .hidden: return .placeholder
    }
    takeFollowers(of: &glyph)
    return glyph
  }

  /// Marks are added to the glyph; selectors, skin tones and what is joined to an emoji are dropped.
  private mutating func takeFollowers(of glyph: inout Glyph) {
    while let scalar = peeked, scalar.value >= 0x300 {
      switch ScalarClass(scalar) {
      case .mark: glyph.add(mark: scalar.value)
      case .selector: break
      case .skinTone where ScalarClass.isPictograph(glyph.base): break
      case .joiner where ScalarClass.isPictograph(glyph.base):
        _ = take()
        guard let joined = peeked, ScalarClass.isPictograph(joined.value) else {
          placeholderIsNext = true
          return
        }
      case .hidden where glyph.base == 0x1F3F4 && (0xE0020...0xE007F).contains(scalar.value):
        break  // the tags of a subdivision flag (England, Scotland, Wales)
      default: return
      }
      _ = take()
    }
  }
}
