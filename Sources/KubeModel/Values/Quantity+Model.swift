extension Quantity: Model {
  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> Quantity? {
    let text: String
    switch json {
    case .string(let string): text = string
    case .int(let value): text = String(value)
    case .double(let value): text = "\(value)"
    default:
      decoder.mismatch(json, goType: "resource.Quantity")
      return nil
    }
    // Kubernetes writes quantities back in their canonical spelling whatever the client wrote.
    guard let quantity = Quantity(text)?.canonical else {
      decoder.fail(Quantity.complaint(about: text))
      return nil
    }
    return quantity
  }

  public func encode(to writer: inout JSONWriter) { writer.string(text) }
}

extension ResourceList: Model {
  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> ResourceList? {
    guard case .object(let object) = json else {
      decoder.mismatch(json, goType: "v1.ResourceList")
      return nil
    }
    var list = ResourceList()
    for member in object.members {
      guard let quantity = decoder.at(.key(member.name), { Quantity.decode(member.value, &$0) }) else { return nil }
      list[member.name] = quantity
    }
    return list
  }

  public func encode(to writer: inout JSONWriter) {
    writer.beginObject()
    for entry in entries {
      writer.name(entry.name)
      entry.quantity.encode(to: &writer)
    }
    writer.endObject()
  }

  public var isOmitted: Bool { isEmpty }
}

extension Quantity {
  /// What Kubernetes says of a quantity that it cannot read (apimachinery, api/resource: parseQuantityString): of one
  /// in the right form the suffix is wrong, or there is no number before it.
  static func complaint(about text: String) -> String {
    guard let parts = text.wholeMatch(of: /[+-]?([0-9]*\.?[0-9]*)([eEinumkKMGTP]*[-+]?[0-9]*)/), !text.isEmpty else {
      return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    }
    return scale(String(parts.2)) == nil
      ? "unable to parse quantity's suffix" : "unable to parse numeric part of quantity"
  }

  /// Reads a quantity; `nil` where its spelling is not Kubernetes'.
  public init?(_ text: String) {
    var bytes = Array(text.utf8)[...]
    var negative = false
    if let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      negative = sign == UInt8(ascii: "-")
      bytes = bytes.dropFirst()
    }
    var mantissa: Int64 = 0
    var fractionDigits = 0
    var digits = 0
    var point = false
    var inexact = false
    while let byte = bytes.first {
      if byte == UInt8(ascii: "."), !point {
        point = true
      } else if byte >= 48, byte <= 57 {
        digits += 1
        if mantissa < 100_000_000_000_000_000 {
          mantissa = mantissa * 10 + Int64(byte - 48)
          if point { fractionDigits += 1 }
        } else {
          // Beyond 17 digits: a whole digit still counts as a power of ten, a fraction rounds up.
          if point { inexact = inexact || byte != 48 } else { fractionDigits -= 1 }
        }
      } else {
        break
      }
      bytes = bytes.dropFirst()
    }
    guard digits > 0, let scale = Quantity.scale(String(decoding: bytes, as: UTF8.self)) else { return nil }
    // Double is exact enough: what it cannot hold is beyond any capacity; small values take the integer path.
    var milli: Int64
    if let exact = Quantity.exactMilli(mantissa, fractionDigits: fractionDigits, scale: scale, roundUp: inexact) {
      milli = exact
    } else {
      milli = Int64.max
    }
    if negative { milli = -milli }
    self.init(milli: milli, text: text)
  }

  private enum Scale {
    case decimal(Int)
    case binary(Int)
  }

  private static func scale(_ suffix: String) -> Scale? {
    switch suffix {
    case "n": return .decimal(-9)
    case "u": return .decimal(-6)
    case "m": return .decimal(-3)
    case "": return .decimal(0)
    case "k": return .decimal(3)
    case "M": return .decimal(6)
    case "G": return .decimal(9)
    case "T": return .decimal(12)
    case "P": return .decimal(15)
    case "E": return .decimal(18)
    case "Ki": return .binary(10)
    case "Mi": return .binary(20)
    case "Gi": return .binary(30)
    case "Ti": return .binary(40)
    case "Pi": return .binary(50)
    case "Ei": return .binary(60)
    default:
      guard let first = suffix.first, first == "e" || first == "E", let exponent = Int(suffix.dropFirst()),
        (-60...60).contains(exponent)
      else { return nil }
      return .decimal(exponent)
    }
  }

  /// mantissa × 10^-fractionDigits × scale × 1000, rounded up; `nil` on overflow.
  private static func exactMilli(_ mantissa: Int64, fractionDigits: Int, scale: Scale, roundUp: Bool) -> Int64? {
    if mantissa == 0 { return roundUp ? 1 : 0 }
    var value = mantissa
    var power = 3 - fractionDigits
    switch scale {
    case .decimal(let exponent): power += exponent
    case .binary(let shift):
      let (high, low) = value.multipliedFullWidth(by: Int64(1) << Int64(shift))
      if high != 0 || low > UInt64(Int64.max) {
        // Divide by the fraction first where there is one, so that 1.5Ei still fits.
        return nil
      }
      value = Int64(low)
    }
    while power > 0 {
      let (result, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = result
      power -= 1
    }
    var up = roundUp
    while power < 0 {
      up = up || value % 10 != 0
      value /= 10
      power += 1
    }
    return up ? value + 1 : value
  }
}
