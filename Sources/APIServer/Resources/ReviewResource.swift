/// A question that clients ask by creating an object which nobody keeps.
struct ReviewResource: Sendable {
  var group: String
  var version = "v1"
  var plural: String
  var kind: String
  var isNamespaced = false

  var groupVersion: String { "\(group)/\(version)" }

  static let all = [
    ReviewResource(group: "authentication.k8s.io", plural: "selfsubjectreviews", kind: "SelfSubjectReview"),
    ReviewResource(
      group: "authorization.k8s.io", plural: "selfsubjectaccessreviews", kind: "SelfSubjectAccessReview"),
    ReviewResource(
      group: "authorization.k8s.io", plural: "selfsubjectrulesreviews", kind: "SelfSubjectRulesReview"),
  ]
}
