internal import Terminal

extension Action {
  static let moving: [Action] = [
    Action("down", ["j", "down"], "down", "one row down", group: .move, in: .everywhere) { $0.scroll(by: 1) },
    Action("up", ["k", "up"], "up", "one row up", group: .move, in: .everywhere) { $0.scroll(by: -1) },
    Action("page-down", ["pgdn", "ctrl-f"], "page down", "one page down", group: .move, in: .everywhere) {
      $0.scroll(pages: 1)
    },
    // As pagers have it; in tables it marks.
    Action("read-on", ["space"], "read on", "one page down", group: .move, in: [.pages, .why]) {
      $0.scroll(pages: 1)
    },
    Action("page-up", ["pgup", "ctrl-b"], "page up", "one page up", group: .move, in: .everywhere) {
      $0.scroll(pages: -1)
    },
    Action("top", ["g", "home"], "top", "to the first row", group: .move, in: .everywhere) { $0.toTop() },
    Action("bottom", ["G", "end"], "bottom", "to the last row; a log follows again", group: .move, in: .everywhere) {
      $0.toBottom()
    },
    Action(
      "left", ["left", "h"], "left",
      "half a screen to the left; in a timeline to earlier times; in the tree closes the row, then goes to its parent",
      group: .move, in: [.pages, .tree, .timeline]
    ) { $0.sideways(-1) },
    Action(
      "right", ["right"], "right",
      "half a screen to the right; in a timeline to later times; in the tree opens the row, then goes into it",
      group: .move, in: [.pages, .tree, .timeline]
    ) { $0.sideways(1) },
    Action(
      "open", ["enter"], "open",
      "into the row: a job's pods, a cron job's jobs, a pod's log, a node's pods, an event's object, a file's objects; "
        + "from the pulse, why it needs attention", group: .move,
      in: [.tables, .tree, .pulse, .timeline, .files], hint: 99
    ) { $0.drillIn() },
    Action(
      "back", ["esc"], "back", "back to where you came from; first clears marks and filter", group: .move,
      in: .everywhere, hint: 96
    ) { $0.back() },
  ]

  static let looking: [Action] = [
    Action(
      "logs", ["l"], "logs", "the log; of a job, the logs of all its pods; of a cron job, those of its latest job",
      group: .look, in: [.jobs, .cronJobs, .pods, .containers, .drawnObjects], hint: 92
    ) { $0.openLogs() },
    Action(
      "previous-logs", ["p"], "previous log",
      "the log of the run before a restart; where nothing was restarted, that of the pod that failed last",
      group: .look,
      in: [.pods, .containers, .jobs, .drawnObjects], hint: 20
    ) { $0.openPreviousLogs() },
    Action(
      "why", ["w"], "why", "why it is as it is: from the condition down to the exit code", group: .look,
      in: [.tables, .drawnObjects], hint: 90
    ) { $0.openWhy() },
    Action(
      "cause", ["enter"], "open", "from a reason to what it is about: the pod, its log, the node, the conditions",
      group: .look, in: .why, hint: 99
    ) { $0.openCause() },
    Action(
      "describe", ["d"], "describe", "everything about it, as kubectl describe", group: .look,
      in: [.tables, .drawnObjects], hint: 86
    ) { $0.openText(.describe) },
    Action("yaml", ["y"], "yaml", "the object as YAML", group: .look, in: [.tables, .drawnObjects], hint: 50) {
      $0.openText(.yaml)
    },
    Action(
      "events", ["v"], "events", "the events of this object", group: .look,
      in: [.jobs, .cronJobs, .pods, .nodes, .drawnObjects],
      hint: 45
    ) { $0.openEvents() },
    Action(
      "node", ["o"], "node", "the node that it runs on", group: .look, in: [.pods, .drawnObjects], hint: 40
    ) {
      $0.openNode()
    },
    Action(
      "owner", ["u"], "owner", "what it belongs to: a pod's job, a job's cron job", group: .look,
      in: [.pods, .jobs, .drawnObjects],
      hint: 15
    ) {
      $0.openOwner()
    },
    Action(
      "timeline", ["b"], "timeline",
      "bars over time: of a job's pods, a cron job's jobs, a node's pods, or of all pods",
      group: .look, in: [.tables, .drawnObjects], hint: 35
    ) { $0.openTimeline() },
    Action("zoom-in", ["+"], "zoom", "half the time on the screen", group: .look, in: .timeline, hint: 88) {
      let now = $0.now
      return $0.withTimeline { $0.zoom(1, now: now) }
    },
    Action("zoom-out", ["-"], "zoom out", "twice the time on the screen", group: .look, in: .timeline, hint: 87) {
      let now = $0.now
      return $0.withTimeline { $0.zoom(-1, now: now) }
    },
    Action("zoom-all", ["0"], "all", "everything from beginning to end", group: .look, in: .timeline, hint: 84) {
      $0.withTimeline { $0.showAll() }
    },
    Action("group", ["i"], "by node", "by node, or by index and time", group: .look, in: .timeline, hint: 83) {
      $0.withTimeline { $0.regroup() }
    },
    Action(
      "filter", ["/"], "filter",
      "show only rows with a text or a regular expression, without it (`!text`), with letters in order (`-f abc`) "
        + "or by label (`-l a=b`)",
      group: .look, in: [.tables, .tree], hint: 70
    ) { $0.startPrompt(.filter) },
    Action("sort-left", ["<"], "sort", "sort by the column on the left", group: .look, in: .tables) {
      $0.sortNeighbour(-1)
    },
    Action("sort-right", [">"], "sort", "sort by the column on the right", group: .look, in: .tables) {
      $0.sortNeighbour(1)
    },
    Action("reverse", ["="], "reverse", "turn the order round", group: .look, in: .tables) { $0.reverseSort() },
    Action(
      "all-namespaces", ["0"], "all namespaces", "show all namespaces", group: .look, in: [.tables, .tree, .pulse]
    ) {
      $0.show(namespaces: ["all"])
      return []
    },
    Action(
      "hide-completed", ["H"], "hide completed", "hide jobs and pods that have succeeded, or show them again",
      group: .look,
      in: [.tables, .tree]
    ) { $0.toggleCompleted() },
  ]

