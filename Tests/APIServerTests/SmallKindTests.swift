import Cluster
import KubeModel
import Testing

/// Kinds that clients insist on, though nothing here depends on them.
@Suite struct SmallKindTests {
  private static let leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
  private static let accounts = "/api/v1/namespaces/default/serviceaccounts"

  @Test func aLeaseChangesHands() async throws {
    try await Rig.run { rig in
      let lease = """
        {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"leader"},"spec":{
        "holderIdentity":"a","leaseDurationSeconds":15,"renewTime":"2026-01-02T03:04:05.123456Z"}}
        """
      let made = try await rig.ask("POST", Self.leases, lease)
      #expect(made.code == 201, "\(made.text)")
      #expect(made.json["spec"]?["renewTime"] == "2026-01-02T03:04:05.123456Z")
      let taken = try await rig.ask(
        "PATCH", Self.leases + "/leader",
        #"{"spec":{"holderIdentity":"b","leaseTransitions":1,"acquireTime":"2026-01-02T03:04:06.000000Z"}}"#,
        type: "application/merge-patch+json")
      #expect(taken.json["spec"]?["holderIdentity"] == "b")
      #expect(taken.json["spec"]?["acquireTime"] == "2026-01-02T03:04:06.000000Z")
      // Who read it before does not get it.
      #expect(try await rig.ask("PUT", Self.leases + "/leader", made.json.compactJSON).code == 409)
      let rows = try await rig.ask("GET", Self.leases, accept: Rig.table).json["rows"]?.array
      #expect(rows?.first?["cells"]?.array?.prefix(2) == ["leader", "b"])
      let wrong = try await rig.ask(
        "POST", Self.leases, lease.replacing("leader", with: "x").replacing(":15", with: ":0"))
      #expect(
        wrong.json["message"]?.string
          == "Lease.coordination.k8s.io \"x\" is invalid: spec.leaseDurationSeconds: Invalid value: 0: must be greater "
          + "than 0")
      #expect(try await rig.ask("DELETE", Self.leases + "/leader").json["status"] == "Success")
    }
  }

  /// What programs for clusters read before they begin, though jobdeck has none of it.
  @Test func otherKindsAreEmptyLists() async throws {
    try await Rig.run { rig in
      for path in [
        "/apis/apps/v1/namespaces/kube-system/replicasets", "/apis/apps/v1/daemonsets",
        "/api/v1/replicationcontrollers",
        "/api/v1/namespaces/kube-system/services",
      ] {
        let list = try await rig.ask("GET", path)
        #expect(list.code == 200, "\(path): \(list.text)")
        #expect(list.json["items"]?.array?.isEmpty == true, "\(path): \(list.text)")
        #expect(try await rig.ask("POST", path, "{}").code == 405, "\(path)")
        let watch = try await rig.ask("GET", path + "?watch=1&timeoutSeconds=1")
        #expect(watch.code == 200 && watch.body.isEmpty, "\(path): \(watch.text)")
      }
      #expect(try await rig.ask("GET", "/apis/apps/v1/namespaces/default/replicasets").json["kind"] == "ReplicaSetList")
      let missing = try await rig.ask("GET", "/apis/apps/v1/namespaces/default/deployments/web")
      #expect(missing.code == 404)
      #expect(missing.json["message"] == "deployments.apps \"web\" not found")
      #expect(missing.json["details"]?["name"] == "web")
    }
  }

  @Test func theServiceOfTheServerItselfIsFound() async throws {
    try await Rig.run { rig in
      let service = try await rig.ask("GET", "/api/v1/namespaces/default/services/kubernetes")
      #expect(service.json["kind"] == "Service" && service.json["metadata"]?["name"] == "kubernetes", "\(service.text)")
      let services = "/api/v1/services"
      for (query, count) in [
        ("", 1), ("?labelSelector=component%3Dapiserver", 1), ("?labelSelector=component!%3Dapiserver", 0),
        ("?fieldSelector=metadata.name%3Dkubernetes", 1), ("?fieldSelector=metadata.name!%3Dkubernetes", 0),
      ] {
        let list = try await rig.ask("GET", services + query)
        #expect(list.json["items"]?.array?.count == count, "\(query): \(list.text)")
      }
      #expect(try await rig.ask("GET", services + "?labelSelector=a%3D%3D%3Db").code == 400)
      #expect(try await rig.ask("GET", services + "?fieldSelector=spec.type%3DClusterIP").code == 400)
      #expect(try await rig.ask("DELETE", services).code == 405)
    }
  }

  @Test func everyNamespaceHasAServiceAccount() async throws {
    try await Rig.run { rig in
      let first = try await rig.ask("GET", Self.accounts + "/default")
      #expect(first.code == 200)
      _ = try await rig.ask("POST", "/api/v1/namespaces", #"{"metadata":{"name":"other"}}"#)
      let other = try await rig.ask("GET", "/api/v1/namespaces/other/serviceaccounts/default")
      #expect(other.json["kind"] == "ServiceAccount")
      #expect(other.json["metadata"]?["uid"] != first.json["metadata"]?["uid"])
      // A deleted one comes back as another; those that a client makes do not.
      #expect(try await rig.ask("DELETE", Self.accounts + "/default").code == 200)
      let second = try await rig.ask("GET", Self.accounts + "/default")
      #expect(second.code == 200)
      #expect(second.json["metadata"]?["uid"] != first.json["metadata"]?["uid"])
      let own = #"{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"build"}}"#
      #expect(try await rig.ask("POST", Self.accounts, own).code == 201)
      #expect(try await rig.ask("POST", Self.accounts + "/build/token", "{}").code == 501)
      #expect(try await rig.ask("DELETE", Self.accounts + "/build").code == 200)
      #expect(try await rig.ask("GET", Self.accounts + "/build").code == 404)
      // And a namespace goes with it.
      _ = try await rig.ask("DELETE", "/api/v1/namespaces/other")
      #expect(try await rig.ask("GET", "/api/v1/namespaces/other").code == 404)
    }
  }

  @Test func everyNamespaceHasTheRootCertificate() async throws {
    try await Rig.run { rig in
      let maps = "/api/v1/namespaces/default/configmaps"
      let name = "/kube-root-ca.crt"
      // Nobody serves with a certificate yet.
      #expect(try await rig.ask("GET", maps + name).json["data"] == ["ca.crt": ""])
      _ = try await rig.ask("POST", "/api/v1/namespaces", #"{"metadata":{"name":"other"}}"#)
      try await rig.cluster.publishRootCertificate("PEM")
      for namespace in ["default", "other"] {
        let map = try await rig.ask("GET", "/api/v1/namespaces/\(namespace)/configmaps" + name).json
        #expect(map["data"] == ["ca.crt": "PEM"])
        #expect(map["metadata"]?["uid"]?.string?.isEmpty == false)
      }
      _ = try await rig.ask("POST", "/api/v1/namespaces", #"{"metadata":{"name":"later"}}"#)
      #expect(
        try await rig.ask("GET", "/api/v1/namespaces/later/configmaps" + name).json["data"] == ["ca.crt": "PEM"])
      // What is changed or deleted comes back.
      let patched = try await rig.ask(
        "PATCH", maps + name, #"{"data":{"ca.crt":"other","more":"x"}}"#, type: "application/merge-patch+json")
      #expect(patched.code == 200)
      #expect(try await rig.ask("GET", maps + name).json["data"] == ["ca.crt": "PEM"])
      #expect(try await rig.ask("DELETE", maps + name).code == 200)
      #expect(try await rig.ask("GET", maps + name).json["data"] == ["ca.crt": "PEM"])
      // It holds no namespace up.
      _ = try await rig.ask("DELETE", "/api/v1/namespaces/other")
      #expect(try await rig.ask("GET", "/api/v1/namespaces/other").code == 404)
    }
  }

  @Test func eventsAreWrittenInBothForms() async throws {
    try await Rig.run { rig in
      let old = """
        {"apiVersion":"v1","kind":"Event","metadata":{"name":"e1"},"involvedObject":{"kind":"Job","name":"a",
        "namespace":"default"},"reason":"Noted","message":"something","type":"Normal","count":1,
        "firstTimestamp":"2026-01-02T03:04:05Z","lastTimestamp":"2026-01-02T03:04:05Z","source":{"component":"me"}}
        """
      let made = try await rig.ask("POST", "/api/v1/namespaces/default/events", old)
      #expect(made.code == 201, "\(made.text)")
      let shown = try await rig.ask("GET", "/apis/events.k8s.io/v1/namespaces/default/events/e1").json
      #expect(shown["regarding"]?["name"] == "a" && shown["note"] == "something" && shown["deprecatedCount"] == 1)
      // A repetition, as client libraries report it.
      let again = try await rig.ask(
        "PATCH", "/api/v1/namespaces/default/events/e1", #"{"count":2,"lastTimestamp":"2026-01-02T03:05:05Z"}"#,
        type: "application/strategic-merge-patch+json")
      #expect(again.json["count"] == 2, "\(again.text)")
      let new = """
        {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"e2"},"regarding":{"kind":"Job","name":"a",
        "namespace":"default"},"reason":"Noted","note":"else","type":"Warning","action":"Noting",
        "eventTime":"2026-01-02T03:04:05.000006Z","reportingController":"example.com/me","reportingInstance":"me-1"}
        """
      let newer = "/apis/events.k8s.io/v1/namespaces/default/events"
      let second = try await rig.ask("POST", newer, new)
      #expect(second.code == 201, "\(second.text)")
      #expect(second.json["apiVersion"] == "events.k8s.io/v1" && second.json["note"] == "else")
      #expect(try await rig.ask("GET", "/api/v1/namespaces/default/events/e2").json["message"] == "else")
      let series = try await rig.ask(
        "PATCH", newer + "/e2", #"{"series":{"count":2,"lastObservedTime":"2026-01-02T03:04:06.000000Z"}}"#,
        type: "application/merge-patch+json")
      #expect(series.json["series"]?["count"] == 2, "\(series.text)")
      #expect(series.json["regarding"]?["name"] == "a")
      let noted = try await rig.ask(
        "PATCH", newer + "/e2", #"{"note":"changed"}"#, type: "application/strategic-merge-patch+json")
      #expect(noted.json["note"] == "changed", "\(noted.text)")
      let empty = try await rig.ask("POST", newer, #"{"metadata":{"name":"e3"},"regarding":{"namespace":"default"}}"#)
      #expect(empty.code == 422)
      #expect(empty.json["message"]?.string?.contains("eventTime: Required value") == true)
      #expect(try await rig.ask("POST", newer, old.replacing("e1", with: "e4")).code == 400)
      #expect(try await rig.ask("DELETE", newer + "/e2").code == 200)
      #expect(try await rig.ask("GET", newer + "/e2").code == 404)
    }
  }

  @Test func anEvictionHasOptions() async throws {
    try await Rig.run { rig in
      let pods = "/api/v1/namespaces/default/pods"
      let pod = """
        {"metadata":{"name":"p","annotations":{"jobdeck.dev/duration":"1h"}},"spec":{"restartPolicy":"Never",
        "containers":[{"name":"main","image":"busybox"}]}}
        """
      #expect(try await rig.ask("POST", pods, pod).code == 201)
      func evict(_ options: String, _ query: String = "") async throws -> Rig.Answer {
        try await rig.ask(
          "POST", pods + "/p/eviction" + query,
          #"{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"},"deleteOptions":\#(options)}"#)
      }
      #expect(try await evict(#"{"preconditions":{"uid":"other"}}"#).code == 409)
      #expect(try await evict(#"{"dryRun":["All"]}"#).code == 201)
      #expect(try await evict("{}", "?dryRun=All").code == 201)
      #expect(try await evict(#"{"dryRun":["Some"]}"#).code == 422)
      #expect(try await rig.ask("GET", pods + "/p").json["metadata"]?["deletionTimestamp"] == nil)
      #expect(try await evict(#"{"gracePeriodSeconds":0}"#).code == 201)
      let after = try await rig.ask("GET", pods + "/p")
      #expect(after.code == 404 || after.json["metadata"]?["deletionGracePeriodSeconds"] == 0, "\(after.text)")
    }
  }
}
