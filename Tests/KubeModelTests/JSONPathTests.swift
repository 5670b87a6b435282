import KubeModel
import Testing

@Suite struct JSONPathTests {
  private static let document: JSONValue = [
    "kind": "List",
    "items": [
      ["metadata": ["name": "a", "labels": ["app.kubernetes.io/name": "x"]], "n": 1, "ready": true],
      ["metadata": ["name": "b"], "n": 22, "ready": false],
      ["metadata": ["name": "c"], "n": 3],
    ],
  ]

  /// What kubectl 1.32 prints of such a document.
  @Test(arguments: [
    ("{.kind}", "List"), ("{.items[*].metadata.name}", "a b c"), ("{.items[0].metadata.name}", "a"),
    ("{.items[-1].metadata.name}", "c"), ("{.items[0:2].metadata.name}", "a b"), ("{.items[::2].n}", "1 3"),
    ("{.items[0,2].n}", "1 3"), ("{..name}", "a b c"), ("{.items[?(@.n>2)].metadata.name}", "b c"),
    ("{.items[?(@.metadata.name=='b')].n}", "22"), ("{.items[?(@.metadata.name!=\"b\")].n}", "1 3"),
    ("{.items[?(@.ready==true)].n}", "1"), ("{.items[?(@.metadata.labels)].n}", "1"),
    ("{range .items[*]}{.metadata.name}{\"\\t\"}{.n}{'\\n'}{end}", "a\t1\nb\t22\nc\t3\n"),
    ("n={.items[0].n}!", "n=1!"), ("{.nothing.here}", ""), ("{.items[7].n}", ""),
    ("{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "x"),
    ("{.items[0].metadata.labels['app.kubernetes.io/name']}", "x"),
    ("{.items[0].metadata['name','labels']}", "a {\"app.kubernetes.io/name\":\"x\"}"), ("{.items[1].ready}", "false"),
    ("{$.kind}", "List"), ("{.items[*]['n']}", "1 22 3"),
  ])
  func says(_ template: String, _ expected: String) throws {
    #expect(try JSONPath(template: template).text(of: Self.document) == expected)
  }

  @Test(arguments: ["{", "{.a", "{range .a}", "{end}", "{.a[}", "{.a[?(@.b]}", "{'a}", "{.a[x]}"])
  func refuses(_ template: String) {
    #expect(throws: JSONPathError.self) { try JSONPath(template: template) }
  }

  @Test(arguments: ["metadata.name", ".metadata.name", "{.metadata.name}", "{metadata.name}"])
  func columnsAreWrittenInFourWays(_ text: String) throws {
    #expect(try JSONPath(relaxed: text).values(in: ["metadata": ["name": "x"]]) == ["x"])
  }

  @Test func goWritesMapsLikeThis() {
    let value: JSONValue = ["b": [1, "x"], "a": ["c": nil]]
    #expect(value.goText == "map[a:map[c:<nil>] b:[1 x]]")
  }
}

@Suite struct MergeKeysTests {
  @Test func whatLeftTheFileLeavesTheObject() {
    let old: JSONValue = [
      "metadata": ["labels": ["a": "1", "b": "2"]],
      "spec": [
        "containers": [["name": "x", "env": [["name": "A"], ["name": "B"]]], ["name": "y"]], "tolerations": [1],
      ],
    ]
    let new: JSONValue = [
      "metadata": ["labels": ["a": "1"]],
      "spec": [
        "containers": [["name": "x", "image": "i", "env": [["name": "B", "value": "v"]]]], "tolerations": [2],
      ],
    ]
    let expected: JSONValue = [
      "metadata": ["labels": ["a": "1", "b": nil]],
      "spec": [
        "containers": [
          [
            "name": "x", "image": "i",
            "env": [["name": "B", "value": "v"], ["$patch": "delete", "name": "A"]],
          ],
          ["$patch": "delete", "name": "y"],
        ],
        "tolerations": [2],
      ],
    ]
    #expect(MergeKeys.patch(from: old, to: new) == expected)
  }
}

@Suite struct ManifestDocumentTests {
  @Test func everyObjectComesAsItStands() throws {
    let text = """
      apiVersion: v1
      kind: List
      items:
      - {apiVersion: example.com/v1, kind: Other, metadata: {name: a}}
      - {apiVersion: batch/v1, kind: Job, bogus: 1}
      ---
      ---
      apiVersion: v1
      kind: Pod
      """
    let documents = try Manifest.documents(Array(text.utf8), file: "f")
    #expect(documents.map { $0.value["kind"]?.string } == ["Other", "Job", "Pod"])
    #expect(documents[1].value["bogus"] == 1)
    let json = try Manifest.documents(
      Array(#"{"kind":"Pod","apiVersion":"v1"} {"kind":"Job","apiVersion":"b"}"#.utf8), file: "f")
    #expect(json.count == 2)
  }

  @Test(arguments: ["[1]", "kind: Pod", "apiVersion: v1", "a: [", "just text"])
  func refuses(_ text: String) {
    #expect(throws: ManifestError.self) { try Manifest.documents(Array(text.utf8), file: "f") }
  }
}
