internal import KubeModel

/// The part of time that a chart shows, from its left edge to its right one.
struct TimeWindow: Hashable, Sendable {
  enum Mode: Hashable, Sendable {
    /// All that there is.
    case all
    /// The last so many microseconds, up to now.
    case latest(Int64)
    /// Where the user has gone.
    case fixed
  }

  private(set) var mode: Mode
  /// Microseconds since 1970.
  private(set) var start: Int64 = 0
  /// Microseconds.
  private(set) var span: Int64 = TimeWindow.shortest
  private var now: Int64 = 0

  private static let shortest: Int64 = 1_000_000
  private static let longest: Int64 = 366 * 86_400 * 1_000_000

  init(_ mode: Mode) { self.mode = mode }

  /// Whether it moves on with time.
  var followsNow: Bool { mode != .fixed }
  var end: Int64 { start + span }

  /// Settles what is shown, before it is drawn.
  ///
  /// - Parameter whole: All that there is to be seen, with what is planned after now.
  mutating func update(whole: ClosedRange<Instant>, now: Instant) {
    self.now = now.microseconds
    switch mode {
    case .all:
      start = whole.lowerBound.microseconds
      let length = whole.upperBound.microseconds - start
      // What happens at the right edge is not hidden by it.
      span = Self.bounded(length + length / 50)
    case .latest(let length):
      span = length
      start = now.microseconds - length + length / 50
    case .fixed: break
    }
  }

  /// Twice as near with 1, half as near with -1: around now if that is followed, or else around what is looked at, or
  /// around the middle.
  mutating func zoom(_ direction: Int, around focus: Instant? = nil) {
    let wanted = Self.bounded(direction > 0 ? span / 2 : span * 2)
    switch mode {
    case .all where start...end ~= now && end - now < span / 4: mode = .latest(wanted)
    case .latest: mode = .latest(wanted)
    case .all, .fixed:
      // What is looked at comes to the middle where it was out of sight, and else stays where it is.
      let middle = start + span / 2
      let focus = focus?.microseconds ?? middle
      start =
        start...end ~= focus ? focus - Int64(Double(focus - start) / Double(span) * Double(wanted)) : focus - wanted / 2
      mode = .fixed
    }
    span = wanted
  }

  /// A quarter of the window to the left with -1, to the right with 1; going past now follows it.
  mutating func pan(_ direction: Int) {
    if case .latest = mode, direction > 0 { return }
    start += Int64(direction) * (span / 4)
    mode = direction > 0 && end >= now ? .latest(span) : .fixed
  }

  mutating func showAll() { mode = .all }

  private static func bounded(_ span: Int64) -> Int64 { min(max(span, shortest), longest) }

  /// The column in which an instant is, of `width`; below zero and from `width` on are those that are not shown.
  func column(_ instant: Instant, width: Int) -> Int {
    let share = Double(instant.microseconds - start) / Double(span) * Double(width)
    return Int(max(-1e9, min(1e9, share.rounded(.down))))
  }

  // MARK: The axis

  struct Tick: Hashable, Sendable {
    var column: Int
    var label: String
  }

  /// Steps that clocks are read by, in seconds.
  private static let steps: [Int64] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
    604_800, 2_592_000,
  ]

  /// Where the axis has its ticks: at round local times, so far apart that their labels can be read.
  ///
  /// - Parameter offset: The distance of local time from UTC, in seconds.
  func ticks(width: Int, offset: (Instant) -> Int) -> [Tick] {
    guard width > 0 else { return [] }
    let offset = Int64(offset(Instant(microseconds: start)))
    let room: Int64 = 12
    let step = Self.steps.first { $0 * 1_000_000 * Int64(width) >= span * room } ?? span / 1_000_000
    let first = (start / 1_000_000 + offset) / step * step
    return stride(from: first, through: end / 1_000_000 + offset, by: Int64.Stride(step)).compactMap { local in
      let instant = Instant(seconds: local - offset)
      let column = column(instant, width: width)
      guard (0..<width).contains(column) else { return nil }
      let civil = CivilTime(Instant(seconds: local))
      let clock = Format.two(civil.hour) + ":" + Format.two(civil.minute)
      let label =
        step >= 86_400 || local % 86_400 == 0
        ? Format.day(civil) : step >= 60 ? clock : clock + ":" + Format.two(civil.second)
      return Tick(column: column, label: label)
    }
  }
}
