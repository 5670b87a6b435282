extension ModelDecoder {
  /// Looks at a field that a model keeps as it stands: whether all in it has the types that it ought to have.
  ///
  /// - Returns: the value without the fields that its types do not have, and without those that are null.
  mutating func checked(_ json: JSONValue, field: String, of goName: String) -> JSONValue {
    guard checksKeptFields, let type = FieldTypes.kubernetes.type(of: field, in: goName) else { return json }
    return checked(json, type)
  }

  /// The same of a struct that is kept as it stands.
  mutating func checked(_ object: JSONObject, as goName: String) -> JSONObject {
    guard checksKeptFields else { return object }
    return inStruct(goName) { decoder in
      let fields = FieldTypes.kubernetes.fields(of: goName)
      var result: [JSONObject.Member] = []
      result.reserveCapacity(object.members.count)
      for member in object.members {
        guard let field = fields.first(where: { $0.name == member.name }) else {
          decoder.unknownField(member.name)
          continue
        }
        if case .null = member.value { continue }
        let value = decoder.at(.field(member.name)) { $0.checked(member.value, field.type) }
        result.append(.init(name: member.name, value: value))
      }
      return JSONObject(result)
    }
  }

  private mutating func checked(_ json: JSONValue, _ type: FieldTypes.FieldType) -> JSONValue {
    if case .null = json { return json }
    switch (type, json) {
    case (.any, _), (.text, .string), (.boolean, .bool), (.integer(64), .int): return json
    case (.integer(32), .int(let value)) where Int32(exactly: value) != nil: return json
    case (.object(let name), .object(let object)): return .object(checked(object, as: name))
    case (.list(let element), .array(let values)):
      return .array(
        values.enumerated().map { index, value in at(.index(index)) { $0.checked(value, element) } })
    case (.map(let element), .object(let object)):
      return .object(
        JSONObject(
          object.members.map { member in
            .init(name: member.name, value: at(.key(member.name)) { $0.checked(member.value, element) })
          }))
    case (.quantity, _): checkQuantity(json)
    case (.intOrString, _): checkIntOrString(json)
    case (.time, _), (.microTime, _): checkTime(json, isMicro: type == .microTime)
    case (.bytes, .string(let text)): checkBase64(text)
    case (.text(let goType), _): mismatch(json, goType: goType, isText: true)
    default: mismatch(json, goType: type.goType)
    }
    return json
  }

  // Types that read their JSON themselves say what they miss in words of their own.

  private mutating func checkQuantity(_ json: JSONValue) {
    let text = json.string ?? String(decoding: json.compact, as: UTF8.self)
    if Quantity(text) == nil { fail(Quantity.complaint(about: text)) }
  }

  private mutating func checkIntOrString(_ json: JSONValue) {
    switch json {
    case .string: return
    case .int(let value) where Int32(exactly: value) != nil: return
    case .int, .double:
      let text = String(decoding: json.compact, as: UTF8.self)
      fail("json: cannot unmarshal number \(text) into Go value of type int32")
    default: fail("json: cannot unmarshal \(json.goKind) into Go value of type int32")
    }
  }

  private mutating func checkTime(_ json: JSONValue, isMicro: Bool) {
    guard case .string(let text) = json else {
      return fail("json: cannot unmarshal \(json.goKind) into Go value of type string")
    }
    if Instant(rfc3339: text) == nil {
      let layout = isMicro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00"
      fail("parsing time \(goQuoted(text)) as \"\(layout)\": cannot parse \(goQuoted(text)) as \"2006\"")
    }
  }

  private mutating func checkBase64(_ text: String) {
    if let byte = base64Fault(text) { fail("illegal base64 data at input byte \(byte)") }
  }
}

extension JSONValue {
  fileprivate var compact: [UInt8] {
    var writer = JSONWriter()
    encode(to: &writer)
    return writer.bytes
  }
}
