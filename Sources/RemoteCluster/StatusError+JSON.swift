public import KubeModel

extension StatusError {
  /// The refusal that a `Status` object tells of; `nil` where it is no such object.
  public init?(status: JSONValue) {
    guard status["kind"]?.string == "Status", status["status"]?.string != "Success" else { return nil }
    let details = status["details"]
    let name = details?["kind"]?.string ?? ""
    self.init(
      code: Int(clamping: status["code"]?.int ?? 500), reason: status["reason"]?.string ?? "",
      message: status["message"]?.string ?? "the server refused without saying why",
      kind: Kind.allCases.first { $0.plural == name || $0.rawValue == name },
      name: details?["name"]?.string ?? "",
      causes: (details?["causes"]?.array ?? []).map { cause in
        FieldError(
          type: cause["reason"]?.string ?? "", field: cause["field"]?.string ?? "",
          body: cause["message"]?.string ?? "")
      })
  }
}
