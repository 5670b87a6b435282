import Testing

@testable import Terminal

@Suite struct InputDecoderTests {
  private func decode(_ text: String) -> [TerminalEvent] {
    var decoder = InputDecoder()
    return decoder.feed(Array(text.utf8), milliseconds: 0) + decoder.flush()
  }

  @Test(arguments: [
    ("a", "a"), ("Z", "shift-z"), ("é", "é"), ("日", "日"), ("🚀", "🚀"), ("\r", "enter"), ("\n", "enter"),
    ("\t", "tab"), (" ", "space"), ("\u{7F}", "backspace"), ("\u{8}", "backspace"), ("\u{4}", "ctrl-d"),
    ("\0", "ctrl-space"), ("\u{1C}", "ctrl-\\"), ("\u{1F}", "ctrl-_"), ("\u{1A}", "ctrl-z"), ("\u{1B}", "esc"),
    ("\u{1B}x", "alt-x"), ("\u{1B}é", "alt-é"), ("\u{1B}\u{4}", "ctrl-alt-d"), ("\u{1B}\r", "alt-enter"),
    ("\u{1B}[", "alt-["), ("\u{1B}O", "alt-shift-o"), ("\u{1B}]", "alt-]"), ("\u{1B}P", "alt-shift-p"),
    ("\u{1B}[A", "up"), ("\u{1B}OB", "down"), ("\u{1B}[1;5C", "ctrl-right"), ("\u{1B}[1;2D", "shift-left"),
    ("\u{1B}[1;3A", "alt-up"), ("\u{1B}[1;8A", "ctrl-alt-shift-up"), ("\u{1B}\u{1B}[A", "alt-up"),
    ("\u{1B}[H", "home"), ("\u{1B}OF", "end"), ("\u{1B}[1~", "home"), ("\u{1B}[8~", "end"),
    ("\u{1B}[7;5~", "ctrl-home"),
    ("\u{1B}[2~", "insert"), ("\u{1B}[3~", "delete"), ("\u{1B}[5~", "pgup"), ("\u{1B}[6;5~", "ctrl-pgdn"),
    ("\u{1B}OP", "f1"), ("\u{1B}[[A", "f1"), ("\u{1B}[[E", "f5"), ("\u{1B}[11~", "f1"), ("\u{1B}[15~", "f5"),
    ("\u{1B}[17~", "f6"), ("\u{1B}[24~", "f12"), ("\u{1B}[1;2P", "shift-f1"), ("\u{1B}[1;2R", "shift-f3"),
    ("\u{1B}[Z", "backtab"), ("\u{1B}[a", "shift-up"), ("\u{1B}Oa", "ctrl-up"), ("\u{1B}[3$", "shift-delete"),
    ("\u{1B}[3^", "ctrl-delete"), ("\u{1B}[3@", "ctrl-shift-delete"), ("\u{1B}O5A", "ctrl-up"), ("\u{1B}OM", "enter"),
    ("\u{1B}Oj", "*"), ("\u{1B}Oq", "1"), ("\u{1B}[97;5u", "ctrl-a"), ("\u{1B}[27;5;13~", "ctrl-enter"),
    ("\u{1B}[9;2u", "backtab"),
  ])
  func keys(bytes: String, key: String) throws {
    #expect(decode(bytes) == [.key(try #require(Key(parsing: key)))])
  }

  /// The same events, however the bytes come.
  @Test func cutsDoNotMatter() {
    let text = "a\u{1B}[1;5Aé🚀\u{1B}[<0;3;4M\u{1B}[200~paste \u{1B}x é\u{1B}[201~\u{1B}]11;rgb:0/0/0\u{1B}\\b\u{1B}OPz"
    let bytes = Array(text.utf8)
    let whole = decode(text)
    #expect(whole.count == 10)
    for cut in 0...bytes.count {
      var decoder = InputDecoder()
      let first = decoder.feed(bytes[..<cut], milliseconds: 0)
      #expect(first + decoder.feed(bytes[cut...], milliseconds: 0) == whole)
      #expect(decoder.pendingTimeout == nil)
    }
    var decoder = InputDecoder()
    #expect(bytes.flatMap { decoder.feed([$0], milliseconds: 0) } == whole)
  }

