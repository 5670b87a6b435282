internal import KubeModel

extension APIRequest {
  /// Whether its client reads JSON with eyes: it says so, or it is a browser or a program of the command line
  /// (apiserver, handlers/negotiation).
  var wantsPretty: Bool {
    if let wish = query["pretty"], !wish.isEmpty { return ["1", "t", "T", "TRUE", "true", "True"].contains(wish) }
    return ["curl", "Wget", "Mozilla/5.0"].contains { userAgent.hasPrefix($0) }
  }
}

extension APIResponse {
  /// The same, over many lines where it is JSON.
  func pretty() -> APIResponse {
    guard contentType == "application/json", case .bytes(let bytes) = body else { return self }
    var indenter = JSONIndenter(width: 2)
    indenter.append(bytes)
    var answer = self
    answer.body = .bytes(indenter.bytes)
    return answer
  }
}
