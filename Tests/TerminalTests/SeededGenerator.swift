/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Text of scalars from everywhere, the dangerous and the wide ones more often.
  mutating func text(maxScalars: Int) -> String {
    var scalars = String.UnicodeScalarView()
    let special: [UInt32] = [
      0x1B, 0x07, 0x09, 0x0A, 0x0D, 0x7F, 0x9B, 0xAD, 0x300, 0x301, 0x5D0, 0x200B, 0x200D, 0x202E, 0x2066, 0x65E5,
      0xFE0F, 0xFEFF, 0x1F1E9, 0x1F1EA, 0x1F3FB, 0x1F468, 0x1F469, 0x1F680, 0xE0001, 0xE0067, 0x1160, 0x1112, 0x3164,
    ]
    for _ in 0..<Int.random(in: 0...maxScalars, using: &self) {
      let value: UInt32 =
        switch Int.random(in: 0..<4, using: &self) {
        case 0: UInt32.random(in: 0x20..<0x7F, using: &self)
        case 1: special.randomElement(using: &self) ?? 0
        case 2: UInt32.random(in: 0..<0x3000, using: &self)
        default: UInt32.random(in: 0..<0x110000, using: &self)
        }
      if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
    }
    return String(scalars)
  }
}
