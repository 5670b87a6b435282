import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// The line after `:`: what it offers, and what it does with names.
struct PaletteTests {
  private func enter(_ line: String, _ driver: inout Driver) {
    driver.press(":")
    driver.type(line)
    driver.press("enter")
  }

  private func offers(_ line: String, _ driver: inout Driver) -> [String] {
    driver.dashboard.completions(for: line).map(\.text)
  }

  @Test func lettersInOrderFindACommand() {
    var driver = Driver()
    #expect(offers("crj", &driver).first == "cronjobs")
    #expect(offers("jo", &driver).first == "jobs")
    #expect(offers("zzz", &driver).isEmpty)
  }

  @Test func offersViewsActionsNamespacesAndNames() {
    var driver = Driver()
    #expect(offers("nigh", &driver) == ["nightly-backup"])
    #expect(offers("n", &driver).contains("new"))
    #expect(offers("ns ", &driver) == ["ns all", "ns default", "ns kube-system", "ns web"])
    #expect(offers("ns web,d", &driver) == ["ns web,default"])
    #expect(offers("ns web,", &driver) == ["ns web,default", "ns web,kube-system"])
    #expect(offers("jobs w", &driver).first == "jobs web")
    #expect(offers("jobs night", &driver) == ["jobs nightly-backup"])
    #expect(offers("job web ren", &driver) == ["job web render-frames"])
    #expect(offers("jobs default ren", &driver).isEmpty)
    #expect(offers("why night", &driver).prefix(2) == ["why nightly-backup", "why nightly-backup-6p2qv"])
    #expect(offers("cordon node-", &driver).isEmpty == false)
    #expect(offers("logs imp", &driver).first == "logs import-users")
    // Pods have logs too; jobs come first while jobs are on the screen.
    #expect(offers("logs imp", &driver).count > 1)
    // A filter and what goes to no single object take no names.
    #expect(offers("jobs /nig", &driver).isEmpty)
    #expect(offers("new nig", &driver).isEmpty)
  }

  @Test func tabGoesThroughTheList() {
    var driver = Driver()
    driver.press(":")
    driver.type("ns ")
    driver.press("tab tab")
    #expect(driver.dashboard.prompt?.editor.text == "ns default")
    driver.press("tab tab tab backtab")
    #expect(driver.dashboard.prompt?.editor.text == "ns web")
    // The only one is taken and gone on from.
    driver.press("ctrl-u")
    driver.type("jobs night")
    driver.press("tab")
    #expect(driver.dashboard.prompt?.editor.text == "jobs nightly-backup")
    driver.press("enter")
    #expect(driver.selectedName == "nightly-backup")
  }

  @Test func aNameGoesToItsObject() {
    var driver = Driver()
    enter("pods", &driver)
    enter("nightly-backup", &driver)
    #expect(driver.dashboard.table?.view == .jobs)
    #expect(driver.selectedName == "nightly-backup")
    driver.press("esc")
    #expect(driver.dashboard.table?.view == .pods)
    // The beginning of a name is enough to look, if it is the only one.
    enter("jobs nightl", &driver)
    #expect(driver.selectedName == "nightly-backup")
    enter("jobs nope", &driver)
    #expect(driver.screen.contains("There is no job named 'nope'"))
    #expect(driver.selectedName == "nightly-backup")
    // Of another namespace than the one shown: all are shown then.
    enter("ns default", &driver)
    enter("jobs render-frames", &driver)
    #expect(driver.selectedName == "render-frames")
    #expect(driver.dashboard.shown.isAllNamespaces)
    enter("jobs web/render-frames", &driver)
    #expect(driver.selectedName == "render-frames")
    enter("jobs default/render-frames", &driver)
    #expect(driver.screen.contains("There is no job named 'default/render-frames'"))
  }

