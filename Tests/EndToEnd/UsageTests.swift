import Foundation
import Testing

/// What the command line understands, and what it says when it does not: exit code 2 and one line.
@Suite(.ownThread) struct UsageTests {
  @Test(arguments: [
    (["run"], "nothing to run: give -f FILE or -- COMMAND"),
    (["run", "-f", "x.yaml", "--", "true"], "-f FILE and -- COMMAND exclude each other"),
    (["run", "-f", "x.yaml", "--retries", "2"], "--retries goes with -- COMMAND; a file says so itself"),
    (["run", "-f", "x.yaml", "-o", "xml"], "'xml'"),
    (["run", "--timeout", "soon", "--", "true"], "'soon'"),
    (["run", "--timeout", "5", "--", "true"], "give it a unit, such as 5s, 5m or 5h"),
    (["run", "--timeout", "0s", "--", "true"], "it must be longer than zero"),
    (["run", "echo", "hi there"], "jobdeck run -- echo 'hi there'"),
    (["run", "ls", "-la"], "jobdeck run -- ls -la"),
    (["run", "job.yaml"], "files go with -f: jobdeck run -f job.yaml"),
    (["apply", "job.yaml"], "files go with -f: jobdeck apply -f job.yaml"),
    (["validate", "job.yaml"], "files go with -f: jobdeck validate -f job.yaml"),
    (["job.yaml"], "files go with -f: jobdeck run -f job.yaml"),
    (["serv"], "did you mean 'jobdeck serve'?"),
    (["wiat"], "did you mean 'jobdeck wait'?"),
    (["log", "x"], "did you mean 'jobdeck logs'?"),
    (["ls"], "did you mean 'jobdeck get jobs'?"),
    (["edit", "job/x"], "kubectl has it"),
    (["--state-dir", "/tmp/x", "get", "jobs"], "options go behind the command: jobdeck get"),
    (["run", "--completions", "-1", "--", "true"], "-1 is less than any number that may stand there"),
    (["run", "--completions=0", "--", "true"], "--completions must be at least 1"),
    (["run", "--parallelism=0", "--", "true"], "--parallelism must be at least 1"),
    (["run", "--retries=-1", "--", "true"], "--retries must be at least 0"),
    (["run", "--", ""], "the COMMAND behind -- is empty"),
    (["serve", "--listen", "6443"], "such as 127.0.0.1:6443"),
    (["serve", "--listen", "127.0.0.1:99999"], "a port up to 65535"),
    (["help", "frobnicate"], "there is no command 'frobnicate'"),
    (["help", "vlaidate"], "did you mean 'jobdeck validate'?"),
    (["--", "echo", "hi"], "to run a program as a job: jobdeck run -- echo hi"),
    (["frobnicate"], "there is no command 'frobnicate'"),
    (["run", "--simulate", "--state-dir", "/tmp/x", "--", "true"], "takes no --state-dir"),
    (["run", "--state-dir", "/tmp/x", "--in-memory", "--", "true"], "exclude each other"),
    (["run", "--completions", "many", "--", "true"], "'many'"),
    (["run", "-n", "No_Name", "--", "true"], "'No_Name' is not a namespace's name"),
    (["validate"], "nothing to validate: give -f FILE"),
    (["completion", "csh"], "'csh'"),
    (["completion"], "shell"),
    (["--nodes", "0"], "--nodes must be between 1 and 5000"),
    (["--node-cpu", "lots"], "'lots'"),
    (["--node-memory", "-1Gi"], "--node-memory"),
    (["--frobnicate"], "--frobnicate"),
    (["no-such-command"], "no-such-command"),
  ])
  func mistakesAreToldInOneLine(_ arguments: [String], _ expected: String) async throws {
    let result = try await Program.run(arguments)
    #expect(result.status == 2)
    #expect(result.output == "")
    #expect(result.errors.hasPrefix("jobdeck: "))
    #expect(result.errors.contains(expected))
    #expect(result.errors.filter { $0 == "\n" }.count == 1)
  }

  @Test func helpNamesEveryCommand() async throws {
    let result = try await Program.run(["help"])
    #expect(result.status == 0)
    #expect(result.errors == "")
    for command in ["dashboard", "run", "validate", "version", "completion"] {
      #expect(result.output.contains("  \(command) "), "\(command)")
    }
  }

  @Test(arguments: ["dashboard", "run", "validate", "version", "completion"])
  func everyCommandHasHelp(_ command: String) async throws {
    let result = try await Program.run(["help", command])
    #expect(result.status == 0)
    #expect(result.output.contains("USAGE: jobdeck"))
  }

  @Test func versionSaysWhichKubernetes() async throws {
    let result = try await Program.run(["version"])
    #expect(result.status == 0)
    let shape = try Regex(#"jobdeck \d+\.\d+\.\d+ \(Kubernetes 1\.36 batch API\)\n"#)
    #expect(result.output.wholeMatch(of: shape) != nil)
    #expect(try await Program.run(["--version"]).output == result.output)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionScriptsMentionTheCommands(_ shell: String) async throws {
    let result = try await Program.run(["completion", shell])
    #expect(result.status == 0)
    #expect(result.output.contains("validate"))
  }

  @Test func dashboardNeedsATerminal() async throws {
    let result = try await Program.run(["--in-memory"])
    #expect(result.status == 1)
    #expect(result.output == "")
    #expect(result.errors == "jobdeck: the dashboard needs a terminal, or --plain; 'jobdeck run' works without one\n")
  }
}
