/// `text` in double quotes with Go's escapes (`%q`): control characters and what cannot be printed never come through.
public func goQuoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    if scalar == "\"" { result += "\\\"" } else { appendGoEscaped(scalar, to: &result) }
  }
  return result + "\""
}

/// A character in single quotes with Go's escapes.
func goQuotedCharacter(_ scalar: Unicode.Scalar) -> String {
  var result = "'"
  if scalar == "'" { result += "\\'" } else { appendGoEscaped(scalar, to: &result) }
  return result + "'"
}

private func appendGoEscaped(_ scalar: Unicode.Scalar, to result: inout String) {
  switch scalar {
  case "\\": result += "\\\\"
  case "\n": result += "\\n"
  case "\t": result += "\\t"
  case "\r": result += "\\r"
  case "\u{7}": result += "\\a"
  case "\u{8}": result += "\\b"
  case "\u{B}": result += "\\v"
  case "\u{C}": result += "\\f"
  default:
    if scalar.value < 0x20 || scalar.value == 0x7F {
      result += "\\x" + hexadecimal(scalar.value, digits: 2)
    } else if isGoPrintable(scalar) {
      result.unicodeScalars.append(scalar)
    } else if scalar.value < 0x10000 {
      result += "\\u" + hexadecimal(scalar.value, digits: 4)
    } else {
      result += "\\U" + hexadecimal(scalar.value, digits: 8)
    }
  }
}

/// A character by its number, as Go's `%#U` writes one that cannot be shown: `U+0007`.
public func goCodePoint(_ scalar: Unicode.Scalar) -> String {
  "U+" + hexadecimal(scalar.value, digits: 4).uppercased()
}

/// Whether Go counts a character as printable (unicode.IsPrint).
public func isGoPrintable(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.value < 0x7F { return scalar.value >= 0x20 }
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator:
    return false
  default: return true
  }
}

private func hexadecimal(_ value: UInt32, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
