import KubeModel
import Testing

struct ManifestTests {
  static let job = """
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: a
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
          - name: main
            image: busybox
    """

  @Test func severalDocuments() throws {
    let found = try Manifest.read(
      Array("---\n\(Self.job)\n---\n# nothing\n---\n\(Self.job)\n...\n".utf8), file: "x.yaml")
    #expect(found.count == 2)
    #expect(found.map(\.line) == [2, 16])
  }

  @Test func oneUnreadableDocumentHidesNoOther() {
    let bad = Self.job.replacing("restartPolicy: Never", with: "restartPolicy: 3")
    let list = """
      apiVersion: v1
      kind: List
      items:
      - {apiVersion: v1, kind: Namespace, metadata: {name: x}}
      - {apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}
      - {apiVersion: v1, kind: Namespace, metadata: {name: z}}
      """
    let text = "\(bad)\n---\n\(Self.job)\n---\n\(list)\n---\nkind: [\n"
    let read = Manifest.readEach(Array(text.utf8), file: "x.yaml")
    let lines = read.map { reading in
      switch reading {
      case .success(let item): "\(item.line) \(item.object.metadata.name)"
      case .failure(let error): String(error.description.prefix { $0 != " " })
      }
    }
    #expect(lines == ["x.yaml:8:7:", "13 a", "28 x", "x.yaml:29:", "30 z", "x.yaml:33:1:"])
  }

  @Test func unknownFieldsAreToldInTheirOrder() {
    let text = Self.job.replacing("spec:\n  template:", with: "spec:\n  zebra: 1\n  apple: 2\n  template:")
    #expect(throws: ManifestError.self) { try Manifest.read(Array(text.utf8), file: "x.yaml") }
    do {
      _ = try Manifest.read(Array(text.utf8), file: "x.yaml")
    } catch {
      #expect(error.line == 6 && error.column == 3)
      #expect(error.message.hasSuffix(#"unknown field "spec.zebra", unknown field "spec.apple""#))
    }
  }

  @Test func lists() throws {
    let item = KubeObject.list(try objects(Self.job)).compactJSON
    #expect(try objects(item, file: "x.json").count == 1)
    #expect(try objects(item + "\n" + item, file: "x.json").count == 2)
    #expect(try objects("{apiVersion: v1, kind: Namespace, metadata: {name: x}}").count == 1)
  }

