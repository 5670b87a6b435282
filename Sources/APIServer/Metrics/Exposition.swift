/// A metric with its type, its help, and what each object of one kind adds to it.
struct MetricFamily<Object: Sendable>: Sendable {
  enum Kind: String, Sendable { case counter, gauge, histogram }

  var name: String
  var kind: Kind
  var help: String
  var samples: @Sendable (Object, inout Exposition) -> Void

  init(
    _ name: String, _ help: String, _ kind: Kind = .gauge,
    samples: @escaping @Sendable (Object, inout Exposition) -> Void
  ) {
    self.name = name
    self.kind = kind
    self.help = help
    self.samples = samples
  }
}

/// An object and the labels of all its samples, without braces. By reference: each of dozens of families goes through
/// thousands of them, and a pod is long to copy.
final class Sampled<Object: Sendable>: Sendable {
  let labels: [UInt8]
  let object: Object

  init(_ labels: [UInt8], _ object: Object) {
    self.labels = labels
    self.object = object
  }
}

/// Prometheus' text format, version 0.0.4.
struct Exposition {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var bytes: [UInt8] = []
  private var name: [UInt8] = []
  /// Labels that every sample of the present object has, without braces.
  private var common: [UInt8] = []

  /// The families one after the other, each with what all objects add.
  ///
  /// A family's head is written even where it has no samples, so that its name can be looked up.
  mutating func write<Object>(_ families: [MetricFamily<Object>], _ objects: [Sampled<Object>]) {
    for family in families {
      name = Array(family.name.utf8)
      bytes += Array("# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n".utf8)
      for sampled in objects {
        common = sampled.labels
        family.samples(sampled.object, &self)
      }
    }
    common = []
  }

  /// A sample of the present family; `suffix` is for histograms.
  mutating func add(_ value: Double, suffix: String = "", _ labels: KeyValuePairs<String, String> = [:]) {
    bytes += name
    bytes += suffix.utf8
    if !common.isEmpty || !labels.isEmpty {
      bytes.append(UInt8(ascii: "{"))
      bytes += common
      if !common.isEmpty, !labels.isEmpty { bytes.append(UInt8(ascii: ",")) }
      Exposition.append(labels, to: &bytes)
      bytes.append(UInt8(ascii: "}"))
    }
    bytes.append(UInt8(ascii: " "))
    bytes += Exposition.text(value).utf8
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Labels as they stand between braces.
  static func labels(_ pairs: KeyValuePairs<String, String>) -> [UInt8] {
    var bytes: [UInt8] = []
    append(pairs, to: &bytes)
    return bytes
  }

  private static func append(_ pairs: KeyValuePairs<String, String>, to bytes: inout [UInt8]) {
    var isFirst = true
    for (name, value) in pairs {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      bytes += name.utf8
      bytes += [UInt8(ascii: "="), UInt8(ascii: "\"")]
      for byte in value.utf8 {
        switch byte {
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
        default: bytes.append(byte)
        }
      }
      bytes.append(UInt8(ascii: "\""))
    }
  }

  /// Whole numbers without a fraction, as Go's clients write them.
  static func text(_ value: Double) -> String {
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value.isNaN { return "NaN" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
  }
}
