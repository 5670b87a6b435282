internal import Terminal

extension Action {
  static let moving: [Action] = [
    Action("down", ["j", "down"], "down", "one row down", group: .move, in: .everywhere) { $0.scroll(by: 1) },
    Action("up", ["k", "up"], "up", "one row up", group: .move, in: .everywhere) { $0.scroll(by: -1) },
    Action("page-down", ["pgdn", "ctrl-f"], "page down", "one page down", group: .move, in: .everywhere) {
      $0.scroll(pages: 1)
    },
    Action("page-up", ["pgup", "ctrl-b"], "page up", "one page up", group: .move, in: .everywhere) {
      $0.scroll(pages: -1)
    },
    Action("top", ["g", "home"], "top", "to the first row", group: .move, in: .everywhere) { $0.toTop() },
    Action("bottom", ["G", "end"], "bottom", "to the last row; a log follows again", group: .move, in: .everywhere) {
      $0.toBottom()
    },
    Action("left", ["left", "h"], "left", "half a screen to the left", group: .move, in: .pages) { $0.sideways(-1) },
    Action("right", ["right"], "right", "half a screen to the right", group: .move, in: .pages) { $0.sideways(1) },
    Action(
      "open", ["enter"], "open",
      "into the row: a job's pods, a cron job's jobs, a pod's log, a node's pods, an event's object", group: .move,
      in: .tables, hint: 99
    ) { $0.drillIn() },
    Action(
      "back", ["esc"], "back", "back to where you came from; first clears marks and filter", group: .move,
      in: .everywhere, hint: 96
    ) { $0.back() },
  ]

  static let looking: [Action] = [
    Action(
      "logs", ["l"], "logs", "the log; of a job, the logs of all its pods", group: .look,
      in: [.jobs, .pods, .containers], hint: 92
    ) { $0.openLogs(previous: false) },
    Action(
      "previous-logs", ["p"], "previous log", "the log of the run before a restart", group: .look,
      in: [.pods, .containers, .jobs], hint: 20
    ) { $0.openLogs(previous: true) },
    Action(
      "why", ["w"], "why", "why it is as it is: from the condition down to the exit code", group: .look,
      in: [.jobs, .pods], hint: 90
    ) { $0.openText(.why) },
    Action(
      "describe", ["d"], "describe", "everything about it, as kubectl describe", group: .look,
      in: [.jobs, .cronJobs, .pods, .nodes, .events, .namespaces, .containers], hint: 86
    ) { $0.openText(.describe) },
    Action("yaml", ["y"], "yaml", "the object as YAML", group: .look, in: .tables, hint: 50) { $0.openText(.yaml) },
    Action(
      "events", ["v"], "events", "the events of this object", group: .look, in: [.jobs, .cronJobs, .pods, .nodes],
      hint: 45
    ) { $0.openEvents() },
    Action("node", ["o"], "node", "the node that it runs on", group: .look, in: [.pods], hint: 40) { $0.openNode() },
    Action(
      "owner", ["u"], "owner", "what it belongs to: a pod's job, a job's cron job", group: .look, in: [.pods, .jobs],
      hint: 15
    ) {
      $0.openOwner()
    },
    Action(
      "filter", ["/"], "filter", "show only rows with a text, without it (`!text`) or by label (`-l a=b`)",
      group: .look, in: .tables, hint: 70
    ) { $0.startPrompt(.filter) },
    Action("sort-left", ["<"], "sort", "sort by the column on the left", group: .look, in: .tables) {
      $0.sortNeighbour(-1)
    },
    Action("sort-right", [">"], "sort", "sort by the column on the right", group: .look, in: .tables) {
      $0.sortNeighbour(1)
    },
    Action("reverse", ["="], "reverse", "turn the order round", group: .look, in: .tables) { $0.reverseSort() },
    Action("all-namespaces", ["0"], "all namespaces", "show all namespaces", group: .look, in: .tables) {
      $0.setNamespace(nil)
      return []
    },
  ]

  static let reading: [Action] = [
    Action("search", ["/"], "search", "search in the text", group: .log, in: .pages, hint: 80) {
      $0.startPrompt(.search)
    },
    Action("next", ["n"], "next", "the next match", group: .log, in: .pages, hint: 85) { $0.searchNext(1) },
    Action("previous", ["N"], "previous", "the match before", group: .log, in: .pages) { $0.searchNext(-1) },
    Action(
      "follow", ["f"], "follow", "stay at the end as lines come; scrolling up pauses", group: .log, in: .log, hint: 90
    ) {
      $0.withLog { $0.follow() }
    },
    Action("wrap", ["w"], "wrap", "break long lines at the edge, or not", group: .log, in: .pages, hint: 70) {
      $0.toggleWrap()
    },
    Action(
      "timestamps", ["t"], "times", "show when each line was written, in local time", group: .log, in: .log, hint: 60
    ) {
      $0.withLog { $0.showsTime.toggle() }
    },
    Action("from-start", ["0"], "all", "read the log from its start", group: .log, in: .log, hint: 40) {
      $0.reopenLog()
    },
    Action(
      "copy", ["c"], "copy", "copy the text or the row's name to the terminal's clipboard", group: .log,
      in: [.pages, .jobs, .cronJobs, .pods, .events, .namespaces, .containers], hint: 30
    ) { $0.copy() },
  ]

  static let general: [Action] = [
    Action(
      "command", [":"], "command", "type a command: a view, `ns NAME`, or the name of an action", group: .general,
      in: .everywhere, hint: 64
    ) { $0.startPrompt(.command) },
    Action("help", ["?"], "help", "all keys", group: .general, in: .everywhere, hint: 100) { $0.openHelp() },
    Action("messages", ["M"], "messages", "what was said in the status line so far", group: .general, in: .pages) {
      $0.openMessages()
    },
    Action(
      "quit", ["q", "ctrl-c"], "quit", "leave; asks when that stops running jobs", group: .general, in: .everywhere,
      hint: 97
    ) { $0.askQuit() },
  ]
}
