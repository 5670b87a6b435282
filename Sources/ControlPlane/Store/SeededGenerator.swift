import KubeModel

/// The control plane's only source of randomness: SplitMix64, the same sequence for the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator, Hashable, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A version 4 UUID.
  mutating func uid() -> String {
    let high = next() & ~0xF000 | 0x4000
    let low = next() & ~(0xC0 << 56) | (0x80 << 56)
    return String(unsafeUninitializedCapacity: 36) { buffer in
      var position = 0
      func hex(_ value: UInt64, digits: Int) {
        for digit in (0..<digits).reversed() {
          let nibble = UInt8(truncatingIfNeeded: value >> UInt64(digit * 4)) & 15
          buffer[position] = nibble < 10 ? 48 + nibble : 87 + nibble
          position += 1
        }
      }
      func dash() {
        buffer[position] = UInt8(ascii: "-")
        position += 1
      }
      hex(high >> 32, digits: 8)
      dash()
      hex(high >> 16, digits: 4)
      dash()
      hex(high, digits: 4)
      dash()
      hex(low >> 48, digits: 4)
      dash()
      hex(low, digits: 12)
      return 36
    }
  }

  /// The five letters and digits behind a generated name; no vowels, so that no words arise (apimachinery's rand).
  mutating func nameSuffix() -> String {
    var bits = next()
    return String(unsafeUninitializedCapacity: 5) { buffer in
      for position in 0..<5 {
        buffer[position] = SeededGenerator.alphabet[Int(bits % 27)]
        bits /= 27
      }
      return 5
    }
  }

  private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)

  /// `base`, cut to 58 characters, with a random suffix: metadata.generateName.
  mutating func name(_ base: String) -> String {
    String(base.utf8.count > 58 ? String(base.prefix(58)) : base) + nameSuffix()
  }
}
