/// A request to an API server, without the server's address.
public struct APICall: Sendable {
  /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`.
  public var method: String
  /// The path's segments, not percent-encoded; empty ones are not allowed.
  public var path: [String]
  /// What stands behind the question mark, not percent-encoded; a name may stand several times.
  public var query: [(name: String, value: String)]
  /// The header `Accept`.
  public var accept: String
  /// The header `Content-Type`, where there is a body.
  public var contentType: String
  /// Empty for none.
  public var body: [UInt8]

  /// Creates a request that asks for JSON and, where it has a body, sends JSON.
  public init(
    _ method: String, _ path: [String], query: [(name: String, value: String)] = [],
    accept: String = "application/json", contentType: String = "application/json", body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.accept = accept
    self.contentType = contentType
    self.body = body
  }

  /// Path and query as they stand in the request's first line.
  public var target: String {
    var text = path.map { "/" + APICall.encoded($0) }.joined()
    if text.isEmpty { text = "/" }
    if !query.isEmpty {
      text += "?" + query.map { "\(APICall.encoded($0.name))=\(APICall.encoded($0.value))" }.joined(separator: "&")
    }
    return text
  }

  /// The text with everything percent-encoded but RFC 3986's unreserved characters.
  static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }
}
