/// What one Unicode scalar is to a terminal.
///
/// Widths agree with glibc's `wcwidth` for every assigned character that is passed on; what glibc and terminals
/// disagree about (joined emoji, flags, invisible characters) is never passed on.
enum ScalarClass: Hashable {
  /// Takes columns of its own: 1 or 2.
  case glyph(width: UInt8)
  /// Drawn over the character before it.
  case mark
  /// Chooses a form of the character before it; dropped, because terminals disagree on the width of the result.
  case selector
  /// Joins two emoji; between anything else it is an invisible character like any other.
  case joiner
  /// Half of a flag; shown as its letter.
  case regionalIndicator
  /// Skin tone: two columns alone, nothing after an emoji.
  case skinTone
  /// Blank, one column.
  case space
  case tab
  /// Nothing that may reach a terminal: controls, direction overrides, invisible and unassigned characters.
  case hidden

  init(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x20..<0x7F, 0xA1..<0xAD, 0xAE..<0x300: self = .glyph(width: 1)
    case 0x09: self = .tab
    case 0..<0xA0, 0xAD: self = .hidden
    case 0xA0: self = .space
    case 0x2010...0x2027, 0x2030...0x205E, 0x2190...0x2319, 0x2500...0x25FC: self = .glyph(width: 1)
    case 0x4E00...0x9FFF, 0xAC00...0xD7A3: self = .glyph(width: 2)
    case 0x1160...0x11FF, 0xD7B0...0xD7FB: self = .mark
    case 0x200D: self = .joiner
    case 0x1F1E6...0x1F1FF: self = .regionalIndicator
    case 0x1F3FB...0x1F3FF: self = .skinTone
    default: self = Self.byProperties(of: scalar)
    }
  }

  private static func byProperties(of scalar: Unicode.Scalar) -> ScalarClass {
    let properties = scalar.properties
    if properties.isVariationSelector { return .selector }
    if properties.isDefaultIgnorableCodePoint { return .hidden }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark:
      return .mark
    case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator:
      return .hidden
    case .spaceSeparator where scalar.value != 0x3000:
      return .space
    default:
      return .glyph(width: isWide(scalar.value) ? 2 : 1)
    }
  }

  /// True when the scalar can be a part of a joined emoji.
  static func isPictograph(_ value: UInt32) -> Bool {
    value >= 0x203C && (Unicode.Scalar(value)?.properties.isEmoji ?? false)
  }

  private static func isWide(_ value: UInt32) -> Bool {
    var low = 0
    var high = wideRanges.count
    while low < high {
      let middle = (low + high) / 2
      if wideRanges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < wideRanges.count && wideRanges[low].contains(value)
  }

  /// East Asian Width W and F, runs joined over unassigned characters and combining marks (which are looked at first).
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0, 0x23F3...0x23F3,
    0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F, 0x2693...0x2693, 0x26A1...0x26A1,
    0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA,
    0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B,
    0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
    0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55, 0x2E80...0x303E,
    0x3041...0xA4C6, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAD9, 0xFE10...0xFE6B, 0xFF01...0xFF60,
    0xFFE0...0xFFE6, 0x1_6FE0...0x1_8DFF, 0x1_AFF0...0x1_B2FB, 0x1_F004...0x1_F004, 0x1_F0CF...0x1_F0CF,
    0x1_F18E...0x1_F18E, 0x1_F191...0x1_F19A, 0x1_F200...0x1_F320, 0x1_F32D...0x1_F335, 0x1_F337...0x1_F37C,
    0x1_F37E...0x1_F393, 0x1_F3A0...0x1_F3CA, 0x1_F3CF...0x1_F3D3, 0x1_F3E0...0x1_F3F0, 0x1_F3F4...0x1_F3F4,
    0x1_F3F8...0x1_F43E, 0x1_F440...0x1_F440, 0x1_F442...0x1_F4FC, 0x1_F4FF...0x1_F53D, 0x1_F54B...0x1_F54E,
    0x1_F550...0x1_F567, 0x1_F57A...0x1_F57A, 0x1_F595...0x1_F596, 0x1_F5A4...0x1_F5A4, 0x1_F5FB...0x1_F64F,
    0x1_F680...0x1_F6C5, 0x1_F6CC...0x1_F6CC, 0x1_F6D0...0x1_F6D2, 0x1_F6D5...0x1_F6DF, 0x1_F6EB...0x1_F6EC,
    0x1_F6F4...0x1_F6FC, 0x1_F7E0...0x1_F7F0, 0x1_F90C...0x1_F93A, 0x1_F93C...0x1_F945, 0x1_F947...0x1_F9FF,
    0x1_FA70...0x1_FAFF, 0x2_0000...0x2_FFFD, 0x3_0000...0x3_FFFD,
  ]
}
