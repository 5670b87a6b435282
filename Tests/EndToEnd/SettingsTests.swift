import Foundation
import Testing

/// The user's files as the program reads them.
@Suite(.serialized, .ownThread)
struct SettingsTests {
  @Test func theCommandTellsEachMistakeWithItsPlace() async throws {
    let folder = try TemporaryFolder()
    let environment = ["XDG_CONFIG_HOME": folder.path]
    var result = try await Program.run(["settings"], environment: environment)
    #expect(result.status == 0 && result.output == "\(folder.path)/jobdeck: not there, so everything is as it comes\n")
    _ = try folder.file("jobdeck/config.yaml", "keys:\n  lgos: x\ntheme: ./none.yaml\n")
    _ = try folder.file("jobdeck/aliases.yaml", "aliases: { a: podz }\n")
    result = try await Program.run(["settings"], environment: environment)
    #expect(result.status == 1 && result.output.isEmpty)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(
      lines.contains { $0.hasSuffix("config.yaml:2: keys.lgos: there is no action 'lgos'; did you mean 'logs'?") })
    #expect(lines.contains { $0.contains("config.yaml:3: theme: ") })
    #expect(lines.contains { $0.contains("aliases.yaml:1: aliases.a: there is no command 'podz'") })
  }

  @Test func whatCannotBeReadIsToldOnce() async throws {
    let folder = try TemporaryFolder()
    let place = try folder.file("jobdeck", "")
    let environment = ["XDG_CONFIG_HOME": folder.path]
    var result = try await Program.run(["settings"], environment: environment)
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors == "\(place): Not a directory\n")
    try FileManager.default.removeItem(atPath: place)
    try FileManager.default.createDirectory(atPath: place + "/config.yaml", withIntermediateDirectories: true)
    result = try await Program.run(["settings"], environment: environment)
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors == "\(place)/config.yaml: cannot be read: Is a directory\n")
    result = try await Program.run(["settings"], environment: ["XDG_CONFIG_HOME": "here", "HOME": folder.path])
    #expect(result.status == 0)
    #expect(result.errors == "warning: $XDG_CONFIG_HOME is 'here', which is no absolute path, and is ignored\n")
  }

  @Test func theExampleIsValid() async throws {
    let folder = try TemporaryFolder()
    let example = try await Program.run(["settings", "--example"])
    #expect(example.status == 0)
    _ = try folder.file("jobdeck/config.yaml", example.output)
    let result = try await Program.run(["settings"], environment: ["XDG_CONFIG_HOME": folder.path])
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test(.enabled(if: Tmux.isInstalled)) func changesAreTakenUpWhileItRuns() async throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("config/jobdeck/config.yaml", "hints: flase\n")
    let tmux = try await Tmux(["--demo", "--simulate"], folder: folder)
    try await tmux.wait(for: "import-orders", "config.yaml:1: hints: must be true or false, not 'flase'")
    _ = try folder.file(
      "config/jobdeck/config.yaml", "keys: { describe: f2 }\ncolumns: { jobs: [status, name] }\nhints: false\n")
    try await tmux.waitUntilGone("ELAPSED")
    try await tmux.wait(for: "F2 describe")
    try await tmux.press("F2")
    try await tmux.wait(for: "› Describe ")
    try await tmux.press("Escape")
    // What is wrong changes nothing, and is told.
    _ = try folder.file("config/jobdeck/config.yaml", "colums: {}\n")
    try await tmux.wait(for: "config.yaml:1: colums: there is no such setting; did you mean 'columns'?", "F2 describe")
    try await tmux.leave()
  }

  @Test(.enabled(if: Tmux.isInstalled)) func pluginsRunOnTheSelectedObject() async throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("config/jobdeck/config.yaml", "hints: false\n")
    _ = try folder.file(
      "config/jobdeck/plugins.yaml",
      """
      plugins:
        front:
          shortCut: f5
          description: In front
          scopes: [jobs]
          command: sh
          args: [-c, 'echo "it is $NAME in $NAMESPACE, $1"; read line', sh, "$COL-DONE; $(echo no)"]
        fails:
          shortCut: f6
          description: Fails
          scopes: [jobs]
          command: sh
          args: [-c, "echo no luck; exit 3"]
        behind:
          shortCut: f7
          description: Behind
          scopes: [jobs]
          background: true
          overwriteOutput: true
          command: echo
          args: ["behind with $NAME"]
        lost:
          shortCut: f8
          description: Lost
          scopes: [jobs]
          background: true
          command: /no/such/program
      """)
    let file = try folder.file("job.yaml", ValidateTests.good)
    let tmux = try await Tmux(["--in-memory", "-f", file], folder: folder)
    try await tmux.wait(for: "good", "Complete")
    try await tmux.press("F7")
    try await tmux.wait(for: "behind with good")
    try await tmux.press("F5")
    try await tmux.wait(for: "it is good in default, 1/1; $(echo no)")
    try await tmux.press("Enter")
    try await tmux.wait(for: "'front' has ended", "Complete")
    try await tmux.press("F6")
    try await tmux.wait(for: "no luck", "'sh' ended with 3. Enter goes back to jobdeck.")
    try await tmux.press("Enter")
    try await tmux.wait(for: "'fails' ended with 3", "Complete")
    try await tmux.press("F8")
    try await tmux.wait(for: "lost: cannot run /no/such/program: No such file or directory")
    try await tmux.leave()
  }

  @Test(.enabled(if: Tmux.isInstalled)) func aTipIsGivenOnce() async throws {
    let folder = try TemporaryFolder()
    do {
      let tmux = try await Tmux(["--in-memory"], folder: folder)
      try await tmux.wait(for: "Welcome: ? all keys")
      try await tmux.leave()
    }
    let tmux = try await Tmux(["--in-memory"], folder: folder)
    let screen = try await tmux.wait(for: "in memory", "? help")
    #expect(!screen.contains("Welcome"))
    try await tmux.leave()
  }
}
