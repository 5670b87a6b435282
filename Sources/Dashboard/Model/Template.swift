internal import KubeModel

/// Something to begin a new job with.
struct Template: Hashable, Sendable {
  let name: String
  /// What it is good for.
  let help: String
  /// What stands in the job's spec above the pods.
  private let spec: String
  private let command: String
  private let schedule: String?

  private init(_ name: String, _ help: String, command: String, schedule: String? = nil, spec: String) {
    self.name = name
    self.help = help
    self.spec = spec
    self.command = command
    self.schedule = schedule
  }

  /// What the editor says above a new job.
  static let head =
    "# Save and leave the editor to start the job. To give up, leave the text as it is, or empty it.\n\n"

  static let all = [
    Template("one-off", "run a command once, up to six retries", command: "echo hello", spec: "backoffLimit: 6"),
    Template(
      "parallel", "the same work many times, several at once", command: "echo hello from $HOSTNAME",
      spec: "completions: 10\nparallelism: 3"),
    Template(
      "indexed", "work cut into numbered parts, each told its index", command: "echo part $JOB_COMPLETION_INDEX of 10",
      spec:
        "completionMode: Indexed\ncompletions: 10\nparallelism: 3\n# Each index has retries of its own.\nbackoffLimitPerIndex: 2"
    ),
    Template(
      "with-retries", "some exit codes are worth another try, and some are not", command: "exit 3",
      spec: """
        backoffLimit: 4
        podFailurePolicy:
          rules:
            # 42 says that another try would end the same way.
            - action: FailJob
              onExitCodes: {operator: In, values: [42]}
            # A pod that was evicted counts for nothing.
            - action: Ignore
              onPodConditions: [{type: DisruptionTarget}]
        """),
    Template(
      "with-deadline", "ended after a while, and deleted when it has been read", command: "sleep 300",
      spec: "# Seconds.\nactiveDeadlineSeconds: 600\nttlSecondsAfterFinished: 3600\nbackoffLimit: 0"),
    Template(
      "cron-job", "run at certain times", command: "date", schedule: "*/5 * * * *", spec: "backoffLimit: 2"),
  ]

  /// The object as YAML, in a namespace.
  func text(_ namespace: String) -> String {
    let job = """
      \(spec)
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: main
              image: local
              command: ["sh", "-c", "\(command)"]
              # resources:
              #   requests: {cpu: 500m, memory: 64Mi}

      """
    let name = "metadata:\n  name: my-job\n  namespace: \(namespace)\nspec:\n"
    guard let schedule else { return "apiVersion: batch/v1\nkind: Job\n" + name + indented(job, by: 2) }
    let times = """
      # Minute, hour, day of the month, month, day of the week.
      schedule: "\(schedule)"
      # timeZone: Europe/Berlin
      # Allow, Forbid or Replace a run that has not ended.
      concurrencyPolicy: Forbid
      jobTemplate:
        spec:

      """
    return "apiVersion: batch/v1\nkind: CronJob\n" + name + indented(times, by: 2) + indented(job, by: 6)
  }

  private func indented(_ text: String, by columns: Int) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: true)
      .map { String(repeating: " ", count: columns) + $0 + "\n" }.joined()
  }

  /// What the editor starts with: a job that there is, or one to begin with.
  static func text(for object: KubeObject?, _ namespace: String) -> String {
    guard let object else { return head + all[0].text(namespace) }
    guard case .object(var members) = object.jsonValue else { return head }
    members["status"] = nil
    return head + JSONValue.object(members).yaml()
  }
}
