/// What is known of images that are little more than a shell. Images are not run here, but manifests count on what those
/// have: which shell `sh` is, and that it runs where the manifest names no command.
public struct ImageShell: Hashable, Sendable {
  /// What the image runs without a command, with no input: a shell that ends at once.
  public var command: [String]
  /// Whether the shell is busybox's, which knows more than POSIX asks of one.
  public var isBusybox: Bool

  /// The shell of an image, by the last part of its name, whatever its registry and version; `nil` for images that are
  /// more than that, or not known.
  public init?(image: String) {
    let last = image.split(separator: "@").first?.split(separator: "/").last ?? ""
    switch last.split(separator: ":").first {
    case "alpine": self.init(command: ["/bin/sh"], isBusybox: true)
    case "busybox": self.init(command: ["sh"], isBusybox: true)
    case "debian", "ubuntu": self.init(command: ["bash"], isBusybox: false)
    default: return nil
    }
  }

  private init(command: [String], isBusybox: Bool) {
    self.command = command
    self.isBusybox = isBusybox
  }
}
