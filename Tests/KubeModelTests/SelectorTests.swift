import KubeModel
import Testing

struct SelectorTests {
  @Test(arguments: [
    ("a=b", true), ("a==b", true), ("a!=b", false), ("a in (b,c)", true), ("a notin (b)", false), ("!x", true),
    ("!a", false),
    ("a", true), ("n>3", true), ("n<3", false), ("a=b,n=5", true), ("a=b,x", false), ("x!=1", true), ("", true),
    ("in=x", false),
    ("a in (b),n", true),
  ]) func matching(_ text: String, _ expected: Bool) throws {
    #expect(try Selector(text).matches(["a": "b", "n": "5"]) == expected)
  }

  @Test(arguments: [
    ("a==b==c", "found '==', expected: ',' or 'end of string'"), ("a=b,", "found '', expected: identifier after ','"),
    ("a in b", "unable to parse requirement: found 'b', expected: '('"),
    ("(a)", "found '(', expected: !, identifier, or 'end of string'"),
    (
      "-a",
      "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of alphanumeric characters, "
        + "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or "
        + "'123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    ),
    (
      "a in (z,-b)",
      "unable to parse requirement: values[0][a]: Invalid value: \"-b\": a valid label must be an empty string or "
        + "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
        + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    ),
    ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
    (
      "n>x",
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"
    ),
  ]) func errors(_ text: String, _ message: String) {
    #expect { try Selector(text) } throws: { "\($0)" == message }
  }

  @Test func text() throws {
    #expect(try Selector("c in (z,y),a=b,!d").description == "a=b,c in (y,z),!d")
  }

  @Test func fields() throws {
    var pod = Pod()
    pod.metadata = ObjectMeta(name: "p", namespace: "n")
    pod.status.phase = .running
    pod.spec.nodeName = "node-1"
    let object = KubeObject.pod(pod)
    #expect(try FieldSelectorList("status.phase=Running,spec.nodeName!=node-2", kind: .pod).matches(object))
    #expect(try !FieldSelectorList("spec.host=node-2", kind: .pod).matches(object))
    #expect { try FieldSelectorList("x=1", kind: .pod) } throws: { "\($0)" == "field label not supported: x" }
    #expect { try FieldSelectorList("x", kind: .pod) } throws: {
      "\($0)" == "invalid selector: 'x'; can't understand 'x'"
    }
  }
}

struct PatchTests {
  static func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"a":null}"#, "{}"),
    (#"{"a":{"b":1,"c":2}}"#, #"{"a":{"b":null,"d":{"e":null}}}"#, #"{"a":{"c":2,"d":{}}}"#),
    (#"{"a":[1]}"#, #"{"a":[2]}"#, #"{"a":[2]}"#),
  ]) func merge(_ document: String, _ patch: String, _ expected: String) throws {
    #expect(try Self.parse(document).merging(Self.parse(patch)) == Self.parse(expected))
  }

  @Test(arguments: [
    (#"{"a":1}"#, #"[{"op":"add","path":"/b","value":2}]"#, #"{"a":1,"b":2}"#),
    (#"{"a":[1,3]}"#, #"[{"op":"add","path":"/a/1","value":2}]"#, #"{"a":[1,2,3]}"#),
    (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/-","value":2}]"#, #"{"a":[1,2]}"#),
    (#"{"a":[1,2]}"#, #"[{"op":"remove","path":"/a/0"}]"#, #"{"a":[2]}"#),
    (#"{"a/b":{"c~d":1}}"#, #"[{"op":"replace","path":"/a~1b/c~0d","value":2}]"#, #"{"a/b":{"c~d":2}}"#),
    (#"{"a":1}"#, #"[{"op":"move","from":"/a","path":"/b"}]"#, #"{"b":1}"#),
    (
      #"{"a":{"x":1}}"#, #"[{"op":"copy","from":"/a","path":"/b"},{"op":"test","path":"/b/x","value":1}]"#,
      #"{"a":{"x":1},"b":{"x":1}}"#
    ),
  ]) func operations(_ document: String, _ patch: String, _ expected: String) throws {
    #expect(try Self.parse(document).applying(jsonPatch: Self.parse(patch)) == Self.parse(expected))
  }

  @Test(arguments: [
    #"[{"op":"replace","path":"/x","value":1}]"#, #"[{"op":"remove","path":"/x"}]"#,
    #"[{"op":"add","path":"/x/y","value":1}]"#,
    #"[{"op":"test","path":"/a","value":2}]"#, #"[{"op":"add","path":"/a/b","value":2}]"#,
    #"[{"op":"add","path":"b","value":2}]"#,
    #"[{"op":"nope","path":"/a"}]"#, #"{"op":"add"}"#, #"[{"op":"add"}]"#, #"[1]"#,
  ]) func refused(_ patch: String) throws {
    let document = try Self.parse(#"{"a":1}"#)
    #expect(throws: PatchError.self) { try document.applying(jsonPatch: Self.parse(patch)) }
  }
}
