import Cluster
import KubeModel

/// Clusters with one trouble each, whose cause neither a condition nor an exit code tells.
extension Fixture {
  static let mountMessage = #"MountVolume.SetUp failed for volume "conf" : configmap "app-conf" not found"#

  /// A pod whose volume is not there.
  static let unmounted: Fixture = {
    var cluster = Fixture()
    cluster.namespace("default")
    cluster.node("node-1", cpu: "4", memory: "8Gi")
    let job = cluster.job("import", .init(age: 65, active: 1))
    let pod = cluster.pod("aaaaa", of: job, .init(phase: .pending, age: 60, waiting: ("ContainerCreating", "")))
    cluster.event(.pod, pod.metadata, "FailedMount", mountMessage, ago: 58, warning: true, count: 5)
    return cluster
  }()

  /// A node that is to be drained, with pods of jobs that do and do not put up with it.
  static let tight: Fixture = {
    var cluster = Fixture()
    cluster.namespace("default")
    cluster.node("node-1", cpu: "4", memory: "8Gi")
    let tight = cluster.job("tight", .init(completions: 9, parallelism: 3, backoffLimit: 2, age: 60, active: 3))
    let patient = cluster.job("patient", .init(completions: 9, parallelism: 3, backoffLimit: 3, age: 60, active: 3))
    for suffix in ["aaaaa", "bbbbb", "ccccc"] {
      cluster.pod(suffix, of: tight, .init(age: 50))
      cluster.pod(suffix, of: patient, .init(age: 50))
    }
    var indexed = cluster.job("indexed", .init(completions: 2, parallelism: 2, mode: .indexed, age: 60, active: 1))
    indexed.spec.backoffLimitPerIndex = 0
    indexed.spec.maxFailedIndexes = 0
    cluster.change(.job(indexed))
    cluster.pod("ddddd", of: indexed, .init(age: 50, index: 1))
    return cluster
  }()

  /// 14:00 as cron job controllers name it.
  static let minute = now.seconds / 60 - 3

  /// A cron job with the policy Forbid; it is 14:03:07, and the run of 14:00 still goes on.
  static let forbidden: Fixture = {
    var fixture = Fixture()
    fixture.namespace("default")
    let cron = fixture.cronJob("fb", "* * * * *", last: 187)
    let job = fixture.job("fb-\(minute)", .init(age: 187, active: 1, owner: ("CronJob", "fb", cron.metadata.uid)))
    fixture.pod("aaaaa", of: job, .init(age: 186))
    var reference = ObjectReference()
    (reference.kind, reference.name, reference.uid) = ("Job", job.metadata.name, job.metadata.uid)
    var changed = cron
    changed.status.active = [reference]
    fixture.change(.cronJob(changed))
    // The controller says so each time it looks.
    fixture.event(
      .cronJob, cron.metadata, "JobAlreadyActive",
      "Not starting job because prior execution is running and concurrency policy is Forbid", ago: 127, count: 9)
    return fixture
  }()
}
