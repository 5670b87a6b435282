import Foundation
import Testing

/// The names in front of logs' lines on a terminal.
@Suite(.ownThread, .enabled(if: Tmux.isInstalled), .timeLimit(.minutes(10))) struct LabelColorTests {
  /// The lines of logs, by the order in which the pods have started.
  private func screen(_ environment: [String: String]) async throws -> [String] {
    let tmux = try await Tmux(
      ["run", "--completions", "7", "--parallelism", "1", "--name", "log", "--", "echo", "said"],
      environment: ["TERM": "xterm-256color"].merging(environment) { $1 })
    try await tmux.wait(for: "ended with 0")
    let lines = try await tmux.screen(colours: true).split(separator: "\n").map(String.init)
    let started = lines.compactMap { $0.firstMatch(of: #/^pod\/(log-.....) started/#)?.output.1 }
    return started.flatMap { name in lines.filter { $0.contains("said") && $0.contains(name) } }
  }

  /// The brightness of a colour as WCAG has it, of xterm's colour cube.
  private static func luminance(_ number: Int) -> Double {
    let levels = [0.0, 95, 135, 175, 215, 255]
    let parts = [(number - 16) / 36, (number - 16) / 6 % 6, (number - 16) % 6].map { part in
      let value = levels[part] / 255
      return value <= 0.03928 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }

  @Test func sixGoRoundAndCanBeReadOnBlackAndWhite() async throws {
    let lines = try await screen([:])
    let colors = lines.compactMap { $0.firstMatch(of: #/^\x1b\[38;5;([0-9]+)mlog-/#).flatMap { Int($0.output.1) } }
    #expect(colors.count == 7, "\(lines)")
    #expect(Set(colors.prefix(6)).count == 6)
    #expect(colors.first == colors.last)
    for color in colors {
      let luminance = Self.luminance(color)
      #expect(1.05 / (luminance + 0.05) >= 4 && (luminance + 0.05) / 0.05 >= 4, "\(color)")
    }
    // What the program says has the terminal's own colour.
    #expect(lines.allSatisfy { $0.contains(#/\x1b\[(0|39)?m said$/#) }, "\(lines)")
  }

  @Test(arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]]) func someWantNone(
    _ environment: [String: String]
  ) async throws {
    let lines = try await screen(environment)
    #expect(lines.count == 7)
    #expect(lines.allSatisfy { !$0.contains("\u{1B}") }, "\(lines)")
  }
}
