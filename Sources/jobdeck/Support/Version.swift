/// What this program is.
enum Version {
  static let number = "0.1.0"
  /// The release of Kubernetes whose batch API and behaviour this program follows.
  static let kubernetes = "1.36"
  static let line = "jobdeck \(number) (Kubernetes \(kubernetes) batch API)"
}
