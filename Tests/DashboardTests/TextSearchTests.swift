import Testing

@testable import Dashboard

@Suite struct TextSearchTests {
  @Test(arguments: [
    ("boom", "a Boom and a boom", ["Boom", "boom"]), ("boom|line [0-9]+", "boom in line 42", ["boom", "line 42"]),
    ("^x", "xx", ["x"]), ("[error]", "an [error] here", ["[error]"]), ("a*", "bbb", []),
    (".", "1.5", ["."]),
  ])
  func finds(source: String, text: String, matches: [String]) throws {
    let search = try #require(TextSearch(source))
    #expect(search.ranges(in: text).map { String(text[$0]) } == matches)
  }
}
