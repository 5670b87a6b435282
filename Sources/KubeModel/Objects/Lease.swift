/// coordination.k8s.io/v1 Lease: what programs agree by on which of them leads. The server only keeps it.
public struct Lease: ObjectModel {
  public static let goName = "Lease"
  /// In the namespace of those who agree by it.
  public var metadata = ObjectMeta()
  /// Who holds it, and for how long.
  public var spec = Spec()
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.lease, &v)
    v.required("metadata", &metadata)
    v.field("spec", &spec)
  }

  /// Who holds a lease, and for how long.
  public struct Spec: ObjectModel {
    public static let goName = "LeaseSpec"
    /// When the present holder got it, to the microsecond.
    public var acquireTime: MicroTime?
    /// Who has it; `nil` for nobody.
    public var holderIdentity: String?
    /// Seconds after `renewTime` until others may take it; at least 1.
    public var leaseDurationSeconds: Int?
    /// How often the holder has changed; at least 0.
    public var leaseTransitions: Int?
    /// Who should have it, where a strategy chooses; kept, no effect here.
    public var preferredHolder: String?
    /// When the holder last said that it is still there, to the microsecond.
    public var renewTime: MicroTime?
    /// How a holder is chosen; kept, no effect here.
    public var strategy: String?
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("acquireTime", &acquireTime)
      v.field("holderIdentity", &holderIdentity)
      v.int32("leaseDurationSeconds", &leaseDurationSeconds)
      v.int32("leaseTransitions", &leaseTransitions)
      v.field("preferredHolder", &preferredHolder)
      v.field("renewTime", &renewTime)
      v.field("strategy", &strategy)
    }
    public var isOmitted: Bool { self == Spec() }
  }
}

/// core/v1 ServiceAccount: a name for pods. It gives no rights here, for there are none to give.
public struct ServiceAccount: ObjectModel {
  public static let goName = "ServiceAccount"
  /// Whether its pods get a token; no effect here.
  public var automountServiceAccountToken: Bool?
  /// What its pods' images are pulled with; kept, no effect here.
  public var imagePullSecrets: JSONValue?
  /// In the namespace of its pods, each of which has one of the name `default`.
  public var metadata = ObjectMeta()
  /// What its pods may mount; kept, no effect here.
  public var secrets: JSONValue?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.serviceAccount, &v)
    v.field("automountServiceAccountToken", &automountServiceAccountToken)
    v.field("imagePullSecrets", &imagePullSecrets)
    v.required("metadata", &metadata)
    v.field("secrets", &secrets)
  }
}

/// A time that is written to the microsecond (meta/v1 MicroTime).
public struct MicroTime: Model {
  /// The time itself.
  public var time: Instant

  /// That time.
  public init(_ time: Instant) { self.time = time }

  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> MicroTime? {
    Instant.decode(json, &decoder).map(MicroTime.init)
  }

  public func encode(to writer: inout JSONWriter) { writer.string(time.rfc3339(fraction: true)) }

  public static var goTypeName: String { "MicroTime" }
  public static var schema: ModelSchema { Instant.schema }
}

extension Lease {
  /// What is wrong with this Lease as a new object (pkg/apis/coordination/validation).
  public func validate() -> [FieldError] { metadata.validate(namespaced: true) + spec.validate() }

  /// What is wrong with this Lease as the successor of `old`; all of its spec may change.
  public func validateUpdate(from old: Lease) -> [FieldError] {
    metadata.validateUpdate(from: old.metadata) + spec.validate()
  }
}

extension Lease.Spec {
  fileprivate func validate() -> [FieldError] {
    var errors: [FieldError] = []
    if let seconds = leaseDurationSeconds, seconds <= 0 {
      errors.append(.invalid("spec.leaseDurationSeconds", .int(Int64(seconds)), "must be greater than 0"))
    }
    return errors + FieldError.nonnegative("spec.leaseTransitions", leaseTransitions)
  }
}
