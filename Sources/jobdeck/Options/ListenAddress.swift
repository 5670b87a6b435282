import ArgumentParser
import Glibc

/// Where to listen on TCP: `127.0.0.1:6443`, `[::1]:0`, `:6443` for this machine alone.
struct ListenAddress: Hashable, Sendable {
  var host: String
  /// 0: one that is free.
  var port: Int

  /// - Throws: what would be right.
  static func parse(_ argument: String) throws -> ListenAddress {
    if let address = ListenAddress(argument) { return address }
    if UInt16(argument) != nil {
      throw ValidationError("give an address and a port, such as 127.0.0.1:\(argument)")
    }
    throw ValidationError("give an address and a port up to 65535, such as 127.0.0.1:6443 or [::1]:0")
  }

  init?(_ argument: String) {
    guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...]) else {
      return nil
    }
    var host = argument[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    self.host = host.isEmpty ? "127.0.0.1" : String(host)
    self.port = Int(port)
  }

  /// Whether it takes connections on every address of the machine.
  private var isEverywhere: Bool { host == "0.0.0.0" || host == "::" }

  /// What the certificate is for.
  var names: [String] {
    var names = ["localhost", "127.0.0.1", "::1"]
    if isEverywhere {
      var buffer = [CChar](repeating: 0, count: 256)
      if gethostname(&buffer, buffer.count - 1) == 0 {
        names.append(String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
    } else if !names.contains(host) {
      names.append(host)
    }
    return names
  }

  /// As it is given.
  var text: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

  /// Why it cannot be listened on, in one line: what NIO says of it, without the names of its functions.
  func failure(_ error: any Error) -> String {
    var reason = "\(error)"
    if let range = reason.firstRange(of: "): ") { reason = String(reason[range.upperBound...]) }
    if let range = reason.firstRange(of: "UnknownHost: ") { reason = String(reason[range.upperBound...]) }
    if let range = reason.firstRange(of: #/ \((errno|error)/#) { reason = String(reason[..<range.lowerBound]) }
    if reason.hasSuffix(")") { reason.removeLast() }
    return "cannot listen on \(text): \(reason)"
  }

  /// What clients on this machine use.
  func url(port: Int) -> String {
    let host = isEverywhere ? "127.0.0.1" : self.host
    return "https://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }
}
