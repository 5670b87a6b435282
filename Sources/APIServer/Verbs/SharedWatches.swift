internal import Cluster
internal import KubeModel
internal import Threading

/// The watches that go on at present, those that show the same together.
///
/// All that moves members between watches happens under this one lock.
final class SharedWatches: Sendable {
  private struct State {
    /// Those that others with the same parameters can join.
    var open: [SharedWatch.Key: SharedWatch] = [:]
    /// Whose member somebody is.
    var owners: [ObjectIdentifier: SharedWatch] = [:]
    var tasks: [ObjectIdentifier: Task<Void, Never>] = [:]
  }

  private let state = Locked(State())

  /// How many there are that read the cluster's changes.
  var count: Int { state.withLock { $0.tasks.count } }

  /// Goes on where `session` is: with those who watch the same, if it is like them already, else by itself until then.
  ///
  /// Who has begun must `leave`.
  func begin(_ key: SharedWatch.Key, _ session: WatchSession, kind: Kind, _ cluster: any Cluster) -> WatchMember {
    let member = WatchMember(version: session.lastVersion)
    // A version up to the one that was listed is one that there was, and not one that is yet to come.
    let isReal = session.lastVersion <= session.listedVersion
    state.withLock { state in
      if isReal, session.isLikeOthers, let known = state.open[key], known.take([member]) {
        state.owners[ObjectIdentifier(member)] = known
        return
      }
      let own = SharedWatch(session, kind: kind)
      // A mistake of the program: it was made of this session, so that its oldest version is the member's own.
      guard own.take([member]) else { preconditionFailure("a watch takes who has seen as much as itself") }
      state.owners[ObjectIdentifier(member)] = own
      // One that may turn out to be too old is not for others.
      if session.lastVersion == session.listedVersion, session.isLikeOthers, state.open[key] == nil {
        state.open[key] = own
      }
      // It belongs to no one of its members, but to all that will be: it goes with the last of them.
      state.tasks[ObjectIdentifier(own)] = Task { [self] in
        await own.run(cluster) { goesOn(own, key) }
        drop(own, key)
      }
    }
    return member
  }

  func leave(_ member: WatchMember) {
    let task = state.withLock { state -> Task<Void, Never>? in
      guard let owner = state.owners.removeValue(forKey: ObjectIdentifier(member)), owner.leave(member) else {
        return nil
      }
      if let key = state.open.first(where: { $0.value === owner })?.key { state.open[key] = nil }
      return state.tasks[ObjectIdentifier(owner)]
    }
    task?.cancel()
  }

  /// Whether the watch is still needed, now that it has shown something: from now on others may join it, or its
  /// members join others.
  private func goesOn(_ watch: SharedWatch, _ key: SharedWatch.Key) -> Bool {
    guard watch.isLikeOthers else { return true }
    return state.withLock { state in
      guard let known = state.open[key] else {
        if state.owners.values.contains(where: { $0 === watch }) { state.open[key] = watch }
        return true
      }
      guard known !== watch, let members = known.takeAll(of: watch) else { return true }
      for member in members { state.owners[ObjectIdentifier(member)] = known }
      return false
    }
  }

  private func drop(_ watch: SharedWatch, _ key: SharedWatch.Key) {
    state.withLock { state in
      state.tasks[ObjectIdentifier(watch)] = nil
      if state.open[key] === watch { state.open[key] = nil }
    }
  }
}