  @Test func escapeWaitsForMore() {
    var decoder = InputDecoder()
    #expect(decoder.pendingTimeout == nil)
    #expect(decoder.feed([0x1B], milliseconds: 0) == [])
    #expect(decoder.pendingTimeout == .milliseconds(25))
    #expect(decoder.flush() == [.key("esc")])
    #expect(decoder.pendingTimeout == nil)
    #expect(decoder.feed([0x1B, 0x1B], milliseconds: 0) == [])
    #expect(decoder.flush() == [.key("esc"), .key("esc")])
    #expect(decoder.feed([0x1B, 0x1B, 0x61], milliseconds: 0) == [.key("esc"), .key("alt-a")])
    #expect(decoder.feed([0xE6, 0x97], milliseconds: 0) == [])
    #expect(decoder.flush() == [])
  }

  @Test func pastes() {
    #expect(
      decode("\u{1B}[200~one\rtwo\r\nthree\n\u{1B}[31m\u{7}\tx\u{1B}[201~y") == [
        .paste("one\ntwo\nthree\n[31m\tx"), .key("y"),
      ])
    #expect(decode("\u{1B}[200~\u{1B}[201~") == [.paste("")])
    // The end got lost: what came is passed on after a while, and keys work again.
    var decoder = InputDecoder()
    #expect(decoder.feed(Array("\u{1B}[200~abc\u{1B}[20".utf8), milliseconds: 0) == [])
    #expect(decoder.pendingTimeout == .seconds(1))
    #expect(decoder.flush() == [.paste("abc[20")])
    #expect(decoder.feed(Array("q".utf8), milliseconds: 0) == [.key("q")])
  }

  @Test func longPastesAreCutAndTold() {
    var decoder = InputDecoder(pasteLimit: 10)
    var events = decoder.feed(Array("\u{1B}[200~12345678".utf8), milliseconds: 0)
    for _ in 0..<1000 { events += decoder.feed(Array("90abcdef".utf8), milliseconds: 0) }
    events += decoder.feed(Array("\u{1B}[201~".utf8), milliseconds: 0)
    #expect(events == [.paste("1234567890"), .pasteTruncated(droppedBytes: 7998)])
  }

  @Test func mouse() {
    func event(_ kind: MouseEvent.Kind, _ button: MouseEvent.Button, _ modifiers: Key.Modifiers = []) -> TerminalEvent {
      .mouse(MouseEvent(kind: kind, button: button, position: Point(column: 9, row: 4), modifiers: modifiers))
    }
    #expect(decode("\u{1B}[<0;10;5M\u{1B}[<0;10;5m") == [event(.press, .left), event(.release, .left)])
    #expect(decode("\u{1B}[<2;10;5M") == [event(.press, .right)])
    #expect(decode("\u{1B}[<17;10;5M") == [event(.press, .middle, .control)])
    #expect(decode("\u{1B}[<64;10;5M\u{1B}[<69;10;5M") == [event(.wheelUp, .none), event(.wheelDown, .none, .shift)])
    // Movement, other buttons, places that don't exist, the oldest protocol.
    for other in ["[<32;10;5M", "[<35;1;1M", "[<128;1;1M", "[<0;0;5M", "[<0;10M", "[<0;99999999999;1M", "[M !!"] {
      #expect(decode("\u{1B}\(other)") == [])
    }
  }

  @Test func doubleClicks() {
    var decoder = InputDecoder()
    func kinds(_ text: String, _ milliseconds: Int64) -> [MouseEvent.Kind] {
      decoder.feed(Array(text.utf8), milliseconds: milliseconds).compactMap {
        if case .mouse(let mouse) = $0 { mouse.kind } else { nil }
      }
    }
    let click = "\u{1B}[<0;1;1M\u{1B}[<0;1;1m"
    #expect(kinds(click, 0) == [.press, .release])
    #expect(kinds(click, 400) == [.doubleClick, .release])
    #expect(kinds(click, 500) == [.press, .release])
    #expect(kinds(click, 901) == [.press, .release])
    #expect(kinds("\u{1B}[<0;2;1M", 950) == [.press])
    #expect(kinds("\u{1B}[<2;2;1M", 960) == [.press])
  }

  @Test(arguments: [
    "\u{1B}]52;c;aGVsbG8=\u{7}", "\u{1B}]10;rgb:ff/ff/ff\u{1B}\\", "\u{1B}P1+r544e=1\u{1B}\\", "\u{1B}_Gi=1;OK\u{1B}\\",
    "\u{1B}[?62;4c", "\u{1B}[>0;276;0c", "\u{1B}[24;80R", "\u{1B}[I", "\u{1B}[O", "\u{1B}[?2026;2$y", "\u{1B}[99~",
    "\u{1B}[1:2:3u", "\u{1B}[4294967296u", "\u{1B}[55296u",
  ])
  func repliesAndUnknownSequencesAreDropped(bytes: String) {
    #expect(decode(bytes + "q") == [.key("q")])
  }

  @Test func theGroundsColorIsAnEvent() {
    #expect(decode("a\u{1B}]11;rgb:ffff/ffff/ffff\u{7}b") == [.key("a"), .background(isLight: true), .key("b")])
    #expect(decode("\u{1B}]11;rgb:00/00/00\u{1B}\\") == [.background(isLight: false)])
    #expect(decode("\u{1B}]11;rgb:00/00/00\u{3}") == [.key("ctrl-c")])
    #expect(decode("\u{1B}]11;rgb:\(String(repeating: "f", count: 500))\u{7}") == [])
  }

  @Test func brokenSequencesDoNotSwallowKeys() {
    #expect(decode("\u{1B}[12\u{3}") == [.key("ctrl-c")])
    #expect(decode("\u{1B}[1\u{1B}[A") == [.key("up")])
    #expect(decode("\u{1B}]never ends\u{3}") == [.key("ctrl-c")])
    var decoder = InputDecoder()
    #expect(
      decoder.feed([0xFF, 0xC3, 0x41, 0xE6, 0x97, 0x42, 0x80, 0xED, 0xA0, 0x80, 0x43], milliseconds: 0) == [
        .key("A"), .key("B"), .key("C"),
      ])
    // Without end, and yet bounded.
    #expect(decoder.feed(Array("\u{1B}[".utf8) + [UInt8](repeating: 0x31, count: 100), milliseconds: 0).count == 38)
  }

  @Test func aTerminalsOwnSequences() {
    var decoder = InputDecoder(sequences: [
      Array("\u{1B}?k".utf8): Key(.pageUp), Array("\u{1B}[A".utf8): Key(.up), [0x08]: Key(.backspace),
      Array("\u{1}@\r".utf8): Key(.function(1)), [0x61]: Key(.down),
    ])
    #expect(decoder.feed(Array("\u{1B}?".utf8), milliseconds: 0) == [])
    #expect(decoder.feed(Array("k\u{1}@\ra".utf8), milliseconds: 0) == [.key("pgup"), .key("f1"), .key("a")])
  }

  /// Random bytes, cut at random: no crash, and nothing is left over that keeps an ordinary key from working.
  @Test(arguments: 0..<40)
  func anyBytes(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let pieces = [
      "\u{1B}", "\u{1B}[", "\u{1B}[<", ";", "M", "\u{1B}[200~", "\u{1B}[201~", "\u{1B}]", "1", "~", "é", "\u{1B}O",
    ]
    var decoder = InputDecoder(pasteLimit: 64)
    for _ in 0..<400 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...12, using: &generator) {
        if Bool.random(using: &generator) {
          bytes += Array((pieces.randomElement(using: &generator) ?? "").utf8)
        } else {
          bytes.append(UInt8.random(in: 0...255, using: &generator))
        }
      }
      for event in decoder.feed(bytes, milliseconds: 0) {
        if case .paste(let text) = event { #expect(text.utf8.count <= 64 * 3) }
        if case .key(let key) = event { #expect(Key(parsing: key.description) == key) }
      }
      if Int.random(in: 0..<10, using: &generator) == 0 {
        _ = decoder.flush()
        #expect(decoder.pendingTimeout == nil)
        #expect(decoder.feed(Array("k".utf8), milliseconds: 0) == [.key("k")])
      }
    }
  }
}
