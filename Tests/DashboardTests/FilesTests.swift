import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// Jobs from files and templates: made, applied, chosen.
struct FilesTests {
  private func enter(_ line: String, _ driver: inout Driver) {
    driver.press(":")
    driver.type(line)
    driver.press("enter")
  }

  private func job(_ name: String, in namespace: String = "default") -> KubeObject {
    var job = Job()
    job.metadata = ObjectMeta(name: name, namespace: namespace)
    return .job(job)
  }

  /// Answers the last request for a file's objects.
  private func answer(_ result: Result<[KubeObject], StatusError>, _ driver: inout Driver) {
    guard case .readManifest(let id, _, _)? = driver.takeCommands().last else {
      Issue.record("no file is read")
      return
    }
    driver.send(.manifest(id, result))
  }

  @Test func aManifestIsReadAndMade() {
    var driver = Driver()
    enter("create ~/my jobs.yaml", &driver)
    guard case .readManifest(_, "~/my jobs.yaml", "default")? = driver.commands.last else {
      Issue.record("no file was read")
      return
    }
    answer(.success([job("my-job", in: "web")]), &driver)
    guard case .create(_, .job(let made), false)? = driver.commands.first else {
      Issue.record("no job was made")
      return
    }
    #expect(made.metadata.name == "my-job" && made.metadata.namespace == "web")
    driver.answerAll()
    #expect(driver.screen.contains("Created job my-job"))
    // What is there already is an error to create.
    enter("create a.yaml", &driver)
    answer(.success([job("my-job")]), &driver)
    driver.answerAll { _ in .failure(.alreadyExists(ObjectKey(.job, namespace: "default", name: "my-job"))) }
    #expect(driver.commands.isEmpty)
    #expect(driver.dashboard.said.last?.isError == true)
    driver.pass(.seconds(3))
    enter("create a.yaml", &driver)
    answer(.failure(.badRequest("a.yaml:3: unknown field")), &driver)
    #expect(driver.screen.contains("a.yaml:3: unknown field"))
    var reader = Driver(isReadOnly: true)
    for line in ["create a.yaml", "apply a.yaml", "files", "templates"] { enter(line, &reader) }
    #expect(reader.takeCommands().isEmpty)
  }

  @Test func applyMakesOrChanges() {
    var driver = Driver()
    enter("apply a.yaml", &driver)
    answer(.success([job("new"), job("old")]), &driver)
    #expect(driver.commands.count == 2)
    driver.answerAll { command in
      guard case .create(_, let object, _) = command, object.metadata.name == "old" else { return .success(nil) }
      return .failure(.alreadyExists(object.key))
    }
    guard case .patch(_, let key, let document)? = driver.commands.first else {
      Issue.record("what is there was not changed")
      return
    }
    #expect(key.name == "old" && document["kind"] == "Job" && document["status"] == nil)
    driver.answerAll()
    #expect(driver.screen.contains("Changed 1 job, created 1"))
    // What Kubernetes does not let one change is told as it says it.
    enter("apply a.yaml", &driver)
    answer(.success([job("old")]), &driver)
    driver.answerAll { _ in .failure(.alreadyExists(ObjectKey(.job, namespace: "default", name: "old"))) }
    driver.answerAll { _ in .failure(.badRequest("spec.template: field is immutable")) }
    #expect(driver.screen.contains("✗ spec.template: field is immutable"))
    #expect(driver.dashboard.batches.isEmpty)
  }

  @Test func whatOthersNeedIsMadeFirst() {
    var driver = Driver()
    var map = ConfigMap()
    map.metadata = ObjectMeta(name: "map", namespace: "fresh")
    enter("apply a.yaml", &driver)
    answer(.success([job("one", in: "fresh"), .configMap(map)]), &driver)
    var made: [String] = []
    while case .create(_, let object, _)? = driver.commands.first, driver.commands.count == 1 {
      made.append("\(object.kind.rawValue) \(object.metadata.name)")
      driver.answerAll()
    }
    #expect(made == ["Namespace fresh", "ConfigMap map", "Job one"])
    #expect(driver.screen.contains("Created 3 objects"))
  }

