public import KubeModel

/// What differs between two documents, the order of members aside: one line a place.
public func differences(_ expected: JSONValue?, _ actual: JSONValue?, at path: String = "") -> [String] {
  switch (expected, actual) {
  case (nil, nil): return []
  case (.object(let left)?, .object(let right)?):
    let names = Set(left.members.map(\.name) + right.members.map(\.name)).sorted()
    return names.flatMap { differences(left[$0], right[$0], at: "\(path).\($0)") }
  case (.array(let left)?, .array(let right)?):
    return (0..<max(left.count, right.count)).flatMap {
      differences(
        $0 < left.count ? left[$0] : nil, $0 < right.count ? right[$0] : nil, at: "\(path)[\($0)]")
    }
  default:
    guard expected != actual else { return [] }
    return ["\(path): expected \(text(expected)), got \(text(actual))"]
  }
}

/// As it is written; `nothing` for no value.
public func text(_ value: JSONValue?) -> String {
  guard let value else { return "nothing" }
  var writer = JSONWriter()
  value.encode(to: &writer)
  return String(decoding: writer.bytes, as: UTF8.self)
}
