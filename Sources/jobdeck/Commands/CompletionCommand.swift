import ArgumentParser

struct CompletionCommand: JobdeckSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "completion",
    abstract: "Print a completion script for a shell.",
    discussion: """
      bash:  source <(jobdeck completion bash)
      zsh:   jobdeck completion zsh > "${fpath[1]}/_jobdeck"
      fish:  jobdeck completion fish > ~/.config/fish/completions/jobdeck.fish
      """)

  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish
  }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func perform() async -> ExitStatus {
    let script: String
    switch shell {
    case .bash: script = Jobdeck.completionScript(for: .bash)
    case .zsh: script = Jobdeck.completionScript(for: .zsh)
    case .fish: script = Jobdeck.completionScript(for: .fish)
    }
    let output = Output()
    output.line(script)
    return await output.flush() ? .success : output.closedStatus
  }
}