  @Test func aFileIsChosen() {
    var driver = Driver()
    enter("files jobs/", &driver)
    guard case .listDirectory(let id, "jobs/")? = driver.takeCommands().last else {
      Issue.record("the directory is not read")
      return
    }
    driver.send(
      .directory(
        id,
        .success([
          DirectoryEntry(name: "old", isDirectory: true), DirectoryEntry(name: "a.yaml", isDirectory: false, size: 9),
          DirectoryEntry(name: "b.yaml", isDirectory: false), DirectoryEntry(name: "b.txt", isDirectory: false),
        ])))
    #expect(!driver.screen.contains("b.txt"))
    // Only what is under the cursor is read, one file at a time.
    driver.press("j j j")
    answer(.success([job("x")]), &driver)
    answer(.success([job("one"), job("two")]), &driver)
    #expect(driver.screen.contains("✓ 2 jobs: one, two"))
    driver.press("enter")
    answer(.success([job("one"), job("two")]), &driver)
    #expect(driver.screen.contains("Create 2 objects of b.yaml?"))
    driver.press("enter")
    #expect(driver.takeCommands().isEmpty)
    driver.press("enter")
    answer(.success([job("one"), job("two")]), &driver)
    driver.press("y")
    #expect(driver.takeCommands().count == 2)
    // Into a directory and out of it again.
    driver.press("k k enter")
    guard case .listDirectory(let inner, "jobs/old/")? = driver.takeCommands().last else {
      Issue.record("it did not go into the directory")
      return
    }
    driver.send(.directory(inner, .failure(.badRequest("cannot read jobs/old/: Permission denied"))))
    #expect(driver.screen.contains("Permission denied"))
    driver.press("backspace")
    #expect(driver.takeCommands().contains { if case .listDirectory(_, "jobs/") = $0 { true } else { false } })
  }

  @Test func aNamedFileIsChosenAlready() {
    var driver = Driver()
    enter("files a/b.yaml", &driver)
    answer(.success([job("one")]), &driver)
    #expect(driver.screen.contains("Create 1 object of b.yaml?"))
    #expect(driver.screen.contains("one  job"))
  }

  @Test(arguments: [
    ("a/b/", "a/"), ("a/", ""), ("", "../"), ("../", "../../"), ("/a/", "/"), ("/", "/"), ("~/", "~/../"),
  ])
  func theDirectoryAbove(_ path: String, _ above: String) {
    var page = FilesPage(directory: path)
    page.goUp()
    #expect(page.directory == above)
  }

  @Test func templatesAreValidAndOpenInTheEditor() throws {
    for template in Template.all {
      let objects = try ObjectText.parse(template.text("web"), namespace: "x")
      #expect(objects.count == 1 && objects[0].metadata.namespace == "web", "\(template.name)")
      #expect(objects[0].kind == (template.name == "cron-job" ? .cronJob : .job))
    }
    var driver = Driver()
    driver.press("n ctrl-t")
    #expect(driver.screen.contains("one-off") && driver.screen.contains("cron-job"))
    driver.press("j enter")
    guard case .edit(let id, let text, _)? = driver.takeCommands().last else {
      Issue.record("the template is not opened")
      return
    }
    #expect(text.contains("parallelism: 3"))
    driver.send(.edited(id, .success(text.replacing("my-job", with: "mine"))))
    #expect(
      driver.commands.contains {
        if case .create(_, let object, _) = $0 { object.metadata.name == "mine" } else { false }
      })
    // Nothing that was typed is lost by looking for a template.
    enter("jobs", &driver)
    driver.press("n x ctrl-t")
    #expect(driver.screen.contains("Leave the form for the templates?"))
  }

  @Test func ownTemplatesStandBelow() {
    var driver = Driver()
    enter("templates", &driver)
    guard case .listDirectory(let id, _)? = driver.takeCommands().last else { return }
    driver.send(.directory(id, .success([DirectoryEntry(name: "mine.yaml", isDirectory: false)])))
    driver.press("G e")
    guard case .readFile(let file, _)? = driver.takeCommands().last else {
      Issue.record("the template is not read")
      return
    }
    driver.send(.edited(file, .success("# mine\nkind: Job\n")))
    #expect(
      driver.commands.contains { if case .edit(_, let text, _) = $0 { text.hasSuffix("kind: Job\n") } else { false } })
  }
}
