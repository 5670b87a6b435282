import KubeModel
import Testing

/// What kubectl printed of recorded objects, and what this library prints.
struct OutputTests {
  struct Recorded: CustomTestStringConvertible, Sendable {
    var name: String
    var object: JSONValue
    var events: [JSONValue]
    var text: String
    var testDescription: String { name }
  }

  static let recorded: [Recorded] = {
    guard let json = try? Fixture.json("describe.json") else { return [] }
    return (json.array ?? []).map {
      Recorded(
        name: $0["name"]?.string ?? "", object: $0["object"] ?? .null, events: $0["events"]?.array ?? [],
        text: $0["text"]?.string ?? "")
    }
  }()

  @Test func fixturesAreThere() { #expect(Self.recorded.count == 41) }

  @Test(arguments: recorded) func describesAsKubectlDoes(_ recorded: Recorded) throws {
    let object = try KubeObject.read(recorded.object, expecting: nil).object
    let events = try recorded.events.map { json in
      guard case .event(let event) = try KubeObject.read(json, expecting: .event).object else { return Event() }
      return event
    }
    // When kubectl ran is not recorded; ages are right for one moment soon after the last event.
    let last = events.compactMap(\.lastSeen).max() ?? object.metadata.creationTimestamp ?? Instant(seconds: 0)
    var texts: [String] = []
    for step in 0..<600 {
      let text = Describe.object(object, events: events, now: last + .milliseconds(500 * step))
      if text == recorded.text { return }
      texts.append(text)
    }
    #expect(texts.first == recorded.text)
  }

  @Test(arguments: recorded) func encodesWhatItDecoded(_ recorded: Recorded) throws {
    for json in [recorded.object] + recorded.events {
      let object = try KubeObject.read(json, expecting: nil).object
      #expect(VerdictTests.sorted(object.jsonValue) == VerdictTests.sorted(json))
      let stored = try KubeObject.decodeObject(object.json(keepsMicroseconds: true))
      #expect(stored == object)
    }
  }

  @Test(arguments: recorded) func yamlComesBack(_ recorded: Recorded) throws {
    let object = try KubeObject.read(recorded.object, expecting: nil).object
    let back = try Manifest.read(Array(object.yaml().utf8), file: "x.yaml")
    #expect(back.map(\.object) == [object])
  }

  @Test func mutatedObjectsComeBack() throws {
    var random = SeededGenerator(seed: 17)
    for round in 0..<400 {
      let json = Self.mutated(Self.recorded[round % Self.recorded.count].object, &random)
      guard let object = try? KubeObject.read(json, expecting: nil, fieldValidation: .ignore).object else { continue }
      #expect(try KubeObject.decodeObject(object.json(keepsMicroseconds: true)) == object)
      let back = try KubeObject.read(Array(object.prettyJSON().utf8), expecting: nil).object
      #expect(back.json() == object.json())
      #expect(try Manifest.read(Array(object.yaml().utf8), file: "x").map { $0.object.json() } == [object.json()])
      _ = object.validate()
      _ = Describe.object(object, events: [], now: Instant(seconds: 1), details: true)
    }
  }

  /// `json` with some of its texts and numbers changed, members dropped and lists doubled.
  static func mutated(_ json: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
    let texts = ["", "yes", "1", "a\nb\n", "-1", "é\u{1B}[2J", " x ", "null", "2026-11-23T11:07:04Z", "0-3,7"]
    let isChanged = Int.random(in: 0..<12, using: &random) == 0
    switch json {
    case .string where isChanged: return .string(texts.randomElement(using: &random) ?? "")
    case .int where isChanged: return .int(Int64.random(in: -5...5_000_000_000, using: &random))
    case .array(let values):
      let changed = values.map { mutated($0, &random) }
      return .array(isChanged ? changed + changed : changed)
    case .object(let object):
      var members = object.members.map { member in
        let keeps = ["kind", "apiVersion"].contains(member.name)
        return JSONObject.Member(name: member.name, value: keeps ? member.value : mutated(member.value, &random))
      }
      if isChanged, let index = members.firstIndex(where: { !["kind", "apiVersion"].contains($0.name) }) {
        members.remove(at: index)
      }
      return .object(JSONObject(members))
    default: return json
    }
  }

  @Test func yamlAsKubectlPrints() throws {
    let text = try Fixture.text("job.yaml")
    let object = try #require(try Manifest.read(Array(text.utf8), file: "job.yaml").first?.object)
    #expect(object.yaml() == text)
  }

  @Test(arguments: [
    ("yes", "\"yes\""), ("1", "\"1\""), ("null", "\"null\""), ("", "\"\""), ("0x1F", "\"0x1F\""), ("1:20", "\"1:20\""),
    ("2026-11-23T11:07:04Z", "\"2026-11-23T11:07:04Z\""), ("2026-11-23", "\"2026-11-23\""),
    ("*/5 * * * *", "'*/5 * * * *'"),
    ("- a", "'- a'"), ("a: b", "'a: b'"), ("a:b", "a:b"), ("it's", "it's"), ("'x", "'''x'"), (" x", "' x'"),
    ("#c", "'#c'"), ("a #c", "'a #c'"), ("a\nb", "|-\n  a\n  b"), ("a\n", "|\n  a"), ("a\n\n", "|+\n  a\n"),
    (" a\nb", "|2-\n   a\n  b"), ("a \nb", "\"a \\nb\""), ("a\tb", "\"a\\tb\""), ("a\u{1B}[2J", "\"a\\e[2J\""),
    ("héé", "héé"),
    ("~", "\"~\""), ("<<", "\"<<\""), (".5", "\".5\""), ("1e3", "\"1e3\""), ("-", "'-'"), ("true", "\"true\""),
  ]) func quotesAsYAMLNeeds(_ text: String, _ expected: String) throws {
    #expect(JSONValue.object(JSONObject([.init(name: "k", value: .string(text))])).yaml() == "k: \(expected)\n")
  }

  @Test func yamlWrapsAndNests() {
    let long = String(repeating: "word ", count: 30) + "end"
    let value: JSONValue = [
      "b": [["x": 1, "a": .array([])], ["y"]], "a10": .object(JSONObject()), "a2": .string(long), "nothing": nil,
    ]
    #expect(
      value.yaml() == """
        a2: word word word word word word word word word word word word word word word word
          word word word word word word word word word word word word word word end
        a10: {}
        b:
        - a: []
          x: 1
        - - "y"
        nothing: null

        """)
  }

  @Test func prettyJSONAsKubectlPrints() {
    let value: JSONValue = ["a": [1, "x"], "b": .object(JSONObject()), "c": .array([])]
    #expect(
      value.prettyJSON() == """
        {
            "a": [
                1,
                "x"
            ],
            "b": {},
            "c": []
        }
        """)
  }
}
