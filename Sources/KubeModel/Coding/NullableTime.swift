/// A time that Go writes as null where there is none, because a struct is never empty to `omitempty`.
struct NullableTime: Model {
  var time: Instant?
  /// Whether it is a `MicroTime`, which always has six digits of fraction.
  var isMicroTime = false

  static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> NullableTime? {
    if case .null = json { return NullableTime(time: nil) }
    return Instant.decode(json, &decoder).map { NullableTime(time: $0) }
  }

  func encode(to writer: inout JSONWriter) {
    guard let time else { return writer.null() }
    writer.string(time.rfc3339(fraction: isMicroTime || writer.keepsMicroseconds))
  }
}

/// A pod's conditions, whose two times are always written (core/v1 PodCondition).
struct PodConditions: Model {
  var conditions: [Condition] = []

  static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> PodConditions? {
    [Condition].decode(json, &decoder).map(PodConditions.init)
  }

  var isOmitted: Bool { conditions.isEmpty }

  func encode(to writer: inout JSONWriter) {
    writer.beginArray()
    for condition in conditions {
      writer.beginObject()
      var visitor = EncodingVisitor(writer: writer)
      writer = JSONWriter.placeholder
      var copy = condition
      var probe = NullableTime(time: condition.lastProbeTime)
      var transition = NullableTime(time: condition.lastTransitionTime)
      visitor.field("lastHeartbeatTime", &copy.lastHeartbeatTime)
      visitor.required("lastProbeTime", &probe)
      visitor.required("lastTransitionTime", &transition)
      visitor.field("message", &copy.message)
      visitor.field("observedGeneration", &copy.observedGeneration)
      visitor.field("reason", &copy.reason)
      visitor.required("status", &copy.status)
      visitor.required("type", &copy.type)
      writer = visitor.writer
      writer.endObject()
    }
    writer.endArray()
  }
}
