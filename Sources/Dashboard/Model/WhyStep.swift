internal import KubeModel
internal import Terminal

/// One step of the chain that says why: what is so, its evidence, and the object that it is about.
struct WhyStep: Hashable, Sendable {
  /// Where Enter goes from it.
  enum Way: Hashable, Sendable {
    /// To the row of an object.
    case row(ItemRef)
    /// Into the step's own object: a job's pods, a node's pods.
    case inside
    case describe
    case log(previous: Bool)
    case events
    /// To all nodes.
    case nodes

    /// What is there, in a word.
    func title(_ item: Item?) -> String {
      switch self {
      case .row(let ref): ref.kind == .cronJob ? "cron job" : ref.kind.rawValue.lowercased()
      case .inside: item is CronJobItem ? "jobs" : item is NamespaceItem ? "namespace" : "pods"
      case .describe: "describe"
      case .log(let previous): previous ? "previous log" : "log"
      case .events: "events"
      case .nodes: "nodes"
      }
    }
  }

  let role: Role
  let sign: String
  let title: String
  /// In smaller letters below it.
  var evidence: [StyledText] = []
  /// What actions on it go to.
  var object: ItemRef?
  /// `nil` where there is nothing to go to.
  var way: Way?
  /// A step that is one of several below the one before.
  var isSub = false

  /// Whether it tells of the last lines of a log.
  var isOfTail = false

  /// A line of text, and what stands in front of its further pieces where it has to be broken.
  struct Line {
    var text: StyledText
    var hanging: StyledText
    var isTitle = false
  }

  /// As it is drawn: the title, below it the evidence, and on the left the chain.
  var lines: [Line] {
    let lead = isSub ? StyledText("│ ", .border) : []
    let titleRole = isSub && role == .muted ? .text : role
    let head = StyledText([Span(sign + " ", role), Span(title, titleRole, isSub ? [] : .bold)])
    let below = StyledText(isSub ? "│   " : "│ ", .border)
    return [Line(text: lead + head, hanging: lead + "  ", isTitle: true)]
      + evidence.map { line in
        Line(text: below + line, hanging: below + StyledText(String(line.plain.prefix { $0 == " " })))
      }
  }
}
