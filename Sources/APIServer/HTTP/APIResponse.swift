internal import KubeModel
internal import NIOCore

/// An answer of the API, before it goes on the wire.
public struct APIResponse: Sendable {
  /// Where the bytes of a long answer go, one piece after the other; a slow reader makes the writer wait.
  public protocol Sink {
    /// Hands over some bytes; throws when the reader is gone.
    @concurrent mutating func write(_ bytes: [UInt8]) async throws
    /// Hands over bytes that go to other readers too.
    @concurrent mutating func write(_ bytes: SharedBytes) async throws
  }

  /// Bytes that many connections send without a copy for each.
  public struct SharedBytes: Sendable {
    let buffer: ByteBuffer

    init(_ bytes: [UInt8]) { buffer = ByteBuffer(bytes: bytes) }
    private init(_ buffer: ByteBuffer) { self.buffer = buffer }

    /// Without the first `count`.
    func dropping(_ count: Int) -> SharedBytes {
      var rest = buffer
      rest.moveReaderIndex(forwardBy: count)
      return SharedBytes(rest)
    }

    var count: Int { buffer.readableBytes }

    /// A copy of them.
    public var bytes: [UInt8] { Array(buffer.readableBytesView) }
  }

  /// What follows the headers.
  public enum Body: Sendable {
    /// The whole of it.
    case bytes([UInt8])
    /// What the closure writes, until it returns: a watch or a log.
    case stream(@concurrent @Sendable (inout any Sink) async throws -> Void)
  }

  /// HTTP status code.
  public var code: Int
  /// The media type of the body.
  public var contentType: String
  /// What stands in `Warning` headers, one each.
  public var warnings: [String]
  /// Headers beyond type, length and warnings.
  public var headers: [(name: String, value: String)] = []
  /// Whether who does not read what follows the headers is cut off after a while: a watch goes on anew, where a log
  /// that somebody reads page by page waits.
  public var isUrgent = false
  /// What follows the headers.
  public var body: Body

  /// Creates an answer.
  public init(_ code: Int, contentType: String = "application/json", warnings: [String] = [], body: Body) {
    self.code = code
    self.contentType = contentType
    self.warnings = warnings
    self.body = body
  }

  static func json(_ value: JSONValue, code: Int = 200, warnings: [String] = []) -> APIResponse {
    var writer = JSONWriter()
    value.encode(to: &writer)
    return APIResponse(code, warnings: warnings, body: .bytes(writer.bytes))
  }

  static func text(_ text: String, code: Int = 200) -> APIResponse {
    APIResponse(code, contentType: "text/plain; charset=utf-8", body: .bytes(Array(text.utf8)))
  }

  /// The `Status` object of a refusal.
  static func refusal(_ error: StatusError, warnings: [String] = []) -> APIResponse {
    .json(error.status, code: error.code, warnings: warnings)
  }
}

extension APIResponse.Sink {
  @concurrent public mutating func write(_ bytes: APIResponse.SharedBytes) async throws {
    try await write(bytes.bytes)
  }
}
