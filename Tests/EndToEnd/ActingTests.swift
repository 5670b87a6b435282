import Testing

/// Files, templates and what is remembered, in the built program.
@Suite(.serialized, .ownThread, .enabled(if: Tmux.isInstalled, "tmux is not installed; script/test installs it"))
struct ActingTests {
  /// Tab finds the file; the second time what is there is changed and not made again.
  @Test func aFileIsAppliedTwice() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("good-job.yaml", ValidateTests.good)
    let tmux = try await Tmux(["--in-memory"], folder: folder)
    try await tmux.wait(for: "in memory")
    try await tmux.press(":")
    try await tmux.type("apply \(file.dropLast(9))")
    try await tmux.wait(for: "good-job.yaml")
    try await tmux.press("Tab", "Enter")
    try await tmux.wait(for: "Created job good", "Complete")
    try await tmux.press(":")
    try await tmux.type("apply \(file)")
    try await tmux.press("Enter")
    try await tmux.wait(for: "Changed job good")
    try await tmux.leave()
  }

  @Test func theOrderOfATableIsRemembered() async throws {
    let folder = try TemporaryFolder()
    let first = try await Tmux(["--in-memory"], folder: folder)
    try await first.wait(for: "in memory")
    try await first.press(":")
    try await first.type("nodes")
    try await first.press("Enter")
    try await first.wait(for: "NAME▲")
    try await first.press("=")
    try await first.wait(for: "NAME▼")
    try await first.leave()
    let second = try await Tmux(["--in-memory"], folder: folder)
    try await second.wait(for: "in memory")
    // The command is remembered, too.
    try await second.press(":", "Up", "Enter")
    try await second.wait(for: "Nodes", "NAME▼")
    try await second.leave()
  }
}
