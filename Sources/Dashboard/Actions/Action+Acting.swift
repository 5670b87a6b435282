internal import Terminal

extension Action {
  static let acting: [Action] = [
    Action("new", ["n"], "new job", "make a job from a command line", group: .act, in: .tables, changes: true, hint: 88)
    {
      $0.openForm()
    },
    Action(
      "restart", ["r"], "run again", "run the job again under a new name, as it was specified", group: .act, in: .jobs,
      changes: true, hint: 68
    ) { $0.restart() },
    Action(
      "suspend", ["s"], "suspend", "suspend, or resume what is suspended", group: .act, in: [.jobs, .cronJobs],
      changes: true, hint: 62
    ) { $0.toggleSuspend() },
    Action("trigger", ["t"], "run now", "run the cron job now", group: .act, in: .cronJobs, changes: true, hint: 89) {
      $0.trigger()
    },
    Action(
      "edit", ["e"], "edit", "change the object in your editor ($VISUAL, $EDITOR)", group: .act,
      in: [.jobs, .cronJobs, .pods, .nodes], changes: true, hint: 55
    ) { $0.edit() },
    Action(
      "cordon", ["c"], "cordon", "place no more pods on the node, or place them again", group: .act, in: .nodes,
      changes: true, hint: 84
    ) { $0.toggleCordon() },
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
      in: [.jobs, .cronJobs, .pods, .events], dangerous: true, changes: true, hint: 98
    ) { $0.askDelete() },
    Action(
      "mark", ["space"], "mark", "mark the row; actions then go to all marked ones", group: .act, in: .tables, hint: 24
    ) {
      $0.toggleMark()
    },
    Action("mark-all", ["ctrl-a"], "mark all", "mark every row that is shown, or none", group: .act, in: .tables) {
      $0.toggleMarkAll()
    },
  ]
}