  @Test func anchorsAndMerges() throws {
    let found = try objects(
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: &meta
        name: a
        labels: &labels {x: "1", y: "2"}
      data:
        <<: *labels
        y: "3"
      """)
    guard case .configMap(let map) = found[0] else { return #expect(Bool(false)) }
    #expect(map.data == ["x": "1", "y": "3"])
  }

  @Test func scalarsAsGoYAML() throws {
    let node = try objects(
      """
      apiVersion: batch/v1
      kind: Job
      metadata: {name: a, annotations: {on: "x", 1: "y"}}
      spec:
        parallelism: 0x10
        completions: 010
        backoffLimit: 3.0
        suspend: yes
        template: {spec: {restartPolicy: Never, containers: [{name: m, image: i, resources: {limits: {cpu: 0.5}}}]}}
      """)
    guard case .job(let job) = node[0] else { return #expect(Bool(false)) }
    #expect(job.spec.parallelism == 16)
    #expect(job.spec.completions == 8)
    #expect(job.spec.backoffLimit == 3)
    #expect(job.spec.suspend == true)
    #expect(job.metadata.annotations == ["true": "x", "1": "y"])
    #expect(job.spec.template.spec.containers[0].resources.limits?["cpu"]?.text == "500m")
  }

  @Test func complaints() {
    #expect(
      complaint(Self.job.replacing("spec:\n  template", with: "spec:\n  bogus: 1\n  template"))
        == "test.yaml:6:3: Job in version \"v1\" cannot be handled as a Job: strict decoding error: unknown field "
        + "\"spec.bogus\"")
    #expect(
      complaint(Self.job.replacing("spec:\n  template", with: "spec:\n  parallelism: two\n  template"))
        == "test.yaml:6:3: Job in version \"v1\" cannot be handled as a Job: json: cannot unmarshal string into Go "
        + "struct field JobSpec.spec.parallelism of type int32")
    #expect(complaint("a: [1, 2")?.hasPrefix("test.yaml:") == true)
    #expect(complaint("a: b: c")?.hasPrefix("test.yaml:1:5: ") == true)
    #expect(complaint("a: 1\na: 2")?.hasSuffix("key \"a\" already set in map") == true)
    #expect(complaint("- a") == "test.yaml:1: a manifest must be an object with apiVersion and kind, not an array")
    #expect(complaint("kind: Job") == "test.yaml:1: Object 'ApiVersion' is missing")
    #expect(complaint("apiVersion: apps/v1\nkind: Deployment")?.contains("Job instead") == true)
    #expect(complaint("apiVersion: batch/v9\nkind: Job")?.contains("use apiVersion: batch/v1") == true)
    #expect(
      complaint("{\"a\": nope}", file: "x.json") == "x.json:1:8: invalid character 'o' in literal null (expecting 'u')")
    #expect(complaint("a\0b")?.contains("NUL") == true)
    #expect(complaint("") == nil)
    #expect(complaint("# only a comment\n---\n") == nil)
    #expect(complaint("\u{1B}[2Jx")?.contains("\u{1B}") == false)
    #expect(complaint("*a")?.contains("alias") == true)
  }

  @Test func invalidUTF8() {
    #expect { try Manifest.read([0x61, 0x0A, 0xFF], file: "x") } throws: {
      "\($0)" == "x:2: the file is not UTF-8 text"
    }
  }

  @Test(.timeLimit(.minutes(5))) func aliasBombsAreRefused() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
    }
    #expect(complaint(text)?.contains("aliases") == true)
    #expect(complaint(text + "? *a12\n: x\n")?.contains("alias") == true)
    #expect(complaint(String(repeating: "[", count: 100_000)) != nil)
    #expect(complaint(String(repeating: "- ", count: 100_000)) != nil)
    #expect(complaint("a: " + String(repeating: "x", count: Manifest.maximumSize))?.contains("not read") == true)
  }

  @Test(.timeLimit(.minutes(5))) func neverCrashes() {
    var random = SeededGenerator(seed: 11)
    let seeds = [
      Self.job, "a: &x [1, {b: *x}]\n---\n!!binary Zg==\n", "{\"a\": [1e5, \"\\u00e9\\ud83d\\ude00\", null]}",
      "a: |2\n   x\n  y\nb: >-\n  z\n? k\n: v\n", "%YAML 1.1\n--- !t\n<<: {a: 1}\n",
    ]
    let junk = Array("{}[]:,-?&*!|>'\"%@`#\\\n \t\0\u{FF}0aé".utf8)
    for round in 0..<6_000 {
      var bytes = Array(seeds[round % seeds.count].utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: 0..<max(1, bytes.count), using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where !bytes.isEmpty: bytes.remove(at: min(index, bytes.count - 1))
        case 1: bytes.insert(junk.randomElement(using: &random) ?? 0, at: min(index, bytes.count))
        case 2 where !bytes.isEmpty: bytes[min(index, bytes.count - 1)] = UInt8.random(in: 0...255, using: &random)
        default: bytes = Array(bytes.prefix(index)) + Array(bytes.suffix(max(0, bytes.count - index / 2)))
        }
      }
      do {
        _ = try Manifest.read(bytes, file: "f")
      } catch {
        #expect(!error.description.contains("\n"))
      }
      _ = try? JSONParser.parse(bytes)
    }
  }
}

struct JSONTests {
  @Test(arguments: [
    ("{nope", "invalid character 'n' looking for beginning of object key string"), ("", "unexpected end of JSON input"),
    ("[1,]", "invalid character ']' looking for beginning of value"),
    ("{\"a\" 1}", "invalid character '1' after object key"),
    ("{\"a\":1 2}", "invalid character '2' after object key:value pair"),
    ("[1 2]", "invalid character '2' after array element"),
    ("1 2", "invalid character '2' after top-level value"), ("tru", "unexpected end of JSON input"),
    ("trux", "invalid character 'x' in literal true (expecting 'e')"),
    ("\"\n\"", "invalid character '\\n' in string literal"),
    ("\"\\x\"", "invalid character 'x' in string escape code"), ("-x", "invalid character 'x' in numeric literal"),
    ("1.x", "invalid character 'x' after decimal point in numeric literal"),
    ("1ex", "invalid character 'x' in exponent of numeric literal"),
    ("\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape"),
  ]) func errorsAsGo(_ text: String, _ message: String) {
    #expect { try JSONParser.parse(Array(text.utf8)) } throws: { ($0 as? JSONError)?.message == message }
  }

  @Test func places() {
    #expect { try JSONParser.parse(Array("{\n \"a\": x}".utf8)) } throws: {
      let error = $0 as? JSONError
      return error?.line == 2 && error?.column == 7 && error?.offset == 8
    }
  }

  @Test func duplicatesAndDepth() throws {
    var parser = JSONParser(Array("{\"spec\":{\"x\":1,\"x\":2}}".utf8))
    #expect(try parser.parseDocument() == ["spec": ["x": 2]])
    #expect(parser.duplicates == ["spec.x"])
    // Of very many only the first are told.
    let many = String(repeating: #""x":1,"#, count: 5_000)
    parser = JSONParser(Array("{\(many)\"y\":2}".utf8))
    _ = try parser.parseDocument()
    #expect(parser.duplicates == Array(repeating: "x", count: 100))
    let deep = Array(String(repeating: "[", count: 512).utf8) + Array(String(repeating: "]", count: 512).utf8)
    _ = try JSONParser.parse(deep)
    #expect(throws: JSONError.self) { try JSONParser.parse([UInt8(ascii: "[")] + deep + [UInt8(ascii: "]")]) }
  }

  @Test func whatIsWrittenIsRead() throws {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<300 {
      let value = JSONTests.random(&random, depth: 0)
      #expect(try JSONParser.parse(Array(value.compactJSON.utf8)) == value)
      #expect(try JSONParser.parse(Array(value.prettyJSON().utf8)) == value)
    }
  }

  static func random(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .int(Int64.random(in: .min ... .max, using: &random))
    case 3: return .double(Double.random(in: -1e9...1e9, using: &random) + 0.123)
    case 4:
      let scalars = (0..<Int.random(in: 0..<8, using: &random)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 0..<0x3000, using: &random))
      }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      return .string(text)
    case 5:
      return .array(
        (0..<Int.random(in: 0..<4, using: &random)).map { _ in JSONTests.random(&random, depth: depth + 1) })
    default:
      return .object(
        JSONObject(
          (0..<Int.random(in: 0..<4, using: &random)).map {
            .init(name: "k\($0)", value: JSONTests.random(&random, depth: depth + 1))
          }))
    }
  }
}
