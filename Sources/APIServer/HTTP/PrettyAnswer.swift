extension APIRequest {
  /// Whether its client reads JSON with eyes: it says so, or it is a browser or a program of the command line
  /// (apiserver, handlers/negotiation).
  var wantsPretty: Bool {
    if let wish = query["pretty"], !wish.isEmpty { return ["1", "t", "T", "TRUE", "true", "True"].contains(wish) }
    return ["curl", "Wget", "Mozilla/5.0"].contains { userAgent.hasPrefix($0) }
  }
}

extension APIResponse {
  /// The same, over many lines where it is JSON.
  func pretty() -> APIResponse {
    guard contentType == "application/json", case .bytes(let bytes) = body else { return self }
    var answer = self
    answer.body = .bytes(APIResponse.indented(bytes))
    return answer
  }

  /// Valid JSON without blanks, over many lines: two spaces a level, nothing within empty lists and objects.
  static func indented(_ json: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(json.count * 2)
    var depth = 0
    var isInText = false
    var isEscaped = false
    func newline() {
      result.append(UInt8(ascii: "\n"))
      result.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }
    for (index, byte) in json.enumerated() {
      if isInText {
        result.append(byte)
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        result.append(byte)
        let closes = index + 1 < json.count && (json[index + 1] == byte + 2)
        if !closes {
          depth += 1
          newline()
        }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if index == 0 || json[index - 1] != byte - 2 {
          depth -= 1
          newline()
        }
        result.append(byte)
      case UInt8(ascii: ","):
        result.append(byte)
        newline()
      case UInt8(ascii: ":"): result += ": ".utf8
      default:
        isInText = byte == UInt8(ascii: "\"")
        result.append(byte)
      }
    }
    return result
  }
}
