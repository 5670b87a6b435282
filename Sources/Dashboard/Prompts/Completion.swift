internal import Terminal

/// A way to go on with what was typed after `:`.
struct Completion: Hashable, Sendable {
  /// The whole line that it makes.
  let text: String
  /// What the list shows: only what it adds to the line.
  let label: String
  /// What that is: a view, what an action does, an object's status.
  let detail: StyledText

  init(_ text: String, label: String? = nil, _ detail: StyledText = StyledText()) {
    self.text = text
    self.label = label ?? text
    self.detail = detail
  }
}

/// What is in a directory, for completion and for choosing a file.
public struct DirectoryEntry: Hashable, Sendable {
  public let name: String
  public let isDirectory: Bool
  /// Bytes.
  public let size: Int

  public init(name: String, isDirectory: Bool, size: Int = 0) {
    self.name = name
    self.isDirectory = isDirectory
    self.size = size
  }

  /// Whether it is named as manifests are.
  var isManifest: Bool { !isDirectory && [".yaml", ".yml", ".json"].contains { name.lowercased().hasSuffix($0) } }
}
