import KubeModel

// What must hold after every input. For tests: O(everything).
extension ControlPlane {
  /// What contradicts itself in here; empty while all is well.
  func checkInvariants() -> [String] {
    var problems = scheduler.checkInvariants()
    problems += checkPods()
    problems += checkCollectors()
    for slot in jobs.entries.indices where jobs.entries[slot].sequence != 0 { problems += checkJob(slot) }
    if !dirtyJobs.isEmpty { problems.append("jobs are left in the queue") }
    problems += checkCronJobs()
    return problems
  }

  private func checkCronJobs() -> [String] {
    var problems = dirtyCronJobs.isEmpty ? [] : ["cron jobs are left in the queue"]
    var owned: [String: Set<Int>] = [:]
    for slot in jobs.entries.indices where jobs.entries[slot].sequence != 0 {
      if let owner = jobs.entries[slot].job.metadata.controller { owned[owner.uid, default: []].insert(slot) }
    }
    var known: Set<String> = []
    for key in others.keys.sorted() {
      guard case .cronJob(let cronJob)? = others[key] else { continue }
      let uid = cronJob.metadata.uid
      known.insert(uid)
      guard let record = cronRecords[uid] else {
        problems.append("\(key) has no record")
        continue
      }
      if Set(record.jobs) != owned[uid] ?? [] || Set(record.jobs).count != record.jobs.count {
        problems.append("\(key) counts jobs \(record.jobs) as its own, by recount \((owned[uid] ?? []).sorted())")
      }
      for reference in cronJob.status.active where jobs.slot(uid: reference.uid) == nil {
        problems.append("\(key) lists \(reference.name) as active, which does not exist")
      }
      let limits = [cronJob.spec.successfulJobsHistoryLimit, cronJob.spec.failedJobsHistoryLimit]
      for (type, limit) in zip(["Complete", "Failed"], limits) {
        let finished = record.jobs.filter {
          jobs.entries[$0].job.status.conditions.isTrue(type) && jobs.entries[$0].job.metadata.finalizers.isEmpty
        }
        if let limit, finished.count > limit { problems.append("\(key) keeps \(finished.count) jobs that are \(type)") }
      }
      if let timer = record.timer, timer <= now { problems.append("\(key) waits for a timer of the past") }
    }
    if known != Set(cronRecords.keys) { problems.append("there are records of cron jobs that are gone") }
    return problems
  }

  private func checkPods() -> [String] {
    var problems: [String] = []
    var population: [String: Int] = [:]
    var assigned: [String: Set<Int>] = [:]
    for slot in pods.entries.indices where pods.entries[slot].sequence != 0 {
      let pod = pods.entries[slot].pod
      let name = "pod \(pod.metadata.namespace)/\(pod.metadata.name)"
      population[pod.metadata.namespace, default: 0] += 1
      if pods.slot(namespace: pod.metadata.namespace, name: pod.metadata.name) != slot
        || pods.slot(uid: pod.metadata.uid) != slot
      {
        problems.append("\(name) is not found by its name or UID")
      }
      problems += checkPlacement(slot, pod, name)
      if !pod.spec.nodeName.isEmpty, !pod.status.phase.isTerminal {
        assigned[pod.spec.nodeName, default: []].insert(slot)
      }
      problems += checkOwner(slot, pod, name)
      problems += checkDeletion(slot, pod, name)
      problems += checkKubelet(slot, pod, name)
    }
    for slot in jobs.entries.indices where jobs.entries[slot].sequence != 0 {
      population[jobs.entries[slot].job.metadata.namespace, default: 0] += 1
    }
    for key in others.keys where key.kind.isNamespaced { population[key.namespace, default: 0] += 1 }
    if population != namespacePopulation {
      problems.append("population of namespaces \(namespacePopulation), by recount \(population)")
    }
    if assigned != assignedPods { problems.append("pods of nodes \(assignedPods), by recount \(assigned)") }
    return problems
  }

