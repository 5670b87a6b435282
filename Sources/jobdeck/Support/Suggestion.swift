/// What somebody may have meant who typed something else.
enum Suggestion {
  /// The name that is nearest to a mistyped word, where one is near enough: a letter too many, too few, wrong or in the
  /// place of its neighbour, two of them in longer words.
  static func nearest(to word: String, among names: [String]) -> String? {
    let word = word.lowercased()
    let limit = word.count < 4 ? 1 : 2
    let near = names.map { (distance: distance(word, $0), name: $0) }.filter { $0.distance <= limit }
    return near.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
  }

  /// How many letters are to be added, left out, changed or swapped with the next (optimal string alignment).
  static func distance(_ left: String, _ right: String) -> Int {
    let left = Array(left)
    let right = Array(right)
    // Nobody mistypes so much; what is compared stays short.
    guard abs(left.count - right.count) <= 2, left.count <= 64 else { return .max }
    var before: [Int] = []
    var last = Array(0...right.count)
    for row in left.indices {
      var line = [row + 1]
      for column in right.indices {
        var cost = min(last[column + 1] + 1, line[column] + 1, last[column] + (left[row] == right[column] ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          cost = min(cost, before[column - 1] + 1)
        }
        line.append(cost)
      }
      before = last
      last = line
    }
    return last[right.count]
  }
}
