import KubeModel
extension JSONValue {
  func mergePatched(with: JSONValue) -> JSONValue { self }
  func jsonPatched(with: JSONValue) throws(StatusError) -> JSONValue { self }
}