  private func checkPlacement(_ slot: Int, _ pod: Pod, _ name: String) -> [String] {
    let state = pods.entries[slot].scheduling
    let isPlaced = !pod.spec.nodeName.isEmpty
    if (state == .assigned) != (isPlaced && !pod.status.phase.isTerminal) {
      return ["\(name) is \(state) to the scheduler, node \(pod.spec.nodeName), phase \(pod.status.phase.rawValue)"]
    }
    let isNominated = state == .waiting && scheduler.nominated.contains(slot)
    if state == .waiting, isNominated == pod.status.nominatedNodeName.isEmpty {
      return ["\(name) is nominated for \"\(pod.status.nominatedNodeName)\", the scheduler says \(isNominated)"]
    }
    // Such a pod waits for PodGC, or has been ended by it and is held back.
    let isEnded = pod.status.phase.isTerminal && pod.metadata.deletionTimestamp != nil
    if isPlaced, node(pod.spec.nodeName) == nil, podGC.missingNodes[pod.spec.nodeName] == nil, !isEnded {
      return ["\(name) is on node \(pod.spec.nodeName), which does not exist"]
    }
    return []
  }

  private func checkOwner(_ slot: Int, _ pod: Pod, _ name: String) -> [String] {
    var problems: [String] = []
    guard let job = pods.entries[slot].job else {
      if pod.metadata.controller == nil, !orphanPods.contains(slot) { problems.append("\(name) is no known orphan") }
      if pod.metadata.finalizers.contains(ControlPlane.trackingFinalizer) {
        problems.append("\(name) has a finalizer that nobody will take off")
      }
      return problems
    }
    if orphanPods.contains(slot) { problems.append("\(name) has a job and is an orphan") }
    if jobs.entries[job].sequence == 0 || pod.metadata.controller?.uid != jobs.entries[job].job.metadata.uid {
      problems.append("\(name) is in the books of a job that is not its controller")
    }
    if !jobs.entries[job].record.pods.contains(slot) { problems.append("\(name) is not in its job's books") }
    if pods.entries[slot].standing != standing(of: slot) {
      problems.append("\(name) is counted as \(pods.entries[slot].standing), is \(standing(of: slot))")
    }
    if endsForItsJob(slot), !pods.entries[slot].awaitsCounting { problems.append("\(name) will not be counted") }
    return problems
  }

  private func checkDeletion(_ slot: Int, _ pod: Pod, _ name: String) -> [String] {
    guard pod.metadata.deletionTimestamp != nil else { return [] }
    if pod.metadata.finalizers.isEmpty, pod.metadata.deletionGracePeriodSeconds == 0,
      pod.spec.nodeName.isEmpty || pod.status.phase.isTerminal
    {
      return ["\(name) should be gone"]
    }
    if !pod.hasRunningContainer, !pods.entries[slot].kubelet.isLaunching, !pod.status.phase.isTerminal,
      !pod.spec.nodeName.isEmpty, failedNodes[pod.spec.nodeName] == nil
    {
      return ["\(name) is being deleted, runs nothing and has not ended"]
    }
    return []
  }

  private func checkKubelet(_ slot: Int, _ pod: Pod, _ name: String) -> [String] {
    var problems: [String] = []
    let kubelet = pods.entries[slot].kubelet
    for record in kubelet.probes where pod.status.container(record.container).state.running == nil {
      problems.append("\(name): a \(record.kind.rawValue) probe of a container that does not run")
    }
    if kubelet.isPastDeadline, !pod.hasRunningContainer, !kubelet.isLaunching, !pod.status.phase.isTerminal {
      problems.append("\(name) has outrun its deadline, runs nothing and has not ended")
    }
    if kubelet.isPastDeadline, pod.status.phase == .succeeded { problems.append("\(name) succeeded past its deadline") }
    return problems
  }

