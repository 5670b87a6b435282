private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// Standard Base64 with padding (RFC 4648, section 4).
public func base64Encoded(_ bytes: [UInt8]) -> String {
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  var index = 0
  while index < bytes.count {
    let rest = bytes.count - index
    let first = bytes[index]
    let second = rest > 1 ? bytes[index + 1] : 0
    let third = rest > 2 ? bytes[index + 2] : 0
    text.append(alphabet[Int(first >> 2)])
    text.append(alphabet[Int((first & 3) << 4 | second >> 4)])
    text.append(rest > 1 ? alphabet[Int((second & 15) << 2 | third >> 6)] : UInt8(ascii: "="))
    text.append(rest > 2 ? alphabet[Int(third & 63)] : UInt8(ascii: "="))
    index += 3
  }
  return String(decoding: text, as: UTF8.self)
}

/// The bytes of standard Base64; line breaks are skipped, anything else that does not belong gives `nil`.
public func base64Decoded(_ text: String) -> [UInt8]? {
  var bytes: [UInt8] = []
  var buffer: UInt32 = 0
  var bits = 0
  var count = 0
  var padding = 0
  for byte in text.utf8 {
    if byte == 0x0A || byte == 0x0D { continue }
    count += 1
    if byte == UInt8(ascii: "=") {
      padding += 1
      continue
    }
    let value: UInt8
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - 71
    case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte + 4
    case UInt8(ascii: "+"): value = 62
    case UInt8(ascii: "/"): value = 63
    default: return nil
    }
    if padding > 0 { return nil }
    buffer = buffer << 6 | UInt32(value)
    bits += 6
    if bits >= 8 {
      bits -= 8
      bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
    }
  }
  return count % 4 == 0 && padding <= 2 ? bytes : nil
}

/// Where standard Base64 goes wrong, as Go's encoding/base64 says it: a byte's number, from 0. `nil` where it does not.
func base64Fault(_ text: String) -> Int? {
  if base64Decoded(text) != nil { return nil }
  let bytes = Array(text.utf8)
  /// Bytes of the present group of four.
  var inGroup = 0
  var index = 0
  while index < bytes.count {
    let byte = bytes[index]
    index += 1
    if byte == 0x0A || byte == 0x0D { continue }
    if byte == UInt8(ascii: "=") {
      // Only at the end of a group: as its last byte, or as its last two.
      if inGroup < 2 { return index - 1 }
      func skipBreaks() { while index < bytes.count, bytes[index] == 0x0A || bytes[index] == 0x0D { index += 1 } }
      skipBreaks()
      if inGroup == 2 {
        guard index < bytes.count else { return bytes.count }
        guard bytes[index] == UInt8(ascii: "=") else { return index - 1 }
        index += 1
        skipBreaks()
      }
      return index < bytes.count ? index : nil
    }
    guard alphabet.contains(byte) else { return index - 1 }
    inGroup = (inGroup + 1) % 4
  }
  return inGroup == 0 ? nil : bytes.count - inGroup
}
