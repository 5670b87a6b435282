import KubeModel
import Testing

struct JSONIndenterTests {
  @Test(arguments: [
    (
      #"{"a":[],"b":{},"c":[1,{"d":"x,{[:\"\\"}]}"#,
      "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    {\n      \"d\": \"x,{[:\\\"\\\\\"\n    }\n  ]\n}"
    ),
    ("[]", "[]"),
  ])
  func indents(_ json: String, _ expected: String) {
    var indenter = JSONIndenter(width: 2)
    // Wherever a piece ends.
    for byte in json.utf8 { indenter.append(CollectionOfOne(byte)) }
    #expect(String(decoding: indenter.bytes, as: UTF8.self) == expected)
  }
}