  private func checkJob(_ slot: Int) -> [String] {
    let job = jobs.entries[slot].job
    let record = jobs.entries[slot].record
    let name = "job \(job.metadata.namespace)/\(job.metadata.name)"
    var problems: [String] = []
    var active: Set<Int> = []
    var ready = 0
    var terminating = 0
    var restarts = 0
    var holders: [Int: Int] = [:]
    for pod in record.pods {
      guard pods.entries[pod].sequence != 0, pods.entries[pod].job == slot else {
        problems.append("\(name) has slot \(pod) in its books, which is not its pod")
        continue
      }
      let standing = pods.entries[pod].standing
      if standing.state == .active { active.insert(pod) }
      if standing.state == .terminating { terminating += 1 }
      if standing.isReady { ready += 1 }
      restarts += standing.restarts
      if standing.holdsIndex, let index = pods.entries[pod].index { holders[index, default: 0] += 1 }
    }
    if active != record.active || ready != record.ready || terminating != record.terminating
      || restarts != record.restarts
    {
      problems.append(
        "\(name) counts \(record.active.count)/\(record.ready)/\(record.terminating)/\(record.restarts), by recount "
          + "\(active.count)/\(ready)/\(terminating)/\(restarts)")
    }
    problems += record.indexes.checkInvariants(holders: holders).map { "\(name): \($0)" }
    problems += checkUncounted(record, name)
    guard job.spec.managedBy == nil else { return problems }
    if job.status.isFinished {
      if !active.isEmpty || terminating > 0 { problems.append("\(name) has finished and has pods that run") }
      if !record.ended.isEmpty || !record.uncounted.isEmpty || !record.replaced.isEmpty || !record.lastFailed.isEmpty {
        problems.append("\(name) has finished and left pods uncounted")
      }
    }
    // Where syncs are put off, status and books may differ for a moment.
    if configuration.podEventDelay == .zero { problems += checkStatus(slot, name) }
    return problems
  }

  private func checkUncounted(_ record: JobRecord, _ name: String) -> [String] {
    var problems: [String] = []
    let expected = (record.uncounted + record.replaced + record.lastFailed.values).map(\.outcome)
    let succeeded = expected.count { $0 == .succeeded }
    let failed = expected.count { $0 == .failed }
    if succeeded != record.newSucceeded || failed != record.newFailed {
      problems.append(
        "\(name) expects to count \(record.newSucceeded)/\(record.newFailed), by recount \(succeeded)/\(failed)")
    }
    for (index, held) in record.lastFailed {
      guard let pod = pods.slot(held.ref), record.pods.contains(pod) else { continue }
      if !pods.entries[pod].awaitsCounting || pods.entries[pod].index != index || !record.indexes.isPending(index) {
        problems.append("\(name) holds pod \(pods.entries[pod].pod.metadata.name) without need")
      }
    }
    return problems
  }

  private func checkStatus(_ slot: Int, _ name: String) -> [String] {
    let job = jobs.entries[slot].job
    let record = jobs.entries[slot].record
    var problems: [String] = []
    let status = job.status
    if status.active != record.active.count || status.ready != record.ready
      || status.terminating != record.terminating
    {
      problems.append(
        "\(name) says \(status.active)/\(status.ready ?? -1)/\(status.terminating ?? -1), is "
          + "\(record.active.count)/\(record.ready)/\(record.terminating)")
    }
    if status.uncountedTerminatedPods != UncountedTerminatedPods() { problems.append("\(name) left pods uncounted") }
    // The controller starts and stops nothing for a job that is being deleted.
    guard job.metadata.deletionTimestamp == nil else { return problems }
    let keepsWhatRuns = job.spec.completions == nil && status.succeeded > 0
    if record.active.count > job.spec.parallelism ?? 1, !keepsWhatRuns {
      problems.append("\(name) runs \(record.active.count) pods with parallelism \(job.spec.parallelism ?? 1)")
    }
    if job.spec.suspend == true, !record.active.isEmpty { problems.append("\(name) is suspended and runs") }
    if job.spec.completionMode == .indexed {
      if status.completedIndexes != record.indexes.succeeded.description
        || status.succeeded != record.indexes.succeeded.count
      {
        problems.append(
          "\(name): \(status.succeeded) succeeded, indexes \(status.completedIndexes), by its books "
            + record.indexes.succeeded.description)
      }
      var seen: Set<Int> = []
      for pod in record.active {
        // Pods that it has adopted bring indexes of their own.
        guard let index = pods.entries[pod].index,
          pods.entries[pod].pod.metadata.generateName.hasPrefix("\(job.metadata.name)-\(index)")
        else { continue }
        if !seen.insert(index).inserted { problems.append("\(name) runs index \(index) twice") }
        // Kubernetes leaves a pod alone whose index an adopted pod has done.
        if record.indexes.succeeded.contains(index), !record.hasAdopted {
          problems.append("\(name) runs index \(index), which is done")
        }
      }
    }
    return problems
  }
}
