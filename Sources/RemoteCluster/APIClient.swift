internal import AsyncHTTPClient
public import KubeModel
internal import NIOCore
internal import NIOHTTP1
internal import Threading

/// Speaks HTTP with one API server.
///
/// Nothing of requests is logged: they carry secrets. Connections are kept and used again; each watch and each followed
/// log has one of its own.
public final class APIClient: Sendable {
  /// What messages call the server: the path of its socket, or its URL.
  public let place: String
  private let base: String
  private let http: HTTPClient
  private let isClosed = Locked(false)

  /// Bytes that an answer may have that is read whole.
  public static let maximumAnswer = 512 << 20
  /// How long a server may take to begin an answer, unless a call says otherwise.
  public static let patience = Duration.seconds(60)

  /// A client of the server on a socket in the file system, whose mode says who may come in.
  public convenience init(socket path: String) {
    self.init(base: "http+unix://" + APICall.encoded(path), place: path)
  }

  init(base: String, place: String) {
    self.base = base
    self.place = place
    var configuration = HTTPClient.Configuration()
    configuration.timeout = .init(connect: .seconds(5))
    configuration.redirectConfiguration = .disallow
    // A dashboard has a watch for each kind and a log for each container that it follows.
    configuration.connectionPool = .init(idleTimeout: .seconds(60), concurrentHTTP1ConnectionsPerHostSoftLimit: 512)
    // A server that is not there now is told of at once: who asks decides when to ask again.
    configuration.connectionPool.retryConnectionEstablishment = false
    http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  deinit { close() }

  /// Ends every request and lets the connections go. What is asked afterwards is refused.
  public func close() {
    let wasOpen = isClosed.withLock { isClosed in
      defer { isClosed = true }
      return !isClosed
    }
    guard wasOpen else { return }
    http.shutdown { _ in }
  }

  /// An answer that was read whole.
  public struct Answer: Sendable {
    /// HTTP status code, below 400.
    public var code: Int
    /// What stood in `Warning` headers, one each.
    public var warnings: [String]
    /// As it came.
    public var body: [UInt8]

    /// The body as JSON.
    ///
    /// - Throws: 500 where it is none.
    public func json() throws(StatusError) -> JSONValue {
      do throws(JSONError) {
        return try JSONParser.parse(body)
      } catch {
        throw StatusError(
          code: 500, reason: "InternalError", message: "the server's answer is not JSON: \(error.message)")
      }
    }
  }

  /// Sends a request and waits for the whole answer.
  ///
  /// - Parameter patience: how long the server may take to begin its answer.
  /// - Throws: the server's refusal; 503 where it cannot be reached.
  public func send(_ call: APICall, within patience: Duration = APIClient.patience) async throws(StatusError) -> Answer
  {
    let response = try await open(call, within: patience)
    return Answer(
      code: Int(response.status.code), warnings: APIClient.warnings(response.headers),
      body: try await bytes(of: response))
  }

  /// Sends a request whose answer goes on: a watch or a log.
  ///
  /// - Throws: the server's refusal; 503 where it cannot be reached.
  public func stream(_ call: APICall) async throws(StatusError) -> AnswerStream {
    // A connection that has carried an answer without an end is not used again.
    AnswerStream(body: try await open(call, isLast: true).body, place: place)
  }

  private func open(
    _ call: APICall, within patience: Duration = APIClient.patience, isLast: Bool = false
  ) async throws(StatusError) -> HTTPClientResponse {
    guard !isClosed.withLock({ $0 }) else { throw .unreachable("the connection to \(place) is closed") }
    var request = HTTPClientRequest(url: base + call.target)
    request.method = HTTPMethod(rawValue: call.method)
    request.headers.add(name: "Accept", value: call.accept)
    request.headers.add(name: "User-Agent", value: "jobdeck")
    if !call.body.isEmpty {
      request.headers.add(name: "Content-Type", value: call.contentType)
      request.body = .bytes(call.body)
    }
    if isLast { request.headers.add(name: "Connection", value: "close") }
    let response: HTTPClientResponse
    do {
      do {
        response = try await http.execute(request, deadline: .now() + TimeAmount(patience))
      } catch  where call.method == "GET" && APIClient.isLoss(error) && !Task.isCancelled {
        // The server has closed a connection that was kept for the next request just when that came.
        response = try await http.execute(request, deadline: .now() + TimeAmount(patience))
      }
    } catch {
      throw APIClient.failure(error, place)
    }
    guard response.status.code >= 400 else { return response }
    let body = (try? await bytes(of: response, limit: 4 << 20)) ?? []
    if let value = try? JSONParser.parse(body), let error = StatusError(status: value) { throw error }
    throw StatusError(
      code: Int(response.status.code), reason: "",
      message: "the server answered with \(response.status.code) \(response.status.reasonPhrase)")
  }

  private func bytes(
    of response: HTTPClientResponse, limit: Int = APIClient.maximumAnswer
  ) async throws(StatusError) -> [UInt8] {
    do {
      return Array(try await response.body.collect(upTo: limit).readableBytesView)
    } catch is NIOTooManyBytesError {
      throw StatusError(code: 500, reason: "InternalError", message: "the server's answer is too large")
    } catch {
      throw APIClient.failure(error, place)
    }
  }

  /// What stands between the quotes of `299 - "…"`.
  private static func warnings(_ headers: HTTPHeaders) -> [String] {
    headers["Warning"].compactMap { header in
      guard let first = header.firstIndex(of: "\""), let last = header.lastIndex(of: "\""), first != last else {
        return nil
      }
      var text = ""
      var isEscaped = false
      for character in header[header.index(after: first)..<last] {
        if character == "\\", !isEscaped {
          isEscaped = true
        } else {
          text.append(character)
          isEscaped = false
        }
      }
      return text
    }
  }

  /// Whether a connection that was there ended before an answer began.
  private static func isLoss(_ error: any Error) -> Bool {
    switch error {
    case let error as HTTPClientError: error == .remoteConnectionClosed
    case is ChannelError: true
    default: false
    }
  }

  /// Why the server could not be asked, in one line.
  static func failure(_ error: any Error, _ place: String) -> StatusError {
    if error is CancellationError { return .unreachable("cancelled") }
    switch error {
    case let error as HTTPClientError where error == .connectTimeout || error == .deadlineExceeded:
      return .unreachable("\(place) does not answer")
    case let error as HTTPClientError where error == .cancelled: return .unreachable("cancelled")
    case let error as HTTPClientError where error == .remoteConnectionClosed:
      return .unreachable("the connection to \(place) was lost")
    case is ChannelError: return .unreachable("the connection to \(place) was lost")
    case let error as IOError: return .unreachable("nothing answers on \(place): \(describe(error))")
    default: return .unreachable("the connection to \(place) was lost (\(error))")
    }
  }

  private static func describe(_ error: IOError) -> String {
    switch error.errnoCode {
    case 2: "there is no such socket"
    case 13: "permission denied"
    case 111: "connection refused"
    default: "\(error)"
    }
  }
}

/// The bytes of an answer as they come. For one reader; the server waits while it does not read.
public struct AnswerStream: AsyncSequence, Sendable {
  public typealias Element = [UInt8]
  fileprivate let body: HTTPClientResponse.Body
  fileprivate let place: String

  public struct AsyncIterator: AsyncIteratorProtocol {
    private var bytes: HTTPClientResponse.Body.AsyncIterator
    private let place: String

    fileprivate init(_ stream: AnswerStream) {
      bytes = stream.body.makeAsyncIterator()
      place = stream.place
    }

    /// - Throws: `StatusError` 503 where the connection was lost.
    @concurrent public mutating func next() async throws -> [UInt8]? {
      do {
        return try await bytes.next().map { Array($0.readableBytesView) }
      } catch let error as CancellationError {
        throw error
      } catch {
        throw APIClient.failure(error, place)
      }
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}

extension StatusError {
  static func unreachable(_ message: String) -> StatusError {
    StatusError(code: 503, reason: "ServiceUnavailable", message: message)
  }
}
