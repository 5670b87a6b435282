import KubeModel
import Testing

@testable import Dashboard

struct PulseTests {
  @Test func chartsFillFromBelowAndEndAtTheRight() {
    #expect(BrailleChart.rows([1, 2, 3, 4], width: 2, height: 1, top: 4) == ["⣠⣾"])
    #expect(BrailleChart.rows([8], width: 2, height: 2, top: 8) == ["⠀⢸", "⠀⢸"])
    // Little is not nothing, and too much is cut.
    #expect(BrailleChart.rows([1, 5_000], width: 1, height: 1, top: 1_000) == ["⣸"])
    #expect(BrailleChart.rows([1], width: 0, height: 3, top: 1).isEmpty)
  }

  @Test func aSecondIsSampledOnceAndGapsAreFilled() {
    var pulse = Pulse()
    let start = Instant(seconds: 1_000)
    pulse.take(Pulse.Sample(podsRunning: 1), at: start)
    pulse.take(Pulse.Sample(podsRunning: 9), at: start + .milliseconds(500))
    pulse.take(Pulse.Sample(podsRunning: 2, podsEnded: 5), at: start + .seconds(3))
    #expect(pulse.samples(10).map(\.podsRunning) == [1, 1, 1, 2])
    #expect(pulse.podsEndedAMinute(2) == [0, 5])
    pulse.take(Pulse.Sample(podsRunning: 3, podsEnded: 5), at: start + .seconds(5_000))
    #expect(pulse.samples(.max).count == Pulse.capacity)
    #expect(pulse.samples(2).map(\.podsRunning) == [2, 3])
    #expect(pulse.podsEndedAMinute(1) == [0])
  }

  @Test func stepsKeepTheirPeaksAndTheirPlaces() {
    var pulse = Pulse()
    for second in 0..<10 {
      pulse.take(Pulse.Sample(podsRunning: second % 4), at: Instant(seconds: 1_000 + Int64(second)))
    }
    // 1000…1003, 1004…1007, 1008 and 1009.
    #expect(pulse.peaks(pulse.samples(10).map(\.podsRunning), step: 4) == [3, 3, 1])
    pulse.take(Pulse.Sample(podsRunning: 9), at: Instant(seconds: 1_010))
    #expect(pulse.peaks(pulse.samples(11).map(\.podsRunning), step: 4) == [3, 3, 9])
    #expect(pulse.peaks([1, 2], step: 1) == [1, 2])
    #expect(Pulse().peaks([], step: 4).isEmpty)
  }
}
