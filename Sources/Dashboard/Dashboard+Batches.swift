internal import Cluster
internal import KubeModel
internal import Terminal

/// What is to happen when a command has been carried out.
enum Pending: Hashable, Sendable {
  /// One of several commands that one key gave, by its place among them.
  case batch(Int, step: Int)
  /// A node was cordoned, so that its pods can be evicted now.
  case drain(node: String)
  /// A pod was asked to leave a node that is being drained.
  case eviction(node: String, uid: String)
  /// The form's check, and its making.
  case formCheck
  case formCreate
  /// An object that was edited, with the text as first opened and for another try.
  case update(original: KubeObject, first: String, text: String)
  /// The editor runs for this object, with the text as first opened and as opened last, or for a new one.
  case editObject(original: KubeObject, first: String, text: String)
  case editNew(text: String)
  /// A file is read, whose objects are to be made, or changed where they are there already; asks first if wanted.
  case manifest(path: String, changes: Bool, asks: Bool)
  /// A file is read to say what is in it.
  case preview(path: String)
  /// A file is read, a copy of which opens in the editor.
  case template
  /// A program of the user's runs: what it is called, and whether its output is told.
  case program(String, tellsOutput: Bool)
  /// A directory is read, for completion.
  case directory(String)
  /// Objects that the editor made.
  case createEdited(text: String)
}

/// Several commands of one key, told of as one.
struct Batch: Sendable {
  /// Makes one of them once it is its turn.
  typealias Step = @Sendable (CommandID) -> Command

  /// So many are under way at the same time: the others can still be stopped.
  static let width = 16

  /// `Deleted`
  let verb: String
  let noun: String
  let names: [String]
  /// What is said behind it all: `: it has 30s to end`
  var remark = ""
  /// Those not yet sent, the last first.
  var waiting: [Step]
  /// What is done instead where an object of the name is there already, by the place of its step.
  var ifPresent: [Int: Step] = [:]
  /// So many are sent before an answer is waited for.
  var atOnce = Batch.width
  /// Those that were there already.
  var changed: Set<Int> = []
  var underWay = 0
  var answered = 0
  var failures: [String] = []

  /// Those that Esc kept back.
  var stopped: Int { names.count - answered - underWay - waiting.count }

  /// `Deleted 1,200 of 5,000 jobs`; nothing for those that are over before one could read it.
  var progress: String? {
    guard names.count > Self.width else { return nil }
    let count = "\(Format.count(answered - failures.count)) of \(Format.plural(names.count, noun))"
    return "\(verb) \(count)" + (waiting.isEmpty ? "" : "; Esc stops")
  }
}

extension Dashboard {
  /// Gives a command a number and remembers what it is for.
  mutating func command(_ pending: Pending, _ make: (CommandID) -> Command) -> Command {
    let id = CommandID(number: nextNumber())
    self.pending[id] = pending
    return make(id)
  }

  /// Begins to carry out several commands that are told of as one.
  mutating func batch(
    _ verb: String, _ noun: String, _ names: [String], remark: String = "", _ steps: [Batch.Step]
  ) -> [Command] {
    start(Batch(verb: verb, noun: noun, names: names, remark: remark, waiting: steps.reversed()))
  }

  mutating func start(_ batch: Batch) -> [Command] {
    guard !batch.waiting.isEmpty else { return [] }
    let number = nextNumber()
    batches[number] = batch
    return advance(number)
  }

  /// Sends what may be under way.
  private mutating func advance(_ number: Int) -> [Command] {
    var commands: [Command] = []
    while let batch = batches[number], batch.underWay < batch.atOnce, let step = batches[number]?.waiting.popLast() {
      batches[number]?.underWay += 1
      commands.append(command(.batch(number, step: batch.names.count - batch.waiting.count), step))
    }
    return commands
  }

  mutating func finish(_ id: CommandID, _ result: Result<KubeObject?, StatusError>) -> [Command] {
    guard let purpose = pending.removeValue(forKey: id) else { return [] }
    switch purpose {
    case .drain(let node): return finishCordon(of: node, result)
    case .eviction(let node, let uid): return finishEviction(node, uid, result)
    case .batch(let number, let step): return finish(step, of: number, result)
    case .formCheck, .formCreate: return finishForm(purpose, result)
    case .update(_, _, let text), .createEdited(let text): return finishEdited(text, purpose, result)
    case .editObject, .editNew, .manifest, .preview, .template, .program, .directory: break
    }
    return []
  }

  private mutating func finish(_ step: Int, of number: Int, _ result: Result<KubeObject?, StatusError>) -> [Command] {
    if case .failure(let error) = result, error.reason == "AlreadyExists",
      let other = batches[number]?.ifPresent.removeValue(forKey: step)
    {
      batches[number]?.changed.insert(step)
      return [command(.batch(number, step: step), other)]
    }
    batches[number]?.underWay -= 1
    batches[number]?.answered += 1
    if case .failure(let error) = result {
      batches[number]?.changed.remove(step)
      batches[number]?.failures.append(error.message)
    }
    let more = advance(number)
    if let batch = batches[number], batch.underWay == 0 {
      batches[number] = nil
      tell(batch)
    }
    return more
  }

  private mutating func tell(_ batch: Batch) {
    let done = batch.answered - batch.failures.count
    let rest = batch.stopped == 0 ? "" : "; stopped before the other \(Format.count(batch.stopped))"
    let changed = batch.changed.count
    if done == 1, batch.names.count == 1 {
      say("\(changed == 1 ? "Changed" : batch.verb) \(batch.noun) \(batch.names[0])\(batch.remark)")
    } else if changed > 0 {
      let made = done > changed ? ", \(batch.verb.lowercased()) \(Format.count(done - changed))" : ""
      say("Changed \(Format.plural(changed, batch.noun))\(made)\(rest)")
    } else if done > 0 {
      say("\(batch.verb) \(Format.plural(done, batch.noun))\(batch.remark)\(rest)")
    }
    // Each kind of failure once, however many there were.
    var seen: [String: Int] = [:]
    for failure in batch.failures { seen[failure, default: 0] += 1 }
    for (text, count) in seen.sorted(by: { $0.key < $1.key }).prefix(5) {
      complain(count > 1 ? "\(text) (\(count) times)" : text)
    }
    if seen.count > 5 { complain("\(seen.count - 5) more failures; see :messages") }
  }

  /// Keeps back what was not sent yet; false where there is nothing of that kind.
  mutating func stopBatches() -> Bool {
    var isStopped = false
    for (number, batch) in batches where !batch.waiting.isEmpty {
      batches[number]?.waiting = []
      isStopped = true
    }
    return stopDrains() || isStopped
  }

  /// What is under way, for the status line.
  var progress: String? {
    batches.sorted { $0.key < $1.key }.lazy.compactMap(\.value.progress).first
      ?? drainProgress
      ?? saves.values.lazy.compactMap(\.progress).first
  }
}
