internal import KubeModel

extension APIHandler {
  /// Who got in may do everything.
  func answer(_ review: ReviewResource, _ request: APIRequest) throws(StatusError) -> APIResponse {
    // There is nothing in an answer that could be a row of a table.
    guard case .object = try Negotiation(accept: request.accept).shape else { throw .notAcceptable }
    let body = try RequestDocument.read(request, expecting: review.kind).value
    if let kind = body["kind"]?.string, kind != review.kind {
      throw .badRequest("\(kind) cannot be handled as a \(review.kind)")
    }
    var answer = JSONObject([
      .init(name: "kind", value: .string(review.kind)), .init(name: "apiVersion", value: .string(review.groupVersion)),
      .init(name: "metadata", value: .object(JSONObject())),
    ])
    if let spec = body["spec"] { answer["spec"] = spec }
    switch review.kind {
    case "SelfSubjectAccessReview":
      let attributes = body["spec"]?["resourceAttributes"]
      guard attributes != nil || body["spec"]?["nonResourceAttributes"] != nil else {
        throw StatusError(
          code: 422, reason: "Invalid",
          message:
            "SelfSubjectAccessReview.authorization.k8s.io \"\" is invalid: spec.resourceAttributes: Invalid value: "
            + "exactly one of nonResourceAttributes or resourceAttributes must be specified",
          causes: [
            FieldError(
              type: "FieldValueInvalid", field: "spec.resourceAttributes",
              body: "Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified")
          ])
      }
      answer["status"] = ["allowed": true, "reason": "whoever reaches this cluster owns it"]
    case "SelfSubjectRulesReview":
      answer["status"] = [
        "resourceRules": [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]],
        "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]],
        "incomplete": false,
      ]
    default:
      answer["status"] = ["userInfo": ["username": "jobdeck:owner", "groups": ["system:authenticated"]]]
    }
    return .json(.object(answer), code: 201)
  }
}
