/// One thing that is wrong with the settings: where it stands, and what would be right.
public struct SettingsProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file's name without its folder.
  public var file: String
  /// From 1; `nil` where no line is to blame.
  public var line: Int?
  /// The way to the value: `plugins.describe.scopes[0]`; empty for the file as a whole.
  public var path: String
  public var message: String

  public init(file: String, line: Int? = nil, path: String = "", message: String) {
    self.file = file
    self.line = line
    self.path = path
    self.message = message
  }

  /// `config.yaml:3: keys.lgos: there is no such action; did you mean 'logs'?`
  public var description: String {
    "\(file)\(line.map { ":\($0)" } ?? ""): \(path.isEmpty ? "" : "\(path): ")\(message)"
  }
}

/// Finds what someone may have meant.
enum Suggestion {
  /// The name nearest to `text`, if one is near enough to be a slip of the fingers.
  static func nearest(to text: String, among names: some Sequence<String>) -> String? {
    let wanted = Array(text.lowercased().unicodeScalars.prefix(48))
    guard !wanted.isEmpty else { return nil }
    var best: (name: String, distance: Int, more: Int)?
    for name in names {
      let letters = Array(name.lowercased().unicodeScalars.prefix(48))
      let begins = wanted.count >= 3 && letters.starts(with: wanted)
      let distance = begins ? 1 : distance(wanted, letters)
      guard distance <= max(1, wanted.count / 3) else { continue }
      // Of those that are as near the one that is as long.
      let more = abs(letters.count - wanted.count)
      if let best, (best.distance, best.more) <= (distance, more) { continue }
      best = (name, distance, more)
    }
    return best?.name
  }

  /// `; did you mean 'logs'?`, or else what there is.
  static func text(for text: String, among names: [String]) -> String {
    if let name = nearest(to: text, among: names) { return "; did you mean '\(name)'?" }
    // A list of everything would hide the message.
    guard !names.isEmpty, names.count <= 16 else { return "" }
    return "; there are: \(names.joined(separator: ", "))"
  }

  /// How many letters have to be changed, added, left out or swapped with their neighbour.
  private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, before[j - 1] + 1) }
        row.append(least)
      }
      (before, last) = (last, row)
    }
    return last[b.count]
  }
}
