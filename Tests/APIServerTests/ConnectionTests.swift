import APIServer
import Cluster
import Dispatch
import Foundation
import Glibc
import HummingbirdCore
import KubeModel
import Testing

/// What stands between the server and clients that ask too much, read nothing, or go away.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ConnectionTests {
  /// Serves a simulated cluster on a socket while `body` runs.
  private func serving(
    patience: Duration = .seconds(30), _ body: @escaping @Sendable (EmbeddedCluster, String) async throws -> Void
  ) async throws {
    let path = "/tmp/jd-api-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
    defer { unlink(path) }
    try await serving({ APIListener($0, socket: path, patience: patience) }) { cluster, _ in
      try await body(cluster, path)
    }
  }

  /// - Parameter body: gets the cluster, and the port that is listened on.
  private func serving(
    _ listener: @escaping @Sendable (APIHandler) -> APIListener,
    _ body: @escaping @Sendable (EmbeddedCluster, Int) async throws -> Void
  ) async throws {
    let cluster = try await EmbeddedCluster.open(.init(location: .inMemory, runtime: .simulated, seed: 1))
    let (ready, isReady) = AsyncStream.makeStream(of: Int.self)
    let outcome: Result<Void, any Error>
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          defer { isReady.finish() }
          let handler = APIHandler(cluster: cluster) { Instant(seconds: 1_800_000_000) }
          try await listener(handler).run { isReady.yield($0) }
        }
        var port = 0
        for await number in ready {
          port = number
          break
        }
        defer { group.cancelAll() }
        try await body(cluster, port)
      }
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    await cluster.shutDown(grace: .zero)
    try outcome.get()
  }

  /// Runs what waits on a socket apart from the tasks of Swift.
  private func apart<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result(catching: body)) }
    }
  }

  private struct Failure: Error {
    var number = errno
  }

  private static func connect(_ path: String) throws -> CInt {
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure() }
    var time = timeval(tv_sec: 100, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
    }
    guard result == 0 else { throw Failure() }
    return descriptor
  }

  private static func send(_ descriptor: CInt, _ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      guard count > 0 else { throw Failure() }
      rest = rest.dropFirst(count)
    }
  }

  /// What comes until `isEnough` or until the other side closes; nothing more than `limit` bytes.
  private static func receive(_ descriptor: CInt, limit: Int = 1 << 26) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count < limit {
      let count = recv(descriptor, &buffer, min(buffer.count, limit - bytes.count), 0)
      guard count >= 0 else {
        if errno == ECONNRESET { return bytes }
        throw Failure()
      }
      if count == 0 { return bytes }
      bytes += buffer.prefix(count)
    }
    return bytes
  }

  /// The status line of the answer to a request that is sent as it is.
  private func status(_ path: String, _ request: [UInt8]) async throws -> String {
    try await apart {
      let descriptor = try Self.connect(path)
      defer { close(descriptor) }
      // The server may have answered and closed before all is sent.
      try? Self.send(descriptor, request)
      let answer = try Self.receive(descriptor, limit: 16)
      return String(decoding: answer, as: UTF8.self)
    }
  }

  @Test func bodiesAndHeadersAreBounded() async throws {
    try await serving { _, path in
      let head = "POST \(Rig.jobs) HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
      let tooLong = APIHandler.maximumBody + 1
      #expect(
        try await status(path, Array("\(head)Content-Length: \(tooLong)\r\n\r\n".utf8)).hasPrefix("HTTP/1.1 413"))
      // The length need not be said before.
      let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 0x20, count: 65_536) + Array("\r\n".utf8)
      let chunks = Array(repeating: chunk, count: tooLong / 65_536 + 2).flatMap { $0 }
      let chunked = Array("\(head)Transfer-Encoding: chunked\r\n\r\n".utf8) + chunks + Array("0\r\n\r\n".utf8)
      #expect(try await status(path, chunked).hasPrefix("HTTP/1.1 413"))
      let header = String(repeating: "x", count: 100 * 1024)
      let answer = try await status(path, Array("GET /version HTTP/1.1\r\nHost: x\r\nX-Long: \(header)\r\n\r\n".utf8))
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
      #expect(
        try await status(path, Array("GET /version HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx".utf8))
          .hasPrefix("HTTP/1.1 400"))
      #expect(try await status(path, Array("GET /version HTTP/1.1\r\nHost: x\r\n\r\n".utf8)).hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test func aWatcherThatDoesNotReadIsCutOff() async throws {
    try await serving(patience: .seconds(1)) { cluster, path in
      let descriptor = try await apart {
        let descriptor = try Self.connect(path)
        try Self.send(descriptor, Array("GET /api/v1/configmaps?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        return descriptor
      }
      defer { close(descriptor) }
      // The watch has begun once its first bytes are there.
      _ = try await cluster.create(Self.configMap("first", size: 10), dryRun: false)
      let first = try await apart { try Self.receive(descriptor, limit: 200) }
      #expect(String(decoding: first, as: UTF8.self).hasPrefix("HTTP/1.1 200"))
      // Much more than what the system keeps between two ends of a socket.
      for number in 0..<60 {
        _ = try await cluster.create(Self.configMap("m\(number)", size: 200_000), dryRun: false)
      }
      // The server hangs up, though nothing is read, and however long it takes to come to that beside other tests.
      let hungUp = try await apart {
        var end = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&end, 1, 120_000)
      }
      #expect(hungUp == 1)
      // What was on its way is still read, and then the connection is at its end.
      let rest = try await apart { try Self.receive(descriptor) }
      #expect(rest.count < 60 * 200_000)
    }
  }

  /// Those beyond the limit wait until others have gone; who is served notices nothing of it.
  @Test func connectionsAreBounded() async throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(7), &limit)  // RLIMIT_NOFILE
    let needed = rlim_t(3 * APIListener.maximumConnections)
    guard limit.rlim_max >= needed else { return }
    limit.rlim_cur = max(limit.rlim_cur, needed)
    setrlimit(__rlimit_resource_t(7), &limit)
    try await serving { _, path in
      let request = Array("GET /version HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
      try await apart {
        var open: [CInt] = []
        defer { for descriptor in open { close(descriptor) } }
        for _ in 0..<APIListener.maximumConnections {
          let descriptor = try Self.connect(path)
          open.append(descriptor)
          try Self.send(descriptor, request)
          #expect(try Self.begin(descriptor) == "HTTP/1.1 200")
        }
        let late = try Self.connect(path)
        open.append(late)
        try Self.send(late, request)
        // It waits, and is not refused.
        var waiting = pollfd(fd: late, events: Int16(POLLIN), revents: 0)
        #expect(poll(&waiting, 1, 500) == 0)
        for descriptor in [open[0], open[511], open[1023]] {
          try Self.send(descriptor, request)
          #expect(try Self.begin(descriptor) == "HTTP/1.1 200")
        }
        close(open.removeFirst())
        #expect(poll(&waiting, 1, 100_000) == 1)
        #expect(try Self.begin(late) == "HTTP/1.1 200")
      }
    }
  }

  /// How an answer begins; the rest of it is left where it is, as far as it has come.
  private static func begin(_ descriptor: CInt) throws -> String {
    let text = String(decoding: try receive(descriptor, limit: 12), as: UTF8.self)
    var rest = [UInt8](repeating: 0, count: 65_536)
    // The whole answer is one write.
    _ = recv(descriptor, &rest, rest.count, CInt(MSG_DONTWAIT))
    return text
  }

  @Test func aQuietClientOnTheNetworkIsAskedWhetherItIsThere() async throws {
    let listener: @Sendable (APIHandler) -> APIListener = {
      APIListener($0, access: .owner, address: .hostname("127.0.0.1", port: 0), server: APIListener.http())
    }
    try await serving(listener) { _, port in
      let descriptor = try await apart {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var time = timeval(tv_sec: 100, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var addresses: UnsafeMutablePointer<addrinfo>?
        try #require(getaddrinfo("127.0.0.1", String(port), nil, &addresses) == 0)
        defer { freeaddrinfo(addresses) }
        let address = try #require(addresses?.pointee)
        guard Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 else { throw Failure() }
        try Self.send(descriptor, Array("GET /api/v1/namespaces?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        _ = try Self.receive(descriptor, limit: 200)
        return descriptor
      }
      defer { close(descriptor) }
      // What the system says of the server's end: established (01), with the timer (02) that asks, in hundredths of
      // a second.
      let suffix = ":" + String(format: "%04X", port)
      var due: Int?
      for _ in 0..<50 where due == nil {
        let table = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
        for line in table.split(separator: "\n") {
          let words = line.split(separator: " ")
          guard words.count > 5, words[1].hasSuffix(suffix), words[3] == "01", words[5].hasPrefix("02:") else {
            continue
          }
          due = Int(words[5].dropFirst(3), radix: 16)
        }
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(try #require(due) <= 1000)
    }
  }

  private static func configMap(_ name: String, size: Int) -> KubeObject {
    var map = ConfigMap()
    map.metadata.name = name
    map.metadata.namespace = "default"
    map.data["text"] = String(repeating: "x", count: size)
    return .configMap(map)
  }
}
