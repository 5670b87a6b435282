/// Which of a container's probes.
public enum ProbeKind: String, Hashable, Sendable, CaseIterable {
  case startup = "Startup"
  case liveness = "Liveness"
  case readiness = "Readiness"
}

/// A probe of a container, as far as it can be carried out: core/v1 Probe.
public struct Probe: Hashable, Sendable {
  /// The program that is run in the container; its exit code 0 is success.
  public var command: [String]
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

  /// Reads a probe of a manifest, defaults applied; `nil` for one whose handler is not `exec`.
  public init?(_ json: JSONValue?) {
    guard let json, let command = json["exec"]?["command"]?.array, !command.isEmpty else { return nil }
    self.command = command.compactMap(\.string)
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
  /// Never empty.
  public var command: [String]
  public var timeout: Duration

  /// Creates an order.
  public init(container: ContainerID, kind: ProbeKind, command: [String], timeout: Duration) {
    self.container = container
    self.kind = kind
    self.command = command
    self.timeout = timeout
  }
}

/// How a probe went.
public enum ProbeOutcome: Hashable, Sendable {
  case success
  /// The program ended with another exit code than 0, or did not end in time; with what it wrote.
  case failure(String)
  /// The probe could not be carried out, which says nothing about the container.
  case error(String)
}
