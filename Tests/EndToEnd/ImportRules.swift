import Foundation
import Testing

/// Who may import whom. The dashboard never sees the control plane; the control plane never sees a file, a process or
/// a clock: what is not imported cannot be used.
@Suite struct ImportRules {
  /// The package's own modules, and what each may import of them.
  static let own: [String: Set<String>] = [
    "CNcurses": [],
    "CLinux": [],
    "Threading": ["CLinux"],
    "KubeModel": [],
    "ControlPlane": ["KubeModel"],
    "Executor": ["KubeModel", "CLinux", "Threading"],
    "Cluster": ["ControlPlane", "Executor", "KubeModel", "Threading"],
    "Terminal": ["CNcurses", "CLinux", "Threading"],
    "APIServer": ["Cluster", "KubeModel", "Threading"],
    "APIServerTLS": ["APIServer"],
    "RemoteCluster": ["Cluster", "KubeModel", "Threading"],
    "Dashboard": ["Terminal", "Cluster", "KubeModel", "Threading"],
    "jobdeck": [
      "APIServer", "APIServerTLS", "RemoteCluster", "Dashboard", "Terminal", "Cluster", "Executor", "ControlPlane",
      "KubeModel", "CLinux", "Threading",
    ],
  ]

  /// Modules that reach files, processes or the clock, which the pure ones must not.
  static let impure: Set<String> = ["Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Darwin", "Musl"]
  static let pure: Set<String> = ["ControlPlane"]

  @Test(arguments: own.keys.sorted())
  func holdFor(_ module: String) throws {
    let allowed = try #require(Self.own[module])
    for (file, imported) in try Self.imports(of: module) {
      if Self.own[imported] != nil {
        #expect(allowed.contains(imported), "\(file) imports \(imported)")
      }
      if Self.pure.contains(module) {
        #expect(!Self.impure.contains(imported), "\(file) imports \(imported)")
      }
    }
  }

  @Test func coverEveryTarget() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Program.root + "/Sources")
    #expect(Set(folders.filter { !$0.hasPrefix(".") }) == Set(Self.own.keys))
  }

  /// Each import of a module's files, with the file it stands in.
  private static func imports(of module: String) throws -> [(file: String, module: String)] {
    let folder = Program.root + "/Sources/" + module
    var found: [(file: String, module: String)] = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) where path.hasSuffix(".swift") {
      let text = try String(contentsOfFile: folder + "/" + path, encoding: .utf8)
      for line in text.split(separator: "\n") {
        var words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
        if let first = words.first, ["public", "package", "internal", "fileprivate", "private"].contains(first) {
          words.removeFirst()
        }
        guard words.count >= 2, words[0] == "import" else { continue }
        // `import struct Module.Name` names the module last.
        let name = words[words.count > 2 ? 2 : 1].split(separator: ".")[0]
        found.append((module + "/" + path, String(name)))
      }
    }
    return found
  }
}
