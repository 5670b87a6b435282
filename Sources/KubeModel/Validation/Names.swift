internal import Glibc

// Kubernetes' rules for names, labels and the like (apimachinery, util/validation and api/validate/content). Each
// function gives the complaints about a value; none where it is valid.

enum NameRules {
  static func maximumLength(_ count: Int) -> String { "must be no more than \(count) bytes" }

  private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLowerAlphanumeric(byte) || (0x41...0x5A).contains(byte)
  }

  private static func isLabelShaped(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
      && bytes.allSatisfy { isLowerAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  /// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, at most 63 bytes: container names, host names, namespaces.
  static func dnsLabel(_ value: String) -> [String] {
    var complaints: [String] = []
    if value.utf8.count > 63 { complaints.append(maximumLength(63)) }
    if !isLabelShaped(value.utf8) {
      // What would do for a longer name has dots.
      guard !dnsSubdomain(value).isEmpty else { return complaints + ["must not contain dots"] }
      complaints.append(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
          + "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
          + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')")
    }
    return complaints
  }

  /// Labels joined by dots, at most 253 bytes: the names of most objects.
  static func dnsSubdomain(_ value: String) -> [String] {
    var complaints: [String] = []
    if value.utf8.count > 253 { complaints.append(maximumLength(253)) }
    let labels = value.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if !labels.allSatisfy({ isLabelShaped($0) }) {
      complaints.append(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
          + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
          + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")
    }
    return complaints
  }

  private static func isNameShaped(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == 0x2E }
  }

  private static let labelKeyText =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

  /// A label's key, or any other qualified name: a name with an optional DNS prefix and a slash.
  static func qualifiedName(_ value: String) -> [String] {
    let parts = value.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let last = parts.last else {
      return [
        "a valid label key \(labelKeyText) with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
      ]
    }
    var complaints: [String] = []
    if parts.count == 2 {
      if parts[0].isEmpty {
        complaints.append("prefix part must be non-empty")
      } else {
        complaints += dnsSubdomain(String(parts[0])).map { "prefix part \($0)" }
      }
    }
    if last.isEmpty {
      complaints.append("name part must be non-empty")
    } else if last.utf8.count > 63 {
      complaints.append("name part \(maximumLength(63))")
    }
    if !isNameShaped(last.utf8) { complaints.append("name part \(labelKeyText)") }
    return complaints
  }

  static func labelValue(_ value: String) -> [String] {
    var complaints: [String] = []
    if value.utf8.count > 63 { complaints.append(maximumLength(63)) }
    if !value.isEmpty, !isNameShaped(value.utf8) {
      complaints.append(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
          + "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
          + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")
    }
    return complaints
  }

  /// A key of a ConfigMap or a Secret.
  static func configMapKey(_ value: String) -> [String] {
    var complaints: [String] = []
    if value.utf8.count > 253 { complaints.append(maximumLength(253)) }
    let isShaped =
      !value.isEmpty
      && value.utf8.allSatisfy {
        isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == 0x2E
      }
    if !isShaped {
      complaints.append(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
          + "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")
    }
    if value == "." {
      complaints.append("must not be '.'")
    } else if value == ".." {
      complaints.append("must not be '..'")
    } else if value.hasPrefix("..") {
      complaints.append("must not start with '..'")
    }
    return complaints
  }

  /// The name of an environment variable: printable ASCII without `=`.
  static func environmentName(_ value: String) -> [String] {
    let isValid = !value.isEmpty && value.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
    return isValid
      ? []
      : [
        "a valid environment variable name must consist only of printable ASCII characters other than '=' "
          + "(e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[ -<>-~]+')"
      ]
  }

  /// The name of an HTTP header.
  static func headerName(_ value: String) -> [String] {
    let isValid = !value.isEmpty && value.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    return isValid
      ? []
      : [
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for "
          + "validation is '[-A-Za-z0-9]+')"
      ]
  }

  /// Whether it is an address of IP version 4 or 6, as Kubernetes' lists of name servers and hosts take it.
  static func isAddress(_ value: String) -> Bool {
    if value.contains(":") {
      var address = in6_addr()
      return !value.contains("%") && inet_pton(AF_INET6, value, &address) == 1
    }
    // Not inet_pton: Kubernetes takes leading zeros.
    let parts = value.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt8(part) != nil
      }
  }

  /// A number that a port may have.
  static func portNumber(_ value: Int64) -> [String] {
    (1...65535).contains(value) ? [] : ["must be between 1 and 65535, inclusive"]
  }

  /// The name of a port: an IANA service name.
  static func portName(_ value: String) -> [String] {
    let hyphen = UInt8(ascii: "-")
    let bytes = Array(value.utf8)
    var complaints: [String] = []
    if bytes.count > 15 { complaints.append(maximumLength(15)) }
    if bytes.isEmpty || !bytes.allSatisfy({ isLowerAlphanumeric($0) || $0 == hyphen }) {
      complaints.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    }
    if !bytes.contains(where: { (0x61...0x7A).contains($0) }) {
      complaints.append("must contain at least one letter (a-z)")
    }
    if value.contains("--") { complaints.append("must not contain consecutive hyphens") }
    if bytes.first == hyphen || bytes.last == hyphen {
      complaints.append("must not begin or end with a hyphen")
    }
    return complaints
  }

  /// `acme.io/foo`
  static func domainPrefixedPath(_ field: String, _ value: String) -> [FieldError] {
    if value.isEmpty { return [.required(field)] }
    guard let slash = value.firstIndex(of: "/") else {
      return [.invalid(field, .string(value), "must be a domain-prefixed path (such as \"acme.io/foo\")")]
    }
    let host = String(value[..<slash])
    let path = String(value[value.index(after: slash)...])
    if host.isEmpty || path.isEmpty {
      return [.invalid(field, .string(value), "must be a domain-prefixed path (such as \"acme.io/foo\")")]
    }
    let errors = dnsSubdomain(host).map { FieldError.invalid(field, .string(host), $0) }
    if !errors.isEmpty { return errors }
    let allowed = Set("-._~!$&'()*+,;=:@/".utf8)
    guard path.utf8.allSatisfy({ isAlphanumeric($0) || allowed.contains($0) }) else {
      return [
        .invalid(
          field, .string(path),
          "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')")
      ]
    }
    return []
  }
}
