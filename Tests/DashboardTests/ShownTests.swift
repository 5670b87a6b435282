import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// Which namespaces are shown, and whether what has completed is.
struct ShownTests {
  private func command(_ line: String, _ driver: inout Driver) {
    driver.press(":")
    driver.type(line)
    driver.press("enter")
  }

  @Test func readsNamesWithCommas() {
    #expect(Shown("web,data,web").namespaces == ["data", "web"])
    #expect(Shown("web,all").isAllNamespaces)
    #expect(Shown("").isAllNamespaces)
    #expect(Shown("web").onlyNamespace == "web")
    #expect(Shown("web,data").onlyNamespace == nil)
    #expect(Shown("web,data").namespaceText == "data,web")
  }

  @Test func severalNamespacesAtOnce() {
    var driver = Driver()
    let all = Set(driver.rows)
    command("ns web", &driver)
    let web = Set(driver.rows)
    command("ns default", &driver)
    let other = Set(driver.rows)
    #expect(!web.isEmpty && !other.isEmpty && web.isDisjoint(with: other))
    command("ns web,default", &driver)
    #expect(Set(driver.rows) == web.union(other))
    #expect(driver.screen.contains("namespaces default,web"))
    #expect(driver.screen.contains("NAMESPACE"))
    command("ns default web", &driver)
    #expect(driver.dashboard.shown.namespaces == ["default", "web"])
    command("ns web,nope", &driver)
    #expect(driver.screen.contains("There is no namespace 'nope'"))
    #expect(driver.dashboard.shown.namespaces == ["default", "web"])
    driver.press("0")
    #expect(Set(driver.rows) == all)
  }

  @Test func whatHasCompletedIsHidden() throws {
    var driver = Driver()
    let done = driver.dashboard.store.all(.job).compactMap { $0 as? JobItem }.filter(\.hasSucceeded)
    let all = Set(driver.rows)
    #expect(!done.isEmpty)
    driver.press("H")
    #expect(Set(driver.rows) == all.subtracting(done.map(\.name)))
    #expect(driver.screen.contains("completed hidden"))
    #expect(driver.screen.contains("✓ What has completed is hidden"))
    // Failed jobs and what runs stay.
    #expect(driver.rows.contains("nightly-backup"))
    command("pods", &driver)
    #expect(!driver.screen.contains("Completed "))
    command("tree", &driver)
    #expect(!driver.screen.contains("cleanup-29656420"))
    driver.press("H")
    #expect(driver.screen.contains("cleanup-29656420"))
    command("jobs", &driver)
    #expect(Set(driver.rows) == all)
  }

  /// A job that completes while they are hidden goes, and what was asked for by name is shown all the same.
  @Test func completingWhileHidden() throws {
    var fixture = Fixture()
    fixture.namespace("default")
    _ = fixture.job("one", .init(active: 1))
    var driver = Driver(fixture)
    driver.press("H")
    #expect(driver.rows == ["one"])
    guard case .job(var job)? = driver.dashboard.selectedItem?.object else { return }
    job.status.conditions = [Condition("Complete", true, at: Fixture.now)]
    driver.send(.changes([Change(verb: .modified, object: .job(job), version: 9)]))
    #expect(driver.rows.isEmpty)
    #expect(driver.screen.contains("shows what has completed"))
    if let item = driver.dashboard.store.job(job.metadata.uid) { _ = driver.dashboard.show(item) }
    #expect(driver.rows == ["one"])
    #expect(!driver.dashboard.shown.hidesCompleted)
  }
}
