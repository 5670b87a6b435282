extension LabelSelector {
  /// Whether `labels` fulfil every condition. An empty selector selects everything.
  public func matches(_ labels: StringMap) -> Bool {
    for entry in matchLabels.entries where labels[entry.key] != entry.value { return false }
    return matchExpressions.allSatisfy { $0.matches(labels) }
  }

  /// As kubectl describes it: `a=b,c in (d,e),!f`; `<none>` where it is empty.
  public var displayText: String {
    var parts = matchLabels.entries.map { (key: $0.key, text: "\($0.key)=\($0.value)") }
    parts += matchExpressions.map { (key: $0.key, text: $0.displayText) }
    return parts.isEmpty ? "<none>" : parts.sorted { $0.key < $1.key }.map(\.text).joined(separator: ",")
  }
}

extension LabelSelectorRequirement {
  /// Whether `labels` fulfil this condition; an unknown operator is never fulfilled.
  public func matches(_ labels: StringMap) -> Bool {
    switch self.operator {
    case "In": labels[key].map(values.contains) ?? false
    case "NotIn": labels[key].map { !values.contains($0) } ?? true
    case "Exists": labels[key] != nil
    case "DoesNotExist": labels[key] == nil
    default: false
    }
  }

  var displayText: String {
    switch self.operator {
    case "In": "\(key) in (\(values.sorted().joined(separator: ",")))"
    case "NotIn": "\(key) notin (\(values.sorted().joined(separator: ",")))"
    case "Exists": key
    default: "!\(key)"
    }
  }
}
