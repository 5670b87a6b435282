import KubeModel
import Testing

/// What kubectl relies on beyond the objects themselves.
@Suite struct KubectlNeedTests {
  private static let pods = "/api/v1/namespaces/default/pods"

  @Test func refusalsWithoutAnObjectHaveDetails() async throws {
    try await Rig.run { rig in
      let empty = JSONValue.object(JSONObject())
      let missing = try await rig.ask("GET", "/api/v1/nothings")
      #expect(missing.json["details"] == empty)
      #expect(try await rig.ask("PUT", Self.pods).json["details"] == empty)
    }
  }

  @Test func aVersionThatIsStillToComeIsTooLarge() async throws {
    try await Rig.run { rig in
      for path in [Rig.jobs, Rig.jobs + "/a"] {
        let answer = try await rig.ask("GET", path + "?resourceVersion=99999")
        #expect(answer.code == 504)
        let message = answer.json["message"]?.string ?? ""
        #expect(message.hasPrefix("Timeout: Too large resource version: 99999, current: "), "\(message)")
        #expect(answer.json["reason"] == "Timeout")
        #expect(
          answer.json["details"] == [
            "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
            "retryAfterSeconds": 1,
          ])
      }
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      #expect(try await rig.ask("GET", Rig.jobs + "/a?resourceVersion=1").code == 200)
      #expect(try await rig.ask("GET", Rig.jobs + "/a?resourceVersion=x").code >= 400)
    }
  }

  @Test func wrongTypesAndNamesInFieldsThatAreKept() async throws {
    try await Rig.run { rig in
      func pod(_ spec: String) -> String {
        #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{\#(spec),"containers":[{"name":"c","image":"i"}]}}"#
      }
      let wrong = try await rig.ask("POST", Self.pods, pod(#""imagePullSecrets":"regcred""#))
      #expect(wrong.code == 400)
      #expect(
        wrong.json["message"]?.string
          == "Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field "
          + "PodSpec.spec.imagePullSecrets of type []v1.LocalObjectReference")
      let typo = pod(#""securityContext":{"runAsUsr":1}"#)
      #expect(try await rig.ask("POST", Self.pods + "?fieldValidation=Strict", typo).code == 400)
      let warned = try await rig.ask("POST", Self.pods, typo)
      #expect(warned.code == 201)
      #expect(warned.warnings.contains(#"unknown field "spec.securityContext.runAsUsr""#), "\(warned.warnings)")
    }
  }

  @Test func kindsThatAreLackingEndNoRequestForOthers() async throws {
    try await Rig.run { rig in
      let definitions = try await rig.ask("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
      #expect(definitions.json["kind"] == "CustomResourceDefinitionList")
      #expect(definitions.json["items"] == [])
      #expect(try await rig.ask("GET", "/openapi/v2").json["swagger"] == "2.0")
      let binary = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
      let document = try await rig.ask("GET", "/openapi/v2", accept: binary)
      #expect(document.type == binary.replacing("@", with: "."))
      let expected: [UInt8] = [0x0A, 3] + Array("2.0".utf8) + [0x12, 18, 0x0A, 10] + Array("Kubernetes".utf8)
      #expect(Array(document.body.prefix(expected.count)) == expected)
    }
  }

  @Test func servicesAndTheLikeAreInDiscovery() async throws {
    try await Rig.run { rig in
      let core = try await rig.ask("GET", "/api/v1").json["resources"]?.array ?? []
      let services = core.first { $0["name"] == "services" }
      #expect(services?["verbs"] == ["get", "list", "watch"])
      #expect(services?["shortNames"] == ["svc"])
      let apps = try await rig.ask("GET", "/apis/apps/v1").json["resources"]?.array ?? []
      let names = apps.compactMap { $0["name"]?.string }
      #expect(names == ["daemonsets", "deployments", "replicasets", "statefulsets"])
      let aggregated = try await rig.ask(
        "GET", "/apis", accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
      #expect(aggregated.text.contains(#""resource":"deployments""#))
    }
  }

  @Test func eventsInListsHaveVersionsOfTheirOwn() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      func versions() async throws -> [String: String] {
        let items = try await rig.ask("GET", "/api/v1/namespaces/default/events").json["items"]?.array ?? []
        return Dictionary(
          items.map { ($0["metadata"]?["name"]?.string ?? "", $0["metadata"]?["resourceVersion"]?.string ?? "") },
          uniquingKeysWith: { first, _ in first })
      }
      var before = try await versions()
      for _ in 0..<3000 where before.count < 2 {
        try await Task.sleep(for: .milliseconds(20))
        before = try await versions()
      }
      #expect(before.count >= 2 && Set(before.values).count == before.count, "\(before)")
      _ = try await rig.ask(
        "POST", "/api/v1/namespaces", #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"x"}}"#)
      let after = try await versions()
      for (name, version) in before { #expect(after[name] == version, "\(name)") }
    }
  }

  @Test func whatClientSideApplySetIsTakenOver() async throws {
    try await Rig.run { rig in
      func job(_ annotations: String, parallelism: Int) -> String {
        #"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a","namespace":"default","annotations":\#(annotations)},"#
          + #""spec":{"parallelism":\#(parallelism),"suspend":true,"template":{"spec":{"restartPolicy":"Never","#
          + #""containers":[{"name":"main","image":"busybox"}]}}}}"#
      }
      let last = goQuoted(job("{}", parallelism: 2))
      let annotations = #"{"kubectl.kubernetes.io/last-applied-configuration":\#(last)}"#
      let made = try await rig.ask(
        "POST", Rig.jobs + "?fieldManager=kubectl-client-side-apply", job(annotations, parallelism: 2))
      #expect(made.code == 201)
      let apply = "application/apply-patch+yaml"
      // Another manager is told of the conflict.
      let other = try await rig.ask(
        "PATCH", Rig.jobs + "/a?fieldManager=other", job("{}", parallelism: 3), type: apply)
      #expect(other.code == 409)
      let taken = try await rig.ask(
        "PATCH", Rig.jobs + "/a?fieldManager=kubectl", job("{}", parallelism: 3), type: apply)
      #expect(taken.code == 200, "\(taken.text)")
      #expect(taken.json["spec"]?["parallelism"] == 3)
      // What somebody has changed since is not.
      let patch = try await rig.ask(
        "PATCH", Rig.jobs + "/a?fieldManager=editor", #"{"spec":{"parallelism":4}}"#,
        type: "application/merge-patch+json")
      #expect(patch.code == 200)
      let refused = try await rig.ask(
        "PATCH", Rig.jobs + "/a?fieldManager=kubectl", job("{}", parallelism: 5), type: apply)
      #expect(refused.code == 409)
    }
  }

  @Test func explainKnowsWhatIsInFieldsThatAreKept() async throws {
    try await Rig.run { rig in
      let schemas = try await rig.ask("GET", "/openapi/v3/api/v1").json["components"]?["schemas"]
      let core = "io.k8s.api.core.v1."
      let spec = schemas?["\(core)PodSpec"]?["properties"]
      #expect(spec?["topologySpreadConstraints"]?["type"] == "array")
      #expect(spec?["volumes"]?["items"]?["allOf"]?.array?.first?["$ref"]?.string?.hasSuffix("Volume") == true)
      #expect(schemas?["\(core)Volume"]?["properties"]?["configMap"] != nil)
      #expect(schemas?["\(core)Affinity"]?["properties"]?["nodeAffinity"] != nil)
    }
  }

  @Test func healthInWords() async throws {
    try await Rig.run { rig in
      let plain = try await rig.ask("GET", "/readyz")
      #expect(plain.text == "ok")
      #expect(try await rig.ask("GET", "/readyz?verbose").text == "[+]ping ok\nreadyz check passed\n")
      #expect(try await rig.ask("GET", "/livez/ping").text == "ok")
      #expect(try await rig.ask("GET", "/readyz/nope").code == 404)
    }
  }
}
