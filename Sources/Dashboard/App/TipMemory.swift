internal import Glibc

/// Which tips were given, a name a line in a file of the user's state.
public struct TipMemory: Sendable {
  private let path: String?

  /// `folder` is made when it is needed; without one nothing is remembered.
  public init(folder: String?) {
    path = folder.map { "\($0)/hints" }
  }

  /// Those that were not given yet.
  public var new: Set<String> {
    let all = Set(Tip.all.map(\.name))
    guard let path, case .success(let text) = Editor.read(path) else { return all }
    return all.subtracting(text.split(whereSeparator: \.isNewline).map(String.init))
  }

  /// Where it can't be written, the tip is given again the next time.
  func remember(_ tip: String) {
    guard let path else { return }
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += "/\(part)"
      mkdir(folder, 0o700)
    }
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    defer { close(file) }
    let line = Array("\(tip)\n".utf8)
    _ = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
  }
}
