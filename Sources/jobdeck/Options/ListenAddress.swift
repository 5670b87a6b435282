import ArgumentParser
import Glibc

/// Where to listen on TCP: `127.0.0.1:6443`, `[::1]:0`, `:6443` for this machine alone.
struct ListenAddress: Hashable, Sendable, ExpressibleByArgument {
  var host: String
  /// 0: one that is free.
  var port: Int

  init?(argument: String) {
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

  /// What clients on this machine use.
  func url(port: Int) -> String {
    let host = isEverywhere ? "127.0.0.1" : self.host
    return "https://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }
}