  @Test func anActionGoesToTheNameAlone() throws {
    var driver = Driver()
    driver.press("space space")
    let marked = try #require(driver.dashboard.table?.marks)
    #expect(marked.count == 2)
    enter("suspend import-users", &driver)
    let patched = driver.takeCommands().compactMap { command -> String? in
      if case .patch(_, let key, _) = command { key.name } else { nil }
    }
    #expect(patched == ["import-users"])
    // To change things takes the whole name.
    enter("suspend import", &driver)
    #expect(driver.takeCommands().isEmpty)
    #expect(driver.screen.contains("There is no job or cron job named 'import'"))
    enter("why nightly", &driver)
    #expect(driver.screen.contains("Why nightly-backup"))
    enter("cordon node-1", &driver)
    #expect(driver.dashboard.table?.view == .nodes)
    #expect(
      driver.takeCommands().contains { if case .patch(_, let key, _) = $0 { key.name == "node-1" } else { false } })
    enter("delete nightly-backup", &driver)
    #expect(driver.screen.contains("Delete job?"))
  }

  @Test func namesakesAreToldApart() {
    var fixture = Fixture()
    fixture.namespace("a")
    fixture.namespace("b")
    _ = fixture.job("same", .init(namespace: "a"))
    _ = fixture.job("same", .init(namespace: "b"))
    var driver = Driver(fixture)
    #expect(offers("jobs s", &driver) == ["jobs same", "jobs b/same"])
    enter("jobs same", &driver)
    #expect(driver.screen.contains("'same' may be a/same, b/same"))
    enter("jobs b/same", &driver)
    #expect(driver.dashboard.selectedItem?.namespace == "b")
    enter("ns a", &driver)
    driver.pass(.seconds(3))
    enter("why same", &driver)
    #expect(driver.screen.contains("Why same"))
    #expect(!driver.screen.contains("may be"))
  }

  @Test func readOnlyOffersNothingThatChanges() {
    var driver = Driver(isReadOnly: true)
    #expect(!offers("", &driver).contains("create"))
    #expect(offers("delete night", &driver).isEmpty)
    enter("delete nightly-backup", &driver)
    #expect(driver.screen.contains("read-only"))
  }

  @Test func pathsAreCompletedFromDirectories() {
    var driver = Driver()
    driver.press(":")
    driver.type("create ~/jo")
    guard case .listDirectory(let id, "~/")? = driver.takeCommands().last else {
      Issue.record("the directory is not read")
      return
    }
    // It is asked for once, and not with every letter.
    driver.type("b")
    #expect(driver.takeCommands().isEmpty)
    let entries = [
      DirectoryEntry(name: "jobs", isDirectory: true), DirectoryEntry(name: "job.yaml", isDirectory: false, size: 120),
      DirectoryEntry(name: "jobs.txt", isDirectory: false), DirectoryEntry(name: ".job.yml", isDirectory: false),
    ]
    driver.send(.directory(id, .success(entries)))
    #expect(driver.dashboard.prompt?.completions.map(\.text) == ["create ~/jobs/", "create ~/job.yaml"])
    driver.type("s")
    driver.press("tab")
    // From the only one it goes on into the directory.
    guard case .listDirectory(let inner, "~/jobs/")? = driver.takeCommands().first else {
      Issue.record("the directory that was completed is not read")
      return
    }
    driver.send(.directory(inner, .failure(.badRequest("cannot read ~/jobs/: Permission denied"))))
    #expect(driver.screen.contains("Permission denied"))
    driver.press("enter")
    #expect(driver.takeCommands().contains { if case .listDirectory(_, "~/jobs/") = $0 { true } else { false } })
    // An answer that comes late is of no use and does no harm.
    driver.send(.directory(inner, .success(entries)))
  }

  @Test func indexFollowsChanges() throws {
    var random = SplitMix(seed: 7)
    var store = Store()
    var names: Set<String> = []
    _ = store.names(of: .job, withPrefix: "")
    for step in 0..<6_000 {
      let name = "job-\(random.next() % 3_000)"
      var job = Job()
      job.metadata = ObjectMeta(name: name, namespace: "default")
      job.metadata.uid = name
      let isNew = names.insert(name).inserted
      if !isNew, step % 2 == 0 {
        names.remove(name)
        _ = store.apply(Change(verb: .deleted, object: .job(job), version: UInt64(step)))
      } else {
        _ = store.apply(Change(verb: isNew ? .added : .modified, object: .job(job), version: UInt64(step)))
      }
    }
    #expect(store.names(of: .job, withPrefix: "").map(\.name) == names.sorted())
    for prefix in ["job-1", "job-29", "job-299", "job-2999", "job", "k", "a"] {
      #expect(store.names(of: .job, withPrefix: prefix).map(\.name) == names.filter { $0.hasPrefix(prefix) }.sorted())
    }
  }
}
