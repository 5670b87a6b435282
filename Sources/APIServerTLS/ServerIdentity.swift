internal import Crypto
internal import FoundationEssentials
internal import SwiftASN1
internal import X509

/// A certificate that a server makes itself, and the key that belongs to it.
public struct ServerIdentity: Hashable, Sendable {
  /// In PEM; clients trust it as their authority.
  public var certificate: String
  /// In PEM, for its owner's eyes alone.
  public var privateKey: String

  /// Takes up an identity that was kept.
  public init(certificate: String, privateKey: String) {
    self.certificate = certificate
    self.privateKey = privateKey
  }

  /// Years that a certificate is good for.
  private static let years = 10

  /// Makes a certificate for a server that is reached under `hosts`: names, or addresses in their usual form.
  public static func make(hosts: [String]) throws -> ServerIdentity {
    let key = P256.Signing.PrivateKey()
    let name = try DistinguishedName { CommonName("jobdeck") }
    let now = Date()
    let names = hosts.map { host in
      octets(host).map { GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...])) } ?? .dnsName(host)
    }
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(key.publicKey),
      notValidBefore: now.addingTimeInterval(-3600),
      notValidAfter: now.addingTimeInterval(Double(years) * 365 * 86_400), issuer: name, subject: name,
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
        Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
        try ExtendedKeyUsage([.serverAuth])
        SubjectAlternativeNames(names)
      }, issuerPrivateKey: Certificate.PrivateKey(key))
    return ServerIdentity(
      certificate: try certificate.serializeAsPEM().pemString + "\n", privateKey: key.pemRepresentation + "\n")
  }

  /// Whether the certificate is for `hosts`, all of them, and good for another day.
  public func serves(_ hosts: [String]) -> Bool {
    guard let certificate = try? Certificate(pemEncoded: certificate),
      certificate.notValidAfter > Date().addingTimeInterval(86_400),
      let names = try? certificate.extensions.subjectAlternativeNames
    else { return false }
    let known = Set(names)
    return hosts.allSatisfy { host in
      known.contains(
        ServerIdentity.octets(host).map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) } ?? .dnsName(host))
    }
  }
}
