// What an update of a Job may change (pkg/apis/batch/validation, pkg/registry/batch/job/strategy.go).

extension Job {
  /// What is wrong with this job as the successor of `old`: everything that is wrong with it as a new job, and every
  /// change that is not allowed.
  public func validateUpdate(from old: Job) -> [FieldError] {
    var errors = validate()
    errors += metadata.validateUpdate(from: old.metadata)
    errors += spec.validate("spec")
    errors += validateCompletionsUpdate(from: old)
    if spec.selector != old.spec.selector {
      errors.append(
        .invalid("spec.selector", spec.selector?.inGoOrder ?? .absent, "field is immutable"))
    }
    errors += validateTemplateUpdate(from: old)
    func immutable(_ name: String, _ value: JSONValue, _ isSame: Bool) {
      if !isSame { errors.append(.invalid("spec.\(name)", value, "field is immutable")) }
    }
    immutable(
      "completionMode", .text(spec.completionMode?.rawValue), spec.completionMode == old.spec.completionMode)
    immutable(
      "podFailurePolicy", spec.podFailurePolicy?.goJSON ?? .absent,
      spec.podFailurePolicy == old.spec.podFailurePolicy)
    immutable(
      "backoffLimitPerIndex", .int(spec.backoffLimitPerIndex),
      spec.backoffLimitPerIndex == old.spec.backoffLimitPerIndex)
    immutable("managedBy", .text(spec.managedBy), spec.managedBy == old.spec.managedBy)
    immutable(
      "successPolicy", spec.successPolicy?.goJSON ?? .absent, spec.successPolicy == old.spec.successPolicy)
    return errors
  }

  private func validateCompletionsUpdate(from old: Job) -> [FieldError] {
    if spec.completions == old.spec.completions { return [] }
    guard spec.completionMode == .indexed else {
      return [.invalid("spec.completions", .int(spec.completions), "field is immutable")]
    }
    // No completions at all is refused for an Indexed job anyway.
    guard let completions = spec.completions, completions != spec.parallelism else { return [] }
    return [
      .invalid("spec.completions", .int(completions), "can only be modified in tandem with spec.parallelism")
    ]
  }

  /// Whether the template's scheduling directives may change: the job has never started, or it is suspended and none
  /// of its pods is left.
  private var allowsNewSchedulingDirectives: Bool {
    guard spec.suspend == true else { return false }
    return status.startTime == nil || (status.conditions.isTrue("Suspended") && status.active == 0)
  }

  private func validateTemplateUpdate(from old: Job) -> [FieldError] {
    var expected = old.spec.template
    if old.allowsNewSchedulingDirectives {
      expected.metadata.labels = spec.template.metadata.labels
      expected.metadata.annotations = spec.template.metadata.annotations
      expected.spec.nodeSelector = spec.template.spec.nodeSelector
      expected.spec.tolerations = spec.template.spec.tolerations
      expected.spec.schedulingGates = spec.template.spec.schedulingGates
      expected.spec.affinity = Job.affinity(expected.spec.affinity, nodeAffinityOf: spec.template.spec.affinity)
      Job.copyResources(from: spec.template.spec.containers, to: &expected.spec.containers)
      Job.copyResources(from: spec.template.spec.initContainers, to: &expected.spec.initContainers)
    }
    if spec.template == expected { return [] }
    return [.invalid("spec.template", JSONValue(spec.template), "field is immutable")]
  }

  /// `affinity` with the node affinity of `new`; absent where nothing else is in it and `new` is absent.
  private static func affinity(_ affinity: JSONValue?, nodeAffinityOf new: JSONValue?) -> JSONValue? {
    var members = affinity?.object ?? JSONObject()
    members["nodeAffinity"] = new?["nodeAffinity"]
    return new == nil && members.members.isEmpty ? nil : .object(members.sorted)
  }

  private static func copyResources(from new: [Container], to old: inout [Container]) {
    for (index, container) in new.enumerated() where index < old.count && old[index].name == container.name {
      old[index].resources = container.resources
    }
  }
}
