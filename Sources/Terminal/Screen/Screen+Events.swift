import CLinux
import Glibc

extension Screen {
  /// What has happened, waiting for it if nothing has.
  ///
  /// Sleeps until there is input, a signal or a call of the ``waker``; blocks its thread. After
  /// ``TerminalEvent/hangup`` only the other sources are looked at.
  ///
  /// - Parameter timeout: the longest wait; nil waits without end, zero only looks.
  /// - Returns: the events in order; empty when the time is over.
  public mutating func nextEvents(timeout: Duration?) -> [TerminalEvent] {
    let clock = ContinuousClock()
    let deadline = timeout.map { clock.now + max(.zero, $0) }
    csystem_terminal_trim_errors()
    while true {
      let pending = decoder.pendingTimeout
      let left = deadline.map { max(.zero, $0 - clock.now) }
      let wait = [pending, left].compactMap(\.self).min()
      var descriptors = [
        pollfd(fd: inputIsClosed ? -1 : STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: waker.pollable, events: Int16(POLLIN), revents: 0),
        pollfd(fd: csystem_terminal_signal_descriptor(), events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&descriptors, nfds_t(descriptors.count), Self.milliseconds(wait))
      var events: [TerminalEvent] = []
      if count > 0 {
        if descriptors[0].revents != 0 { readInput(into: &events, now: clock.now) }
        if descriptors[1].revents != 0 {
          waker.reset()
          events.append(.wake)
        }
        if descriptors[2].revents != 0 { takeSignals(into: &events) }
      } else if count == 0, pending != nil, wait == pending {
        events = handled(decoder.flush())
      }
      if !events.isEmpty { return events }
      if let deadline, clock.now >= deadline { return [] }
    }
  }

  /// Rounded up, so that a wait never ends early and then spins.
  static func milliseconds(_ wait: Duration?) -> Int32 {
    guard let wait else { return -1 }
    let parts = wait.components
    if parts.seconds >= 86_400 { return 86_400_000 }
    return Int32(parts.seconds * 1000 + (parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }

  private mutating func readInput(into events: inout [TerminalEvent], now: ContinuousClock.Instant) {
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = read(STDIN_FILENO, &bytes, bytes.count)
    if count > 0 {
      let elapsed = Self.start.duration(to: now).components
      let milliseconds = elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
      events += handled(decoder.feed(bytes[..<count], milliseconds: milliseconds))
    } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
      // The terminal is gone. Its descriptor stays readable for ever, so it must not be polled again.
      inputIsClosed = true
      events += handled(decoder.flush()) + [.hangup]
    }
  }

  /// Carries out what a key means to the screen itself.
  private mutating func handled(_ events: [TerminalEvent]) -> [TerminalEvent] {
    guard options.stopsOnControlZ, events.contains(.key("ctrl-z")) else { return events }
    var result: [TerminalEvent] = []
    for event in events {
      if event == .key("ctrl-z") {
        stopAndResume(into: &result)
      } else {
        result.append(event)
      }
    }
    return result
  }

  private mutating func stopAndResume(into events: inout [TerminalEvent]) {
    let before = size
    stop()
    if size != before { events.append(.resize(size)) }
    events.append(.resumed)
  }

  private mutating func takeSignals(into events: inout [TerminalEvent]) {
    let signals = csystem_terminal_take_signals()
    func came(_ number: Int32) -> Bool { signals & 1 << UInt64(number) != 0 }
    for number in [SIGTERM, SIGINT, SIGQUIT, SIGHUP] where came(number) {
      events.append(.terminate(signal: number))
    }
    if came(SIGTSTP) {
      stopAndResume(into: &events)
    } else if came(SIGCONT) {
      // Stopped without a chance to leave the screen (SIGSTOP): whoever had the terminal may have changed it.
      retakeModes()
      events.append(.resumed)
    }
    if came(SIGWINCH), updateSize() { events.append(.resize(size)) }
  }

  private static let start = ContinuousClock.now
}