  static let reading: [Action] = [
    Action("search", ["/"], "search", "search in the text", group: .log, in: [.pages, .why], hint: 80) {
      $0.startPrompt(.search)
    },
    Action("next", ["n"], "next", "the next match", group: .log, in: [.pages, .why], hint: 85) { $0.searchNext(1) },
    Action("previous", ["N"], "previous", "the match before", group: .log, in: [.pages, .why]) { $0.searchNext(-1) },
    Action(
      "follow", ["f"], "follow", "stay at the end as lines come; scrolling up pauses", group: .log, in: .log, hint: 90
    ) {
      $0.followLog()
    },
    Action("wrap", ["w"], "wrap", "break long lines at the edge, or not", group: .log, in: .pages, hint: 70) {
      $0.toggleWrap()
    },
    Action(
      "timestamps", ["t"], "times", "when each line was written: in local time, in UTC, before now, or not at all",
      group: .log, in: .log, hint: 60
    ) { $0.setLogTimes() },
    Action(
      "lines", ["&"], "only lines", "only lines with a text, or without it (`!text`), however far back they are",
      group: .log, in: .log, hint: 65
    ) { $0.startPrompt(.lines) },
    Action(
      "json", ["J"], "JSON", "lay lines out that are JSON: time, level, message, then the rest; or as written",
      group: .log, in: .log, hint: 45
    ) { $0.toggleLogJSON() },
    Action(
      "save", ["S"], "save", "write the whole log to a file: what `&` and `s` let through, with times where they show",
      group: .log, in: .log, hint: 42
    ) { $0.askSave() },
    Action(
      "since", ["s"], "since", "only what was written in the last minute, 5, 15, the last hour; or everything",
      group: .log, in: .log, hint: 40
    ) { $0.setLogSince() },
    Action(
      "copy", ["c"], "copy",
      "copy the text or the row's name to the terminal's clipboard; of a log from the mark, the line that was found, or "
        + "the screen", group: .log,
      in: [.pages, .jobs, .cronJobs, .pods, .events, .namespaces, .containers, .drawnObjects], hint: 30
    ) { $0.copy() },
    Action(
      "copy-all", ["C"], "copy all", "copy all of a log that is in memory, up to 1 MiB", group: .log, in: .log
    ) { $0.copyAll() },
    Action(
      "mark-line", ["m"], "mark", "begin what is copied at the line that was found, or the first one on the screen",
      group: .log, in: .log, hint: 28
    ) { $0.markLog() },
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
