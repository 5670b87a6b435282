extension Toleration {
  /// Whether a pod with this toleration may be on a node with such a taint (core/v1: `ToleratesTaint`).
  public func tolerates(_ key: String, _ value: String, _ effect: String) -> Bool {
    guard self.effect.isEmpty || self.effect == effect else { return false }
    guard self.key == key || (self.key.isEmpty && self.operator == "Exists") else { return false }
    switch self.operator {
    case "Exists": return true
    case "", "Equal": return self.value == value
    default: return false
    }
  }

  /// Whether a pod with this toleration may be on a node with the taint.
  public func tolerates(_ taint: Taint) -> Bool { tolerates(taint.key, taint.value, taint.effect) }
}

extension [Toleration] {
  /// How long a pod with these tolerations may stay on a node with these `NoExecute` taints, in seconds, and the taint
  /// that ends it; `nil` for ever (Kubernetes' taint eviction: `getMinTolerationTime`).
  ///
  /// Of the tolerations those count that are the first to match a taint, and of these the shortest; a taint that none
  /// matches ends it at once.
  public func stay(with taints: [Taint]) -> (seconds: Int, taint: Taint)? {
    var shortest: (seconds: Int, taint: Taint)?
    for taint in taints {
      guard let toleration = first(where: { $0.tolerates(taint) }) else { return (0, taint) }
      guard let seconds = toleration.tolerationSeconds.map({ Swift.max(0, $0) }) else { continue }
      if seconds < shortest?.seconds ?? .max { shortest = (seconds, taint) }
    }
    return shortest
  }
}
