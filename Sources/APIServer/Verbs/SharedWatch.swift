internal import Cluster
internal import KubeModel
internal import Threading

/// All watches with the same parameters: one reads the cluster's changes and makes their lines, and all send these.
///
/// A watch begins with one of its own, and goes over to the others once what it would show is what they show
/// (`WatchSession.isLikeOthers`); see `SharedWatches`.
/// Hundreds of watches cost little more than one then, and a change does not wake hundreds of tasks at a time, behind
/// which the requests of others would wait.
final class SharedWatch: Sendable {
  /// What watches have in common that show the same.
  struct Key: Hashable, Sendable {
    var groupVersion: String
    var plural: String
    var namespace: String?
    var name: String?
    var labels: String
    var fields: String
    var negotiation: Negotiation
    var includes: IncludeObject

    init(_ target: Target, only name: String?, _ request: APIRequest, _ rendering: Rendering) {
      groupVersion = target.resource.groupVersion
      plural = target.resource.plural
      namespace = target.namespace
      self.name = name
      labels = request.query["labelSelector"] ?? ""
      fields = request.query["fieldSelector"] ?? ""
      negotiation = rendering.negotiation
      includes = rendering.includes
    }
  }

  /// The lines of a batch of changes.
  struct Chunk: Sendable {
    var all: APIResponse.SharedBytes
    /// Of each line, the version of what it tells and where it ends.
    var ends: [(version: UInt64, end: Int)]
    var version: UInt64

    init(_ lines: WatchSession.Lines) {
      all = APIResponse.SharedBytes(lines.bytes)
      ends = lines.ends
      version = lines.version
    }

    /// Those lines that tell of what came after `version`; `nil` where there are none.
    func lines(after version: UInt64) -> APIResponse.SharedBytes? {
      guard let last = ends.last, last.version > version else { return nil }
      let seen = ends.prefix { $0.version <= version }
      return seen.last.map { all.dropping($0.end) } ?? all
    }
  }

  fileprivate struct State {
    var session: WatchSession
    var members: [ObjectIdentifier: WatchMember] = [:]
    /// The latest lines, for those who join and have not seen them yet.
    var recent: [Chunk] = []
    var recentSize = 0
    /// Who has seen all up to this version, or more, can join.
    var oldest: UInt64
  }

  /// Bytes and batches that are kept for those who join.
  fileprivate static let recentLimit = 1024 * 1024
  fileprivate static let recentCount = 256
  /// How long nothing is sent after something was, and how much longer for each member. What comes meanwhile goes out
  /// together: it costs as much to wake a watch for one change as for ten.
  private static let rest = Duration.milliseconds(20)
  private static let restForEach = Duration.microseconds(200)
  /// How many members are served at once, and how long the next ones wait then. Those who have got something all do
  /// something with it, here and in their own programs: were it hundreds at a time, nobody else would have a processor
  /// for milliseconds.
  private static let turn = 8
  private static let pause = Duration.milliseconds(1)

  private let kind: Kind
  private let state: Locked<State>

  /// - Parameter session: one that has shown what there was to show.
  init(_ session: WatchSession, kind: Kind) {
    self.kind = kind
    state = Locked(State(session: session, oldest: session.lastVersion))
  }

  /// What it shows is what others with the same parameters show.
  var isLikeOthers: Bool { state.withLock { $0.session.isLikeOthers } }

  /// Takes members, unless one of them has seen too little for that.
  func take(_ members: [WatchMember]) -> Bool {
    state.withLock { state in
      guard members.allSatisfy({ $0.version >= state.oldest }) else { return false }
      for member in members {
        for chunk in state.recent { member.push(chunk) }
        state.members[ObjectIdentifier(member)] = member
      }
      return true
    }
  }

  /// Takes over the members of one that shows the same, if they have not seen too little for that.
  func takeAll(of other: SharedWatch) -> [WatchMember]? {
    let members = other.state.withLock { Array($0.members.values) }
    guard take(members) else { return nil }
    other.state.withLock { $0.members = [:] }
    return members
  }

  /// Whether it was the last one.
  func leave(_ member: WatchMember) -> Bool {
    state.withLock { state in
      state.members[ObjectIdentifier(member)] = nil
      return state.members.isEmpty
    }
  }

  /// Serves its members until the cluster stops or nobody is left.
  ///
  /// - Parameter goesOn: asked after each batch; false where others have taken over its members.
  func run(_ cluster: any Cluster, while goesOn: () -> Bool) async {
    let version = state.withLock { $0.session.lastVersion }
    do {
      for try await changes in await cluster.watch([kind], from: version) {
        let count = try await publish(changes)
        guard goesOn() else { return }
        try await Task.sleep(for: SharedWatch.rest + SharedWatch.restForEach * count)
      }
      finish(nil)
    } catch {
      finish(error as? StatusError)
    }
  }

  private func publish(_ changes: [Change]) async throws -> Int {
    let (chunk, members) = state.withLock { state in
      let chunk = Chunk(state.session.events(changes))
      state.keep(chunk)
      return (chunk, Array(state.members.values))
    }
    for (number, member) in members.enumerated() {
      if !chunk.ends.isEmpty, number > 0, number % SharedWatch.turn == 0 {
        try await Task.sleep(for: SharedWatch.pause)
      }
      member.push(chunk)
    }
    return chunk.ends.isEmpty ? 0 : members.count
  }

  private func finish(_ error: StatusError?) {
    let members = state.withLock { state in
      // Nobody joins any more.
      state.oldest = .max
      return state.members.values
    }
    for member in members { member.finish(error) }
  }
}

extension SharedWatch.State {
  fileprivate mutating func keep(_ chunk: SharedWatch.Chunk) {
    recent.append(chunk)
    recentSize += chunk.all.count
    var gone = 0
    while recentSize > SharedWatch.recentLimit || recent.count - gone > SharedWatch.recentCount {
      recentSize -= recent[gone].all.count
      oldest = recent[gone].version
      gone += 1
    }
    recent.removeFirst(gone)
  }
}
