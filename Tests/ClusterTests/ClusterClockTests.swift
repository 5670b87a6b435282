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
}
