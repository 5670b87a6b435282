import KubeModel
import Testing

struct YAMLDocumentTests {
  private func read(_ text: String) throws(ManifestError) -> YAMLDocument {
    try YAMLDocument(Array(text.utf8), file: "config.yaml")
  }

  @Test func valuesAndTheirPlaces() throws {
    let document = try read("# colours\na: &x {b: 1}\nc:\n  - d: yes\n  - *x\n")
    #expect(document.value == ["a": ["b": 1], "c": [["d": true], ["b": 1]]])
    #expect(
      "\(document.error(at: [.field("c"), .index(0), .field("d")], "no"))" == "config.yaml:4:5: no")
    #expect("\(document.error(at: [.field("a")], "no"))" == "config.yaml:2:1: no")
  }

  @Test(arguments: ["", "\n\n", "# nothing\n", "---\n", "~"])
  func nothingIsAnEmptyObject(_ text: String) throws {
    #expect(try read(text).value == [:])
  }

  @Test(arguments: [
    ("a: 1\na: 2\n", "config.yaml:1:1: key \"a\" already set in map"),
    ("a: 1\n---\nb: 2\n", "config.yaml:3: a second document begins here; there must be one only"),
    (
      "somewhat-longer-key-than-that: [\n",
      "config.yaml:2:1: while parsing a flow node, line 2: did not find expected node content"
    ),
    ("a: \u{0}\n", "config.yaml:1: the file has a NUL byte; is it text?"),
  ])
  func whatIsWrongIsOneLineWithAPlace(_ text: String, _ message: String) {
    let error = #expect(throws: ManifestError.self) { try read(text) }
    #expect(error?.description == message)
  }
}
