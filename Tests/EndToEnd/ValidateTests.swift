import Foundation
import Testing

@Suite(.ownThread) struct ValidateTests {
  static let good = """
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: good
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: main
              image: x
              command: ["true"]
    """

  @Test func validObjectsAreNamed() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("good.yaml", Self.good)
    let result = try await Program.run(["validate", "-f", file])
    #expect(result.output == "\(file): job.batch/good valid\n")
    #expect(result.errors == "")
    #expect(result.status == 0)
  }

  @Test func whatStandsThereTwiceIsToldOf() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("twice.yaml", Self.good + "\n---\n" + Self.good)
    let result = try await Program.run(["validate", "-f", file])
    #expect(result.status == 0)
    let line = Self.good.split(separator: "\n", omittingEmptySubsequences: false).count + 2
    #expect(
      result.errors == "\(file):\(line): warning: job.batch/good stands at \(file):1 already\n", "\(result.errors)")
  }

  @Test func standardInputIsRead() async throws {
    let result = try await Program.run(["validate", "-f", "-"], input: Self.good)
    #expect(result.output == "-: job.batch/good valid\n")
    #expect(result.status == 0)
  }

  @Test func directoriesAreReadInOrder() async throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("jobs/b.yml", Self.good.replacing("good", with: "b"))
    _ = try folder.file("jobs/a.yaml", Self.good.replacing("good", with: "a"))
    _ = try folder.file(
      "jobs/c.json", #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"k":"v"}}"#)
    _ = try folder.file("jobs/notes.txt", "not a manifest")
    let result = try await Program.run(["validate", "-f", folder.path + "/jobs"])
    let names = result.output.split(separator: "\n").map { $0.split(separator: " ")[1] }
    #expect(names == ["job.batch/a", "job.batch/b", "configmap/c"])
    #expect(result.status == 0)
  }

  @Test func invalidObjectsAreToldWithTheirLine() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file(
      "bad.yaml", Self.good + "\n---\n" + Self.good.replacing("restartPolicy: Never", with: "restartPolicy: Always"))
    let result = try await Program.run(["validate", "-f", file])
    #expect(result.status == 1)
    #expect(result.output == "\(file): job.batch/good valid\n")
    #expect(result.errors.hasPrefix("\(file):"))
    let line = result.errors.dropFirst(file.count + 1).prefix { $0.isNumber }
    #expect((14...26).contains(Int(line) ?? 0), "\(result.errors)")
    #expect(result.errors.contains(#"valid values: "OnFailure", "Never""#))
    #expect(result.errors.filter { $0 == "\n" }.count == 1)
  }

  @Test(arguments: [
    "{", "kind: Job", "- 1\n- 2", "apiVersion: v1\nkind: Frobnicator\nmetadata: {name: x}", "\u{1}\u{2}\u{0}", "a: [",
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: x}\nspec: {completions: much}", "&a [*a, *b]",
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: \"\\e[2J\"}\nspec: {}",
  ])
  func garbageGetsALineNotACrash(_ text: String) async throws {
    let result = try await Program.run(["validate", "-f", "-"], input: text)
    #expect(result.status == 1)
    #expect(result.output == "")
    #expect(result.errors.hasPrefix("-:"), "\(result.errors)")
    #expect(!result.errors.contains("\u{1B}"))
  }

  @Test func missingFilesAreNamed() async throws {
    let result = try await Program.run(["validate", "-f", "/no/such/file.yaml"])
    #expect(result.status == 1)
    #expect(result.errors == "/no/such/file.yaml: No such file or directory\n")
  }

  @Test func emptyInputHoldsNoObject() async throws {
    let result = try await Program.run(["validate", "-f", "-"], input: "# nothing\n")
    #expect(result.status == 1)
    #expect(result.errors == "-: no object in it\n")
  }

  @Test func deepNestingIsRefused() async throws {
    let result = try await Program.run(
      ["validate", "-f", "-"], input: String(repeating: "[", count: 200_000))
    #expect(result.status == 1)
    #expect(result.errors.filter { $0 == "\n" }.count == 1)
  }

  /// Every example that the project hands out is valid.
  @Test func examplesAreValid() async throws {
    let result = try await Program.run([
      "validate", "-f", Program.root + "/Assets", "-f", Program.root + "/Assets/demo",
    ])
    #expect(result.errors == "")
    #expect(result.status == 0)
    #expect(result.output.split(separator: "\n").count >= 24)
  }
}
