internal import Glibc
internal import KubeModel

/// A reading of the system's monotonic clock.
struct MonotonicTime: Comparable, Sendable {
  var nanoseconds: Int64

  static var now: MonotonicTime {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

  static func + (left: MonotonicTime, right: Duration) -> MonotonicTime {
    MonotonicTime(nanoseconds: left.nanoseconds &+ right.inMicroseconds &* 1000)
  }
}

extension Instant {
  /// The system's wall clock.
  static var wallClock: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}

/// The control plane's time: the wall clock, except that it never goes back.
///
/// A step forward (a corrected clock, a laptop that slept) is followed at once, as cron schedules want. After a step
/// back time goes on at half its speed until the wall clock has caught up: timers are late by as much as the clock
/// was wrong, none stands still, and nothing is ever dated before what caused it.
struct ClusterClock {
  private var last: Instant
  private var lastReading: MonotonicTime

  init(wall: Instant = .wallClock, monotonic: MonotonicTime = .now) {
    last = wall
    lastReading = monotonic
  }

  mutating func now(wall: Instant = .wallClock, monotonic: MonotonicTime = .now) -> Instant {
    let elapsed = max(0, (monotonic.nanoseconds - lastReading.nanoseconds) / 1000)
    let steady = last.microseconds + elapsed
    // The two clocks drift apart by some microseconds a second; that is no step.
    let isBehind = wall.microseconds < steady - 1000
    last = max(last, isBehind ? Instant(microseconds: max(wall.microseconds, last.microseconds + elapsed / 2)) : wall)
    lastReading = monotonic
    return last
  }
}
