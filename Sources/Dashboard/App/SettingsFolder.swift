internal import Glibc
internal import KubeModel

/// The folder with the user's files of settings.
public struct SettingsFolder: Sendable {
  /// What was read, with what is wrong.
  public struct Reading: Sendable {
    public var settings = Settings()
    public var problems: [SettingsProblem] = []

    public init() {}
  }

  public let path: String

  /// Creates a folder, which need not be there.
  public init(path: String) { self.path = path }

  private var finder: ThemeFinder { ThemeFinder(settings: path, base: path) }

  /// `$XDG_CONFIG_HOME/jobdeck`, by default `~/.config/jobdeck`.
  public static var usualPath: String {
    // The specification: relative paths are not valid and are to be ignored.
    if let config = getenv("XDG_CONFIG_HOME").map({ String(cString: $0) }), config.hasPrefix("/") {
      return "\(config)/jobdeck"
    }
    return "\(getenv("HOME").map { String(cString: $0) } ?? "")/.config/jobdeck"
  }

  /// Reads the files that are there.
  public func read() -> Reading {
    var reading = Reading()
    var texts: [SettingsFile: String] = [:]
    for file in SettingsFile.allCases {
      guard access(place(file), F_OK) == 0 else { continue }
      switch Editor.read(place(file)) {
      case .success(let text): texts[file] = text
      case .failure(let error):
        // The file's name stands before it.
        let message = error.message.replacing("cannot read \(place(file)): ", with: "cannot be read: ")
        reading.problems.append(SettingsProblem(file: file.rawValue, message: message))
      }
    }
    let (settings, problems) = Settings.read(texts) { try finder.theme($0) }
    reading.settings = settings
    reading.problems += problems
    return reading
  }

  /// Reads the files again whenever one of them has changed, until the task is cancelled.
  ///
  /// Looking is a few system calls, twice a second. What has just changed is left alone until it stays as it is:
  /// editors write files in several steps.
  func watch(_ first: Settings, _ changed: (Reading) -> Void) async {
    var theme = first.theme
    var known = stamps(theme)
    var seen = known
    while true {
      do { try await Task.sleep(for: .milliseconds(500)) } catch { return }
      let now = stamps(theme)
      defer { seen = now }
      guard now != known, now == seen else { continue }
      let reading = read()
      changed(reading)
      theme = reading.settings.theme
      known = stamps(theme)
    }
  }

  private func place(_ file: SettingsFile) -> String { "\(path)/\(file.rawValue)" }

  /// What tells one state of a file from another.
  private struct Stamp: Hashable {
    var inode: UInt
    var size: Int
    var seconds: Int
    var nanoseconds: Int
  }

  private func stamps(_ theme: String?) -> [Stamp?] {
    var paths = SettingsFile.allCases.map(place)
    if let file = theme.flatMap(finder.path) { paths.append(file) }
    return paths.map { path in
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      return Stamp(
        inode: UInt(status.st_ino), size: Int(status.st_size), seconds: status.st_mtim.tv_sec,
        nanoseconds: status.st_mtim.tv_nsec)
    }
  }
}
