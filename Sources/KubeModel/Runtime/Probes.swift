/// Which of a container's probes.
public enum ProbeKind: String, Hashable, Sendable, CaseIterable {
  case startup = "Startup"
  case liveness = "Liveness"
  case readiness = "Readiness"
}

/// What a probe does.
public enum ProbeAction: Hashable, Sendable {
  /// Runs a program in the container; its exit code 0 is success.
  case exec([String])
  /// Opens a connection; that it can be opened is success.
  case tcpSocket(host: String, port: Int)
  /// Asks for a page; a status from 200 to 399 is success.
  case httpGet(host: String, port: Int, path: String, headers: [EnvVar])

  /// The program that is run; empty where none is.
  public var command: [String] {
    if case .exec(let command) = self { command } else { [] }
  }

  /// Reads a probe's handler; `nil` for one that is not carried out: gRPC, and HTTP over TLS.
  init?(_ json: JSONValue, ports: JSONValue?) {
    // All pods have the address of this machine.
    func host(_ handler: JSONValue) -> String {
      let host = handler["host"]?.string ?? ""
      return host.isEmpty ? "127.0.0.1" : host
    }
    func port(_ handler: JSONValue) -> Int? {
      if let number = handler["port"]?.int { return (1...65535).contains(number) ? Int(number) : nil }
      guard let name = handler["port"]?.string else { return nil }
      let named = ports?.array?.first { $0["name"]?.string == name }?["containerPort"]?.int
      return named.map { Int(clamping: $0) } ?? Int(name)
    }
    if let command = json["exec"]?["command"]?.array, !command.isEmpty {
      self = .exec(command.compactMap(\.string))
    } else if let socket = json["tcpSocket"], let port = port(socket) {
      self = .tcpSocket(host: host(socket), port: port)
    } else if let get = json["httpGet"], get["scheme"]?.string?.uppercased() != "HTTPS", let port = port(get) {
      let path = get["path"]?.string ?? ""
      let headers = (get["httpHeaders"]?.array ?? []).map {
        EnvVar(name: $0["name"]?.string ?? "", value: $0["value"]?.string ?? "")
      }
      self = .httpGet(
        host: host(get), port: port, path: path.hasPrefix("/") ? path : "/" + path, headers: headers)
    } else {
      return nil
    }
  }
}

/// A probe of a container, as far as it can be carried out: core/v1 Probe.
public struct Probe: Hashable, Sendable {
  public var action: ProbeAction
  /// From the container's start to the first probe.
  public var initialDelay: Duration
  public var period: Duration
  public var timeout: Duration
  /// Successes in a row that make a success.
  public var successThreshold: Int
  /// Failures in a row that make a failure.
  public var failureThreshold: Int
  /// What a container that is killed for this probe gets instead of its pod's grace period.
  public var gracePeriodSeconds: Int?

  /// Reads a probe of a manifest, defaults applied; `nil` for one that is not carried out.
  ///
  /// - Parameter ports: the container's, whose names the probe may use.
  public init?(_ json: JSONValue?, ports: JSONValue?) {
    guard let json, let action = ProbeAction(json, ports: ports) else { return nil }
    self.action = action
    func number(_ name: String, _ standard: Int, least: Int = 1) -> Int {
      let value = json[name]?.int.map { Int(clamping: $0) } ?? 0
      return value < least ? standard : min(value, Int(Int32.max))
    }
    initialDelay = .seconds(number("initialDelaySeconds", 0, least: 0))
    period = .seconds(number("periodSeconds", 10))
    timeout = .seconds(number("timeoutSeconds", 1))
    successThreshold = number("successThreshold", 1)
    failureThreshold = number("failureThreshold", 3)
    gracePeriodSeconds = json["terminationGracePeriodSeconds"]?.int.map { Int(clamping: $0) }
  }
}

/// An order to probe a container once.
public struct ProbeOrder: Hashable, Sendable {
  public var container: ContainerID
  public var kind: ProbeKind
  public var action: ProbeAction
  public var timeout: Duration

  /// Creates an order.
  public init(container: ContainerID, kind: ProbeKind, action: ProbeAction, timeout: Duration) {
    self.container = container
    self.kind = kind
    self.action = action
    self.timeout = timeout
  }
}

/// How a probe went.
public enum ProbeOutcome: Hashable, Sendable {
  case success
  /// A program that ended with another exit code than 0, or not in time, a refused connection and the like; with what
  /// the program wrote, or what went wrong.
  case failure(String)
  /// The probe could not be carried out, which says nothing about the container.
  case error(String)
}
