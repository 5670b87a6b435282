internal import HTTPTypes
internal import Hummingbird
public import HummingbirdCore
internal import Logging
internal import NIOCore
internal import KubeModel

/// Serves the API on one address until its task is cancelled.
public struct APIListener: Sendable {
  /// Who may come in.
  public enum Access: Sendable {
    /// Whoever reaches the address: a socket that only its owner can open.
    case owner
    /// Whoever knows the token.
    case bearer(token: String)
  }

  private let handler: APIHandler
  private let access: Access
  private let address: BindAddress
  private let server: HTTPServerBuilder
  private let patience: Duration
  private let logger: Logger

  /// Connections that are served at a time; more wait.
  public static let maximumConnections = 1024

  /// HTTP as this server speaks it: a connection that asks nothing, or does not finish asking, is closed after a while.
  public static func http(_ idleTimeout: Duration = .seconds(90)) -> HTTPServerBuilder {
    HTTPServerBuilder { responder in
      AcceptedChannel(
        base: HTTP1Channel(responder: responder, configuration: .init(idleTimeout: TimeAmount(idleTimeout))))
    }
  }

  /// A listener on `address`; `server` says how it speaks.
  ///
  /// - Parameter patience: how long a watch waits for a client that does not read, before it is cut off.
  public init(
    _ handler: APIHandler, access: Access, address: BindAddress, server: HTTPServerBuilder,
    patience: Duration = .seconds(30)
  ) {
    self.patience = patience
    self.handler = handler
    self.access = access
    self.address = address
    self.server = server
    // Requests carry tokens and secrets: nothing of them is logged.
    logger = Logger(label: "jobdeck.api", factory: { _ in SwiftLogNoOpLogHandler() })
  }

  /// A listener on a socket in the file system, whose mode says who may come in. What is there of that name goes.
  public init(_ handler: APIHandler, socket path: String, patience: Duration = .seconds(30)) {
    self.init(
      handler, access: .owner, address: .unixDomainSocket(path: path), server: APIListener.http(), patience: patience)
  }

  /// Serves until the task is cancelled; then open watches and requests end.
  ///
  /// - Parameter isReady: called once with the port that is listened on, 0 for a socket in the file system.
  public func run(isReady: @escaping @Sendable (Int) async -> Void) async throws {
    let application = Application(
      responder: CallbackResponder<ConnectionContext> { request, context in
        try await respond(to: request, on: context.channel)
      },
      server: server,
      configuration: ApplicationConfiguration(
        address: address, serverName: nil,
        availableConnectionsDelegate: MaximumAvailableConnections(APIListener.maximumConnections)),
      onServerRunning: { channel in await isReady(channel.localAddress?.port ?? 0) },
      logger: logger)
    try await application.run()
  }

  private func respond(to request: Request, on channel: any Channel) async throws -> Response {
    if case .bearer(let token) = access, !APIListener.isAllowed(request.headers[.authorization], token) {
      return response(
        .refusal(StatusError(code: 401, reason: "Unauthorized", message: "Unauthorized")), for: request, on: channel)
    }
    let body: [UInt8]
    do throws(StatusError) {
      body = try await APIListener.body(of: request)
    } catch {
      return response(.refusal(error), for: request, on: channel)
    }
    guard
      var asked = APIRequest(
        request.method.rawValue, request.uri.description, accept: request.headers[.accept] ?? "",
        contentType: request.headers[.contentType] ?? "", userAgent: request.headers[.userAgent] ?? "", body: body)
    else { return response(.refusal(.badRequest("the URL cannot be read")), for: request, on: channel) }
    asked.impersonates = request.headers.contains { $0.name.canonicalName.hasPrefix("impersonate-") }
    return response(await handler.respond(to: asked), for: request, on: channel)
  }

  /// The whole body. That of a GET is left where it is: an answer that goes on and on waits there for the end of the
  /// connection.
  private static func body(of request: Request) async throws(StatusError) -> [UInt8] {
    let declared = request.headers[.contentLength].flatMap { Int($0) } ?? 0
    if request.method == .get {
      guard declared == 0, request.headers[.transferEncoding] == nil else {
        throw .badRequest("a GET has no body")
      }
      return []
    }
    guard declared <= APIHandler.maximumBody else { throw .tooLarge }
    do {
      return Array(try await request.body.collect(upTo: APIHandler.maximumBody).readableBytesView)
    } catch is NIOTooManyBytesError {
      throw .tooLarge
    } catch {
      throw .badRequest("the body ended early")
    }
  }

  /// Compares every byte of the token, so that the time tells nothing of how many are right.
  static func isAllowed(_ header: String?, _ token: String) -> Bool {
    let expected = Array("Bearer \(token)".utf8)
    let given = Array((header ?? "").utf8)
    var difference = given.count ^ expected.count
    for index in expected.indices {
      difference |= Int(expected[index] ^ (index < given.count ? given[index] : 0))
    }
    return difference == 0
  }

  private func response(_ answer: APIResponse, for request: Request, on channel: any Channel) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = answer.contentType
    headers[.cacheControl] = "no-cache, private"
    for header in answer.headers {
      if let name = HTTPField.Name(header.name) { headers.append(HTTPField(name: name, value: header.value)) }
    }
    if let name = HTTPField.Name("Warning") {
      for warning in answer.warnings { headers.append(HTTPField(name: name, value: "299 - \(goQuoted(warning))")) }
    }
    let status = HTTPResponse.Status(code: answer.code)
    switch answer.body {
    case .bytes(let bytes):
      return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    case .stream(let write):
      let body = request.body
      let patience = answer.isUrgent ? patience : nil
      return Response(
        status: status, headers: headers,
        body: ResponseBody { writer in
          // A client that goes away ends what is written to it, even where nothing is to be written.
          try await channel.noticeLoss(of: patience)
          let stall = patience.map { _ in WriteStall() }
          let guardian = patience.flatMap { stall?.guardChannel(channel, patience: $0) }
          defer { guardian?.cancel() }
          var sink: any APIResponse.Sink = ConnectionSink(writer: writer, stall: stall)
          do {
            try await body.consumeWithCancellationOnInboundClose { rest in
              // The request ends before its answer begins.
              for try await _ in rest {}
              try await write(&sink)
            }
          } catch is CancellationError {}
          try await writer.finish(nil)
        })
    }
  }
}

extension StatusError {
  fileprivate static let tooLarge = StatusError(
    code: 413, reason: "RequestEntityTooLarge",
    message: "Request entity too large: limit is \(APIHandler.maximumBody)")
}
