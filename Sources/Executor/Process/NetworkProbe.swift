import Glibc
import KubeModel

/// Probes by network, in the words of a kubelet, which are those of Go. Blocking.
enum NetworkProbe {
  static func carryOut(_ action: ProbeAction, timeout: Duration) -> ProbeOutcome {
    let deadline = Clock.monotonic + timeout.inMicroseconds
    switch action {
    case .exec: return .error("no probe by network")
    case .tcpSocket(let host, let port):
      do throws(Failure) {
        close(try connect(host, port, deadline))
        return .success
      } catch {
        return .failure(error.text)
      }
    case .httpGet(let host, let port, let path, let headers):
      let url = "http://\(host):\(port)\(path)"
      do throws(Failure) {
        let socket = try connect(host, port, deadline)
        defer { close(socket) }
        let status = try get(socket, "\(host):\(port)", path, headers, deadline)
        return (200..<400).contains(status) ? .success : .failure("HTTP probe failed with statuscode: \(status)")
      } catch {
        return .failure("Get \(goQuoted(url)): \(error.text)")
      }
    }
  }

  private struct Failure: Error {
    var text: String
  }

  private static func connect(_ host: String, _ port: Int, _ deadline: Int64) throws(Failure) -> Int32 {
    func failure(_ text: String) -> Failure { Failure(text: "dial tcp \(host):\(port): \(text)") }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let first = found else {
      throw failure("lookup \(host): no such host")
    }
    defer { freeaddrinfo(first) }
    // As Go does, one address after the other, and of the failures the first is told.
    var next: UnsafeMutablePointer<addrinfo>? = first
    var problem: String?
    while let address = next, problem == nil || Clock.monotonic < deadline {
      next = address.pointee.ai_next
      switch attempt(address.pointee, deadline) {
      case .connected(let descriptor): return descriptor
      case .failed(let text): problem = problem ?? text
      }
    }
    throw failure(problem ?? "i/o timeout")
  }

  private enum Attempt {
    case connected(Int32)
    case failed(String)
  }

  private static func attempt(_ address: addrinfo, _ deadline: Int64) -> Attempt {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.ai_family, type, 0)
    guard descriptor >= 0 else { return .failed("socket: \(describe(errno: errno))") }
    if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return .connected(descriptor) }
    var code = errno
    if code == EINPROGRESS {
      guard wait(descriptor, POLLOUT, deadline) else {
        close(descriptor)
        return .failed("i/o timeout")
      }
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
    }
    guard code == 0 else {
      close(descriptor)
      return .failed("connect: \(describe(errno: code))")
    }
    return .connected(descriptor)
  }

  private static func get(
    _ socket: Int32, _ host: String, _ path: String, _ headers: [EnvVar], _ deadline: Int64
  ) throws(Failure) -> Int {
    let timeout = Failure(text: "context deadline exceeded (Client.Timeout exceeded while awaiting headers)")
    var fields: [(String, String)] = [
      ("Host", host), ("User-Agent", "kube-probe/1.36"), ("Accept", "*/*"), ("Connection", "close"),
    ]
    for header in headers where !header.name.isEmpty {
      fields.removeAll { $0.0.lowercased() == header.name.lowercased() }
      fields.append((header.name, header.value))
    }
    // A line break would begin another field.
    func oneLine(_ text: String) -> String {
      String(text.unicodeScalars.filter { $0.value >= 0x20 }.map(Character.init))
    }
    var request = "GET \(oneLine(path)) HTTP/1.1\r\n"
    for (name, value) in fields { request += "\(oneLine(name)): \(oneLine(value))\r\n" }
    var rest = Array((request + "\r\n").utf8)[...]
    while !rest.isEmpty {
      guard wait(socket, POLLOUT, deadline) else { throw timeout }
      let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0, errno != EAGAIN, errno != EINTR { throw Failure(text: "write tcp: \(describe(errno: errno))") }
      rest = rest.dropFirst(max(0, count))
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1024)
    while !answer.contains(0x0A), answer.count < 4096 {
      guard wait(socket, POLLIN, deadline) else { throw timeout }
      let count = recv(socket, &buffer, buffer.count, 0)
      if count < 0, errno == EAGAIN || errno == EINTR { continue }
      if count < 0 { throw Failure(text: "read tcp: \(describe(errno: errno))") }
      if count == 0 { throw Failure(text: "EOF") }
      answer += buffer[0..<count]
    }
    let line = String(decoding: answer.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    let words = line.split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else {
      throw Failure(text: "net/http: HTTP/1.x transport connection broken: malformed HTTP response \(goQuoted(line))")
    }
    return status
  }

  private static func wait(_ descriptor: Int32, _ event: Int32, _ deadline: Int64) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    while true {
      let rest = deadline - Clock.monotonic
      guard rest > 0 else { return false }
      let count = poll(&entry, 1, Int32(min((rest + 999) / 1_000, 60_000)))
      if count > 0 { return true }
      if count < 0, errno != EINTR { return false }
    }
  }
}
