internal import Glibc
internal import KubeModel
public import Terminal

/// Why there is no such theme, in one line.
public struct ThemeProblem: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Finds themes by their names: those of the program, k9s' skins in the user's folders, and files.
public struct ThemeFinder: Sendable {
  /// Where skins are looked for, the first place first.
  private let folders: [String]
  /// Where paths start from.
  private let base: String

  /// Looks in the folder of the user's settings, and in k9s' own beside it.
  ///
  /// - Parameter base: what relative paths are seen from; by default, where the program runs.
  public init(settings: String = SettingsFolder.usualPath, base: String = "") {
    folders = ["\(settings)/skins", "\(settings)/../k9s/skins"]
    self.base = base
  }

  /// The theme of that name, or in the file of that path.
  public func theme(_ name: String) throws(ThemeProblem) -> Theme {
    if let theme = Theme.named(name) { return theme }
    if let path = path(of: name) { return try read(path, name: name) }
    let names = (Theme.builtIn.map(\.name) + skins).joined(separator: ", ")
    throw ThemeProblem(
      TextWidth.displayed("there is no theme '\(name)'; there are: \(names), or the path of a file"))
  }

  /// The file that a theme is read from; `nil` for one that comes with the program, or isn't there.
  func path(of name: String) -> String? {
    if Theme.named(name) != nil { return nil }
    if name.contains("/") || name.contains(".") {
      return name.hasPrefix("/") || name.hasPrefix("~") || base.isEmpty ? name : "\(base)/\(name)"
    }
    let places = folders.flatMap { folder in Self.endings.map { "\(folder)/\(name)\($0)" } }
    return places.first { access($0, F_OK) == 0 }
  }

  /// The names of the skins that are there.
  public var skins: [String] {
    var names: Set<String> = []
    for folder in folders {
      guard let directory = opendir(folder) else { continue }
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let file = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        for ending in Self.endings where file.hasSuffix(ending) { names.insert(String(file.dropLast(ending.count))) }
      }
    }
    return names.filter { !$0.isEmpty && Theme.named($0) == nil }.sorted()
  }

  private static let endings = [".yaml", ".yml"]

  private func read(_ path: String, name: String) throws(ThemeProblem) -> Theme {
    let text: String
    do { text = try Editor.read(path).get() } catch { throw ThemeProblem(error.message) }
    guard Self.endings.contains(where: path.hasSuffix) else { return try ThemeFile.theme(text, file: path) }
    do { return try K9sSkin.theme(text, file: path, name: name) } catch { throw ThemeProblem(error.description) }
  }
}
