import Foundation
import Testing

/// Runs the tests of a suite on a thread of their own.
///
/// These tests wait for terminals and processes. On the pool that all tests share they would wait for each other too:
/// behind hundreds of tests that compute, a turn can take minutes to come.
struct OwnThread: SuiteTrait, TestTrait, TestScoping {
  private let executor = ThreadExecutor()
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(executor) { try await function() }
  }
}

extension Trait where Self == OwnThread {
  static var ownThread: OwnThread { OwnThread() }
}

/// A thread that carries out tasks one after the other. It lives as long as the tests do.
private final class ThreadExecutor: TaskExecutor {
  private let jobs = JobQueue()

  init() {
    Thread.detachNewThread { [jobs] in
      while true { jobs.next().runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
  }

  func enqueue(_ job: consuming ExecutorJob) { jobs.add(UnownedJob(job)) }
}

/// What waits for the thread. Guarded by its condition, therefore safe to share.
private final class JobQueue: @unchecked Sendable {
  private let condition = NSCondition()
  private var waiting: [UnownedJob] = []

  func add(_ job: UnownedJob) {
    condition.lock()
    waiting.append(job)
    condition.unlock()
    condition.signal()
  }

  func next() -> UnownedJob {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty { condition.wait() }
    return waiting.removeFirst()
  }
}
