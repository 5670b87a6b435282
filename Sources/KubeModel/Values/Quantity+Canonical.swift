extension Quantity {
  /// This quantity as Kubernetes writes it back: `0.1` → `100m`, `1024Mi` → `1Gi`, `1.5Gi` → `1536Mi`.
  ///
  /// The notation (decimal, binary, exponent) is kept, the mantissa has no fraction, the suffix is the largest
  /// possible. What is finer than a billionth is rounded up. Spellings beyond 64 bits stay as they are.
  public var canonical: Quantity { Quantity(milli: milli, text: Quantity.canonicalText(text) ?? text) }

  private enum Notation {
    case decimal, exponent, binary
  }

  private static func canonicalText(_ text: String) -> String? {
    var rest = Substring(text)
    var isNegative = false
    if let sign = rest.first, sign == "+" || sign == "-" {
      isNegative = sign == "-"
      rest = rest.dropFirst()
    }
    let number = rest.prefix { $0 == "." || ("0"..."9").contains($0) }
    let suffix = rest.dropFirst(number.count)
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, var mantissa = Int64("0" + parts.joined()) else { return nil }
    var exponent = parts.count == 2 ? -parts[1].count : 0
    var notation = Notation.decimal
    if suffix.hasSuffix("i"), let power = binarySuffixes.firstIndex(of: String(suffix)) {
      notation = .binary
      let (product, overflow) = mantissa.multipliedReportingOverflow(by: Int64(1) << Int64(10 * power))
      if overflow { return nil }
      mantissa = product
    } else if let power = decimalSuffixes.firstIndex(of: String(suffix)) {
      exponent += 3 * (power - 3)
    } else if let first = suffix.first, first == "e" || first == "E", let power = Int(suffix.dropFirst()) {
      guard (-99...99).contains(power) else { return nil }
      notation = .exponent
      exponent += power
    } else {
      return nil
    }
    while exponent < -9 {
      mantissa = mantissa / 10 + (mantissa % 10 == 0 ? 0 : 1)
      exponent += 1
    }
    if mantissa == 0 { return "0" }
    while mantissa % 10 == 0 {
      mantissa /= 10
      exponent += 1
    }
    if notation == .binary {
      if let whole = whole(mantissa, exponent), whole >= 1024 {
        return (isNegative ? "-" : "") + binaryText(whole)
      }
      notation = .decimal
    }
    while exponent % 3 != 0 {
      let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      mantissa = product
      exponent -= 1
    }
    let end: String
    if notation == .exponent || exponent > 18 {
      end = exponent == 0 ? "" : "e\(exponent)"
    } else {
      end = decimalSuffixes[exponent / 3 + 3]
    }
    return (isNegative ? "-" : "") + String(mantissa) + end
  }

  private static func whole(_ mantissa: Int64, _ exponent: Int) -> Int64? {
    guard exponent >= 0 else { return nil }
    var value = mantissa
    for _ in 0..<exponent {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = product
    }
    return value
  }

  private static func binaryText(_ whole: Int64) -> String {
    var value = whole
    var power = 0
    while value % 1024 == 0, power < 6 {
      value /= 1024
      power += 1
    }
    return String(value) + binarySuffixes[power]
  }

  private static let decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
  private static let binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]

  /// A quantity of `milli` thousandths in canonical decimal spelling: 1500 → `1500m`, 2000 → `2`.
  public init(milli: Int64) {
    let text = milli % 1000 == 0 ? String(milli / 1000) : "\(milli)m"
    self = Quantity(milli: milli, text: text).canonical
  }

  /// A number of bytes in canonical binary spelling: 67108864 → `64Mi`.
  public init(bytes: Int64) {
    let (milli, overflow) = bytes.multipliedReportingOverflow(by: 1000)
    let text = bytes.magnitude < 1024 ? String(bytes) : (bytes < 0 ? "-" : "") + Quantity.binaryText(abs(bytes))
    self.init(milli: overflow ? (bytes < 0 ? -Int64.max : Int64.max) : milli, text: text)
  }

  /// The sum, spelled in the notation of the left operand (of the right one where the left is zero); saturates.
  public static func + (left: Quantity, right: Quantity) -> Quantity {
    let (sum, overflow) = left.milli.addingReportingOverflow(right.milli)
    let milli = overflow ? (left.milli < 0 ? -Int64.max : Int64.max) : sum
    let model = left.milli == 0 ? right : left
    if model.text.hasSuffix("i"), milli % 1000 == 0 { return Quantity(bytes: milli / 1000) }
    return Quantity(milli: milli)
  }
}

extension ResourceList {
  /// Every resource of either list, added up.
  public static func + (left: ResourceList, right: ResourceList) -> ResourceList {
    var result = left
    for entry in right.entries {
      result[entry.name] = result[entry.name].map { $0 + entry.quantity } ?? entry.quantity
    }
    return result
  }

  /// For every resource of either list the larger quantity.
  public func maximum(_ other: ResourceList) -> ResourceList {
    var result = self
    for entry in other.entries {
      if let own = result[entry.name], own >= entry.quantity { continue }
      result[entry.name] = entry.quantity
    }
    return result
  }

  /// This list with every quantity in canonical spelling.
  public var canonical: ResourceList {
    var result = ResourceList()
    for entry in entries { result[entry.name] = entry.quantity.canonical }
    return result
  }
}
