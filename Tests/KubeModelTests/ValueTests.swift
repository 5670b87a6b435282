import KubeModel
import Testing

struct ValueTests {
  @Test(arguments: [
    ("0.1", "100m"), ("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"), ("1000", "1k"), ("1e3", "1e3"), ("500m", "500m"),
    ("1000m", "1"), ("0", "0"), ("0.5Ki", "512"), ("1.1Ki", "1126400m"), ("12345", "12345"), ("-1", "-1"),
    ("1n", "1n"), ("0.1n", "1n"), ("100Ki", "100Ki"), ("2048", "2048"), ("1.50", "1500m"), ("+5", "5"), ("0Mi", "0"),
    ("1E", "1E"), ("5e-3", "5e-3"),
  ]) func canonicalQuantity(_ text: String, _ expected: String) throws {
    let quantity = try #require(Quantity(text))
    #expect(quantity.canonical.text == expected)
    #expect(quantity.canonical == Quantity(expected))
  }

  @Test func quantityArithmetic() throws {
    #expect((Quantity(milli: 1500) + Quantity(milli: 500)).text == "2")
    #expect((Quantity(bytes: 512 << 20) + Quantity(bytes: 512 << 20)).text == "1Gi")
    #expect((Quantity(milli: 0) + Quantity(bytes: 64 << 20)).text == "64Mi")
    #expect((Quantity(milli: .max) + Quantity(milli: .max)).milli == .max)
    #expect(try #require(Quantity("0.1")) == Quantity(milli: 100))
  }

  @Test(arguments: [
    (119, "119s"), (120, "2m"), (121, "2m1s"), (599, "9m59s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"),
    (28_799, "7h59m"), (28_800, "8h"), (172_799, "47h"), (172_800, "2d"), (176_400, "2d1h"), (691_199, "7d23h"),
    (691_200, "8d"), (729 * 86_400, "729d"), (730 * 86_400, "2y"), (731 * 86_400, "2y1d"), (8 * 365 * 86_400, "8y"),
    (0, "0s"), (-2, "<invalid>"), (-1, "0s"),
  ]) func humanDurations(_ seconds: Int, _ expected: String) {
    #expect(humanDuration(.seconds(seconds)) == expected)
  }

  @Test(arguments: [
    ("1h2m3.5s", "1h2m3.5s"), ("90s", "1m30s"), ("0", "0s"), ("300ms", "300ms"), ("1.5h", "1h30m0s"), ("-2s", "-2s"),
    ("100us", "100µs"), ("24h", "24h0m0s"), (".5s", "500ms"), ("5ns", "5ns"),
  ]) func goDurations(_ text: String, _ expected: String) throws {
    #expect(try Duration(goText: text).goText == expected)
  }

  @Test(arguments: [
    ("", "time: invalid duration \"\""), ("5", "time: missing unit in duration \"5\""),
    ("5x", "time: unknown unit \"x\" in duration \"5x\""), ("abc", "time: invalid duration \"abc\""),
    ("99999999999h", "time: invalid duration \"99999999999h\""), (".s", "time: invalid duration \".s\""),
  ]) func badGoDurations(_ text: String, _ message: String) {
    #expect { try Duration(goText: text) } throws: { "\($0)" == message }
  }

  @Test(arguments: [
    ("busybox", ["sh"], true), ("docker.io/library/busybox:1.36@sha256:0a", ["sh"], true),
    ("registry:5000/e2e-test-images/busybox:1.36.1-1", ["sh"], true), ("alpine:3", ["/bin/sh"], true),
    ("debian:12", ["bash"], false), ("ubuntu", ["bash"], false),
  ])
  func imagesThatAreAShell(image: String, command: [String], isBusybox: Bool) throws {
    let shell = try #require(ImageShell(image: image))
    #expect(shell.command == command)
    #expect(shell.isBusybox == isBusybox)
  }

  @Test(arguments: ["", ":", "@", "/", "my-busybox", "busybox/tool:1", "debian-slim", "local"])
  func imagesThatAreMoreThanAShell(image: String) {
    #expect(ImageShell(image: image) == nil)
  }

  @Test func times() {
    #expect(Instant(seconds: 1_795_432_024).rfc1123 == "Mon, 23 Nov 2026 11:07:04 +0000")
  }

  @Test func generatedNames() {
    var generator = SystemRandomNumberGenerator()
    let name = GeneratedName.make(base: String(repeating: "a", count: 70), using: &generator)
    #expect(name.count == 63)
    #expect(name.suffix(5).allSatisfy { "bcdfghjklmnpqrstvwxz2456789".contains($0) })
  }

  @Test func base64RoundTrip() {
    for count in 0..<20 {
      let bytes = (0..<count).map { UInt8($0 * 37 & 255) }
      #expect(base64Decoded(base64Encoded(bytes)) == bytes)
    }
    #expect(base64Encoded(Array("Man".utf8)) == "TWFu")
    #expect(base64Decoded("TWF") == nil)
    #expect(base64Decoded("T=Fu") == nil)
  }
}

struct IndexRangesTests {
  @Test func writesRunsOfThree() {
    #expect(IndexRanges([0, 1, 3, 4, 5, 6, 9]).description == "0,1,3-6,9")
    #expect(IndexRanges([]).description.isEmpty)
  }

  @Test(arguments: [
    ("0,7", "too large index: \"7\""), ("3,2", "non-increasing order, previous: 3, current: 2"),
    ("x", "cannot convert string to integer for index: \"x\""),
    ("4-2", "non-increasing order, previous: 4, current: 2"),
    ("0,", "cannot convert string to integer for index: \"\""),
    (
      "1-2-3",
      "the fragment \"1-2-3\" violates the requirement that an index interval can have "
        + "at most two parts separated by '-'"
    ),
  ]) func refuses(_ text: String, _ message: String) {
    #expect { try IndexRanges(parsing: text, completions: 5) } throws: { "\($0)" == message }
  }

  @Test func agreesWithASet() throws {
    var random = SeededGenerator(seed: 7)
    var ranges = IndexRanges()
    var set = Set<Int>()
    for _ in 0..<4_000 {
      let index = Int.random(in: 0..<200, using: &random)
      if Bool.random(using: &random) {
        #expect(ranges.insert(index) == set.insert(index).inserted)
      } else {
        #expect(ranges.remove(index) == (set.remove(index) != nil))
      }
      #expect(ranges.count == set.count)
      #expect(ranges.contains(index) == set.contains(index))
    }
    #expect(Array(ranges) == set.sorted())
    #expect(try IndexRanges(parsing: ranges.description, completions: 200) == ranges)
    #expect(ranges.lowestMissing() == (0...).first { !set.contains($0) })
    let other = IndexRanges(stride(from: 0, to: 200, by: 3))
    #expect(ranges.countInCommon(with: other) == set.intersection(other).count)
    #expect(ranges.isSuperset(of: other) == set.isSuperset(of: other))
  }
}

/// A small generator, the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
