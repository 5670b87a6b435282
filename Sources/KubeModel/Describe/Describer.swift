/// Collects the lines of a description.
struct Describer {
  private var out = TabWriter()
  let now: Instant

  init(now: Instant) { self.now = now }

  var text: String { out.aligned() }

  mutating func write(_ text: String) { out.write(text) }
  mutating func line(_ level: Int, _ text: String) { out.line(level, text) }

  mutating func field(_ name: String, _ value: String, level: Int = 0) {
    out.line(level, "\(name):\t\(clean(value))")
  }

  mutating func head(_ metadata: ObjectMeta) {
    field("Name", metadata.name)
    if !metadata.namespace.isEmpty { field("Namespace", metadata.namespace) }
  }

  mutating func controller(_ metadata: ObjectMeta) {
    if let owner = metadata.controller { field("Controlled By", "\(owner.kind)/\(owner.name)") }
  }

  mutating func labels(_ title: String, _ labels: StringMap) {
    rows(title, labels.entries.map { "\(clean($0.key))=\(clean($0.value))" })
  }

  private mutating func rows(_ title: String, _ rows: [String]) {
    out.write("\(title):\t")
    if rows.isEmpty { out.write("<none>\n") }
    for (index, row) in rows.enumerated() { out.write((index == 0 ? "" : "\t") + row + "\n") }
  }

  mutating func annotations(_ title: String, _ annotations: StringMap) {
    var result: [String] = []
    for entry in annotations.entries where entry.key != "kubectl.kubernetes.io/last-applied-configuration" {
      let key = clean(entry.key)
      let value = entry.value.hasSuffix("\n") ? String(entry.value.dropLast()) : entry.value
      if value.utf8.count + key.utf8.count + 2 > 140 || value.contains("\n") {
        result.append("\(key):")
        for line in value.split(separator: "\n", omittingEmptySubsequences: false) {
          result.append("  " + (line.count > 138 ? clean(String(line.prefix(138))) + "..." : clean(String(line))))
        }
      } else {
        result.append("\(key): \(clean(value))")
      }
    }
    rows(title, result)
  }

  mutating func tolerations(_ title: String, _ tolerations: [Toleration]) {
    let sorted = tolerations.enumerated().sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }
    rows(
      title,
      sorted.map { _, toleration in
        var text = toleration.key
        if !toleration.value.isEmpty { text += "=\(toleration.value)" }
        if !toleration.effect.isEmpty { text += ":\(toleration.effect)" }
        if toleration.operator == "Exists", toleration.value.isEmpty {
          text += text.isEmpty ? "op=Exists" : " op=Exists"
        }
        if let seconds = toleration.tolerationSeconds { text += " for \(seconds)s" }
        return clean(text)
      })
  }

  mutating func template(_ template: PodTemplateSpec) {
    line(0, "Pod Template:")
    labels("  Labels", template.metadata.labels)
    if !template.metadata.annotations.isEmpty { annotations("  Annotations", template.metadata.annotations) }
    if !template.spec.serviceAccountName.isEmpty {
      field("Service Account", template.spec.serviceAccountName, level: 1)
    }
    if !template.spec.initContainers.isEmpty {
      containers("Init Containers", template.spec.initContainers, statuses: [], pod: nil, space: "  ")
    }
    containers("Containers", template.spec.containers, statuses: [], pod: nil, space: "  ")
    volumes(template.spec.volumes, space: "  ")
    if !template.spec.priorityClassName.isEmpty {
      field("Priority Class Name", template.spec.priorityClassName, level: 1)
    }
    labels("  Node-Selectors", template.spec.nodeSelector)
    tolerations("  Tolerations", template.spec.tolerations)
  }

  mutating func events(_ events: [Event]) {
    if events.isEmpty {
      line(0, "Events:\t<none>")
      return
    }
    out.flush()
    // By last occurrence, as kubectl does; what has only an event time comes first.
    let sorted = events.enumerated().sorted { left, right in
      let leftTime = left.element.lastTimestamp?.microseconds ?? Int64.min
      let rightTime = right.element.lastTimestamp?.microseconds ?? Int64.min
      return (leftTime, left.offset) < (rightTime, right.offset)
    }
    out.write("Events:\n  Type\tReason\tAge\tFrom\tMessage\n")
    out.write("  ----\t------\t----\t----\t-------\n")
    for (_, event) in sorted {
      let message = event.message.split { $0.isNewline }.joined(separator: " ")
      out.write(
        "  \(clean(event.type))\t\(clean(event.reason))\t\(age(of: event))\t\(clean(event.reporter))\t"
          + "\(clean(message).trimmingSpaces)\n")
    }
  }

  private func age(of event: Event) -> String {
    let first = humanAge(of: event.eventTime ?? event.firstTimestamp, now: now)
    guard event.occurrences > 1 else { return first }
    return "\(humanAge(of: event.lastSeen, now: now)) (x\(event.occurrences) over \(first))"
  }

  /// A list of indexes, cut at the first comma past 50 characters.
  static func shortened(indexes: String) -> String {
    if indexes.isEmpty { return "<none>" }
    guard indexes.utf8.count > 50, let comma = indexes.dropFirst(50).firstIndex(of: ",") else { return indexes }
    return indexes[..<comma] + ",..."
  }

  // What kubectl leaves out.

  mutating func policies(of spec: JobSpec) {
    if let value = spec.backoffLimitPerIndex { field("Backoff Limit Per Index", "\(value)") }
    if let value = spec.maxFailedIndexes { field("Max Failed Indexes", "\(value)") }
    if let value = spec.podReplacementPolicy { field("Pod Replacement Policy", value.rawValue) }
    if let value = spec.managedBy { field("Managed By", value) }
    if let policy = spec.podFailurePolicy {
      rows(
        "Pod Failure Policy",
        policy.rules.map { rule in
          var reasons = rule.onPodConditions.map { "condition \($0.type)=\($0.status ?? "True")" }
          if let codes = rule.onExitCodes {
            let values = codes.values.map(String.init).joined(separator: ",")
            let container = codes.containerName.map { " of container \($0)" } ?? ""
            reasons.append("exit code\(container) \(codes.operator == "In" ? "in" : "not in") (\(values))")
          }
          return clean("\(rule.action) on \(reasons.joined(separator: " or "))")
        })
    }
    if let policy = spec.successPolicy {
      rows(
        "Success Policy",
        policy.rules.map { rule in
          let indexes = rule.succeededIndexes.map { "indexes \($0)" } ?? "any indexes"
          return clean(rule.succeededCount.map { "\($0) of \(indexes)" } ?? "all of \(indexes)")
        })
    }
  }

  mutating func conditions(_ conditions: [Condition]) {
    guard !conditions.isEmpty else { return }
    line(0, "Conditions:")
    line(1, "Type\tStatus\tSince\tReason\tMessage")
    for condition in conditions {
      let since = humanAge(of: condition.lastTransitionTime, now: now)
      line(
        1,
        "\(clean(condition.type))\t\(clean(condition.status))\t\(since)\t\(clean(condition.reason))\t"
          + clean(condition.message))
    }
  }
}

extension String {
  var trimmingSpaces: String {
    var text = Substring(self)
    while text.first?.isWhitespace == true { text = text.dropFirst() }
    while text.last?.isWhitespace == true { text = text.dropLast() }
    return String(text)
  }
}
