import KubeModel
import Testing

@testable import Cluster

struct ClusterClockTests {
  private let start = Instant(seconds: 1_000_000)

  private func monotonic(_ seconds: Double) -> MonotonicTime {
    MonotonicTime(nanoseconds: Int64(seconds * 1e9))
  }

  @Test func isTheWallClock() {
    var clock = ClusterClock(wall: start, monotonic: monotonic(5))
    #expect(clock.now(wall: start + .seconds(3), monotonic: monotonic(8)) == start + .seconds(3))
  }

  @Test func followsAStepForward() {
    var clock = ClusterClock(wall: start, monotonic: monotonic(5))
    #expect(clock.now(wall: start + .seconds(3600), monotonic: monotonic(6)) == start + .seconds(3600))
  }

  @Test func neverGoesBackAndMeetsTheWallClockAgain() {
    var clock = ClusterClock(wall: start, monotonic: monotonic(0))
    var last = start
    // A minute is taken back; one second passes at a time.
    for second in 1...119 {
      let now = clock.now(wall: start + .seconds(second - 60), monotonic: monotonic(Double(second)))
      #expect(now > last)
      #expect(now - start == .milliseconds(500 * second))
      last = now
    }
    #expect(clock.now(wall: start + .seconds(65), monotonic: monotonic(125)) == start + .seconds(65))
  }

  /// A machine that slept: its monotonic clock stood still.
  @Test func followsTheWallClockAfterSleep() {
    var clock = ClusterClock(wall: start, monotonic: monotonic(5))
    #expect(clock.now(wall: start + .seconds(8 * 3600), monotonic: monotonic(5.001)) == start + .seconds(8 * 3600))
    #expect(clock.now(wall: start + .seconds(8 * 3600 + 1), monotonic: monotonic(6)) == start + .seconds(8 * 3600 + 1))
  }

  /// However far back: time goes on, and timers come due.
  @Test(arguments: [3600, 86_400, 400 * 86_400])
  func goesOnAfterALongStepBack(_ seconds: Int) {
    var clock = ClusterClock(wall: start, monotonic: monotonic(0))
    var last = start
    for second in 1...600 {
      let now = clock.now(wall: start + .seconds(second - seconds), monotonic: monotonic(Double(second)))
      #expect(now == last + .milliseconds(500))
      last = now
    }
  }

  @Test func stepsToAndFroLeaveNoTrace() {
    var clock = ClusterClock(wall: start, monotonic: monotonic(0))
    #expect(clock.now(wall: start - .seconds(86_400), monotonic: monotonic(10)) == start + .seconds(5))
    #expect(clock.now(wall: start + .seconds(20), monotonic: monotonic(20)) == start + .seconds(20))
    // An hour forward, and corrected at once: what has been was, so that the hour takes two.
    #expect(clock.now(wall: start + .seconds(3630), monotonic: monotonic(30)) == start + .seconds(3630))
    #expect(clock.now(wall: start + .seconds(40), monotonic: monotonic(40)) == start + .seconds(3635))
    #expect(clock.now(wall: start + .seconds(7240), monotonic: monotonic(7240)) == start + .seconds(7240))
  }
}
