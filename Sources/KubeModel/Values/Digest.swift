/// 64 bits of FNV-1a: the same in every process, as Swift's own hashes are not. Not for what somebody may forge.
public enum Digest {
  /// The digest of no bytes, from which one in steps begins.
  public static let empty: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The digest of a text's UTF-8.
  public static func of(_ text: String) -> UInt64 { of(text.utf8) }

  /// The digest of bytes; with `start`, of those behind what `start` is the digest of.
  @inlinable
  public static func of(_ bytes: some Sequence<UInt8>, from start: UInt64 = empty) -> UInt64 {
    bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// 16 hexadecimal digits.
  public static func text(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
