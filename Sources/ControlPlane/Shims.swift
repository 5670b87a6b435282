import KubeModel
struct IndexRanges: Hashable, Sendable {
  var all: Set<Int> = []
  init() {}
  init?(_ s: String) { if !s.isEmpty { return nil } }
  func contains(_ i: Int) -> Bool { all.contains(i) }
  mutating func insert(_ i: Int) { all.insert(i) }
  var description: String { all.sorted().map(String.init).joined(separator: ",") }
}
extension LabelSelector { func matches(_ l: StringMap) -> Bool { matchLabels.allSatisfy { l[$0.key] == $0.value } } }
extension KubeObject {
  func validate() -> [FieldError] { [] }
  func validateUpdate(from: KubeObject) -> [FieldError] { [] }
  var jsonValue: JSONValue { .null }
}
extension Job { func validateStatusUpdate(from: Job) -> [FieldError] { [] } }
extension JSONValue {
  func mergePatched(with: JSONValue) -> JSONValue { self }
  func jsonPatched(with: JSONValue) throws(StatusError) -> JSONValue { self }
}
extension Duration {
  init?(goDuration: String) { return nil }
  var goDescription: String { "\(self)" }
}
