/// One place of the screen: a character as a reader sees it, its role and its attributes.
///
/// Sixteen bytes, so that a screen is compared with the one before in microseconds.
public struct Cell: Hashable, Sendable {
  /// The base character; 0 in the second half of a wide one.
  var base: UInt32
  /// What the cell is for, by which a theme gives it its colours.
  public internal(set) var role: Role
  /// What is drawn in addition to the role's own attributes.
  public internal(set) var attributes: Attributes
  /// Columns that the character takes: 1 or 2, and 0 in the cell to the right of a wide one.
  public internal(set) var width: UInt8
  /// Up to three combining marks of 21 bits each, the first one lowest.
  var marks: UInt64

  init(base: UInt32, marks: UInt64 = 0, width: UInt8, role: Role, attributes: Attributes) {
    self.base = base
    self.role = role
    self.attributes = attributes
    self.width = width
    self.marks = marks
  }

  /// A blank in the role ``Role/text``.
  public static let blank = Cell(base: 0x20, width: 1, role: .text, attributes: [])

  /// True in the right half of a wide character, which has no text of its own.
  public var isContinuation: Bool { width == 0 }

  /// True when nothing but background can be seen.
  public var isBlank: Bool { base == 0x20 && marks == 0 || width == 0 }

  /// What stands in the cell: one character with its marks; empty in a continuation.
  public var text: String {
    var scalars = String.UnicodeScalarView()
    appendText(to: &scalars)
    return String(scalars)
  }

  /// The base and its marks, in order; nothing in a continuation.
  func appendText(to scalars: inout String.UnicodeScalarView) {
    guard width > 0, let scalar = Unicode.Scalar(base) else { return }
    scalars.append(scalar)
    var rest = marks
    while rest != 0 {
      if let mark = Unicode.Scalar(UInt32(rest & 0x1F_FFFF)) { scalars.append(mark) }
      rest >>= 21
    }
  }
}
