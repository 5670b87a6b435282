public import APIServer
internal import Glibc
internal import HummingbirdCore
internal import HummingbirdTLS
internal import NIOSSL

extension ServerIdentity {
  /// The bytes of an address, as certificates have them; `nil` for a name.
  static func octets(_ host: String) -> [UInt8]? {
    for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
      var bytes = [UInt8](repeating: 0, count: size)
      if inet_pton(family, host, &bytes) == 1 { return bytes }
    }
    return nil
  }
}

extension APIListener {
  /// A listener on TCP, with TLS, for those who know the token. Port 0 lets the system choose.
  public init(
    _ handler: APIHandler, token: String, host: String, port: Int, identity: ServerIdentity
  ) throws {
    let certificates = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8))
    let key = try NIOSSLPrivateKey(bytes: Array(identity.privateKey.utf8), format: .pem)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    self.init(
      handler, access: .bearer(token: token), address: .hostname(host, port: port),
      server: try .tls(APIListener.http(), tlsConfiguration: configuration))
  }
}
