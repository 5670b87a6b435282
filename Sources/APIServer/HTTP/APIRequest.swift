internal import KubeModel

/// A request as the API's handlers see it: HTTP without a connection.
public struct APIRequest: Sendable {
  /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, …
  public var method: String
  /// The path's segments, percent-encoding undone; empty ones are left out.
  public var path: [String]
  /// What stands behind the question mark.
  public var query: Query
  /// The header `Accept`; empty for anything.
  public var accept: String
  /// The header `Content-Type`; empty for JSON.
  public var contentType: String
  /// The header `User-Agent`, by which a client that names no field manager is known; empty for none.
  public var userAgent: String
  /// Whether it asks to be carried out in somebody else's name (headers `Impersonate-…`).
  public var impersonates = false
  /// The whole body; empty for none.
  public var body: [UInt8]

  /// Reads a request's target, `/api/v1/pods?limit=500`; `nil` where it is not percent-encoded text.
  public init?(
    _ method: String, _ target: String, accept: String = "", contentType: String = "", userAgent: String = "",
    body: [UInt8] = []
  ) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var path: [String] = []
    for segment in parts[0].split(separator: "/") {
      guard let text = PercentEncoding.decode(segment, plusIsBlank: false) else { return nil }
      path.append(text)
    }
    guard let query = Query(parts.count > 1 ? parts[1] : "") else { return nil }
    self.method = method
    self.path = path
    self.query = query
    self.accept = accept
    self.contentType = contentType
    self.userAgent = userAgent
    self.body = body
  }

  /// The parameters of a query, in their order; a name may stand several times.
  public struct Query: Hashable, Sendable {
    private var pairs: [(name: String, value: String)] = []

    init?(_ text: Substring) {
      for part in text.split(separator: "&") {
        let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = PercentEncoding.decode(sides[0], plusIsBlank: true),
          let value = PercentEncoding.decode(sides.count > 1 ? sides[1] : "", plusIsBlank: true)
        else { return nil }
        pairs.append((name, value))
      }
    }

    /// The first value of that name; `nil` where there is none.
    public subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// All values of that name.
    public func values(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// The number that a parameter is; `nil` where it is left out or empty.
    ///
    /// - Throws: 400 for what is no number, in Go's words.
    func integer(_ name: String) throws(StatusError) -> Int? {
      guard let text = self[name], !text.isEmpty else { return nil }
      if let value = Int(text) { return value }
      let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
      let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
      throw .badRequest(
        "strconv.ParseInt: parsing \(goQuoted(text)): " + (isNumber ? "value out of range" : "invalid syntax"))
    }

    /// Whether the parameter says yes, as Kubernetes reads it: anything but `0` and `false`.
    func flag(_ name: String) -> Bool {
      guard let value = self[name] else { return false }
      return value != "0" && value.lowercased() != "false"
    }

    public static func == (left: Query, right: Query) -> Bool {
      left.pairs.elementsEqual(right.pairs) { $0 == $1 }
    }

    public func hash(into hasher: inout Hasher) {
      for pair in pairs {
        hasher.combine(pair.name)
        hasher.combine(pair.value)
      }
    }
  }
}

/// Text of URLs.
enum PercentEncoding {
  /// `nil` where a percent sign is not followed by two hexadecimal digits, or the bytes are no UTF-8.
  static func decode(_ text: Substring, plusIsBlank: Bool) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(hex), let low = rest.popFirst().flatMap(hex) else { return nil }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsBlank: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
