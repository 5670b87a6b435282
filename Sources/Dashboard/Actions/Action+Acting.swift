internal import Terminal

extension Action {
  static let acting: [Action] = [
    Action(
      "new", ["n"], "new job", "make a job from a command line", group: .act, in: [.tables, .tree, .pulse],
      changes: true, hint: 88
    ) { $0.openForm() },
    Action(
      "apply-file", ["a"], "apply", "make what the file says, or change what is there already; asks first", group: .act,
      in: .files, dangerous: true, changes: true, hint: 90
    ) { $0.chooseFile(changes: true) },
    Action(
      "edit-file", ["e"], "edit a copy", "open a copy in your editor, which is made when you changed it", group: .act,
      in: .files, changes: true, hint: 88
    ) { $0.editFile() },
    Action("parent", ["left", "backspace"], "up", "to the directory above", group: .move, in: .files, hint: 60) {
      $0.parentDirectory()
    },
    Action(
      "restart", ["r"], "run again", "run the job again under a new name, as it was specified", group: .act,
      in: [.jobs, .tree, .pulse, .why], changes: true, hint: 68
    ) { $0.restart() },
    Action(
      "run-edited", ["a"], "run edited", "run the job again with changes: a copy opens in your editor", group: .act,
      in: [.jobs, .tree, .pulse, .why], changes: true, hint: 12
    ) { $0.restartEdited() },
    Action(
      "run-failed", ["f"], "failed indexes",
      "run the failed indexes of an Indexed job again, each as a job with JOB_COMPLETION_INDEX set", group: .act,
      in: [.jobs, .tree, .pulse, .why], changes: true, hint: 69
    ) { $0.restartFailedIndexes() },
    Action(
      "suspend", ["s"], "suspend", "suspend, or resume what is suspended", group: .act,
      in: [.jobs, .cronJobs, .tree, .pulse, .why],
      changes: true, hint: 62, typed: { $0.toggleSuspend(to: true) }
    ) { $0.toggleSuspend() },
    Action(
      "resume", [], "resume", "resume what is suspended", group: .act, in: [.jobs, .cronJobs, .tree, .pulse, .why],
      changes: true
    ) { $0.toggleSuspend(to: false) },
    Action(
      "trigger", ["t"], "run now", "run the cron job now", group: .act, in: [.cronJobs, .tree, .pulse, .why],
      changes: true,
      hint: 89
    ) {
      $0.trigger()
    },
    Action(
      "edit", ["e"], "edit", "change the object in your editor ($VISUAL, $EDITOR)", group: .act,
      in: [.jobs, .cronJobs, .pods, .nodes, .tree, .pulse, .why], changes: true, hint: 55
    ) { $0.edit() },
    Action(
      "cordon", ["c"], "cordon", "place no more pods on the node, or place them again", group: .act, in: .nodes,
      changes: true, hint: 84, typed: { $0.toggleCordon(to: true) }
    ) { $0.toggleCordon() },
    Action("uncordon", [], "uncordon", "place pods on the node again", group: .act, in: .nodes, changes: true) {
      $0.toggleCordon(to: false)
    },
    Action(
      "drain", ["r"], "drain", "cordon the node and evict its pods; Esc stops", group: .act, in: .nodes,
      dangerous: true, changes: true, hint: 83
    ) { $0.askDrain() },
    Action(
      "fail", ["f"], "fail", "take the node down: what runs there is killed", group: .act, in: .nodes, dangerous: true,
      changes: true, hint: 82, when: { $0.isLocal }
    ) { $0.askNodes(fail: true) },
    Action(
      "recover", ["x"], "recover", "bring a failed node back", group: .act, in: .nodes, dangerous: true, changes: true,
      hint: 91, when: { $0.isLocal }
    ) { $0.askNodes(fail: false) },
    Action(
      "delete", ["ctrl-d"], "delete", "delete; names first what goes", group: .act,
      in: [.jobs, .cronJobs, .pods, .events, .tree, .pulse, .why], dangerous: true, changes: true, hint: 98
    ) { $0.askDelete() },
    Action(
      "undo", ["z"], "undo", "set back the last suspend, resume, cordon or uncordon", group: .act,
      in: [.tables, .drawnObjects], changes: true
    ) { $0.undo() },
    Action(
      "repeat", ["."], "repeat", "do the last action again, here", group: .act, in: [.tables, .drawnObjects]
    ) { $0.repeatAction() },
    Action(
      "mark", ["space"], "mark", "mark the row; actions then go to all marked ones", group: .act, in: .tables, hint: 24
    ) {
      $0.toggleMark()
    },
    Action("toggle", ["space"], "open/close", "open or close what is below the row", group: .move, in: .tree, hint: 94)
    {
      $0.toggleNode()
    },
    Action("mark-range", ["m"], "mark range", "mark from the last marked row to this one", group: .act, in: .tables) {
      $0.markRange()
    },
    Action("mark-all", ["ctrl-a"], "mark all", "mark every row that is shown, or none", group: .act, in: .tables) {
      $0.toggleMarkAll()
    },
  ]
}
