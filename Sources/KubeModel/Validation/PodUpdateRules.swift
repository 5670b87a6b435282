// What of a pod may change: next to nothing (pkg/apis/core/validation, ValidatePodUpdate).

extension Pod {
  /// What is wrong with this pod as the successor of `old`: next to nothing of a pod may change.
  public func validateUpdate(from old: Pod) -> [FieldError] {
    var errors = metadata.validateUpdate(from: old.metadata)
    errors += spec.validate("spec", isPod: true)
    if spec.containers.count != old.spec.containers.count {
      errors.append(.forbidden("spec.containers", "pod updates may not add or remove containers"))
      return errors
    }
    if spec.initContainers.count != old.spec.initContainers.count {
      errors.append(.forbidden("spec.initContainers", "pod updates may not add or remove containers"))
      return errors
    }
    if let error = deadlineError(from: old) {
      errors.append(error)
      // Only a deadline that was removed lets the other checks go on.
      if spec.activeDeadlineSeconds != nil { return errors }
    }
    errors += validateGates(from: old)
    errors += validateTolerations(from: old)
    errors += validateNodeSelector(from: old)
    if expectedSpec(from: old) != spec {
      errors.append(
        .forbidden(
          "spec",
          "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
            + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
            + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"))
    }
    return errors
  }

  /// The old spec with everything from the new one that may change.
  private func expectedSpec(from old: Pod) -> PodSpec {
    var expected = old.spec
    for index in expected.containers.indices { expected.containers[index].image = spec.containers[index].image }
    for index in expected.initContainers.indices {
      expected.initContainers[index].image = spec.initContainers[index].image
    }
    expected.activeDeadlineSeconds = spec.activeDeadlineSeconds
    expected.tolerations = spec.tolerations
    expected.schedulingGates = spec.schedulingGates
    if (old.spec.terminationGracePeriodSeconds ?? 0) < 0, spec.terminationGracePeriodSeconds == 1 {
      expected.terminationGracePeriodSeconds = 1
    }
    if !old.spec.schedulingGates.isEmpty { expected.nodeSelector = spec.nodeSelector }
    return expected
  }

  /// A deadline may be set, and shortened.
  private func deadlineError(from old: Pod) -> FieldError? {
    let field = "spec.activeDeadlineSeconds"
    guard let deadline = spec.activeDeadlineSeconds else {
      return old.spec.activeDeadlineSeconds == nil
        ? nil : .invalid(field, .absent, "must not update from a positive integer to nil value")
    }
    if deadline < 0 || deadline > Int(Int32.max) {
      return .invalid(field, .int(deadline), "must be between 0 and 2147483647, inclusive")
    }
    if let previous = old.spec.activeDeadlineSeconds, deadline > previous {
      return .invalid(field, .int(deadline), "must be less than or equal to previous value")
    }
    return nil
  }

  private func validateGates(from old: Pod) -> [FieldError] {
    spec.schedulingGates.enumerated().filter { !old.spec.schedulingGates.contains($0.element) }.map { index, gate in
      .forbidden(
        "spec.schedulingGates[\(index)].name",
        "only deletion is allowed, but found new scheduling gate '\(gate.name)'")
    }
  }

  private func validateTolerations(from old: Pod) -> [FieldError] {
    let keepsAll = old.spec.tolerations.allSatisfy { toleration in
      spec.tolerations.contains { new in
        var same = new
        same.tolerationSeconds = toleration.tolerationSeconds
        return same == toleration
      }
    }
    return keepsAll
      ? []
      : [.forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")]
  }

  /// While gates hold the scheduler off, where the pod may run can be narrowed.
  private func validateNodeSelector(from old: Pod) -> [FieldError] {
    guard !old.spec.schedulingGates.isEmpty,
      old.spec.nodeSelector.entries.contains(where: { spec.nodeSelector[$0.key] != $0.value })
    else { return [] }
    return [
      .invalid(
        "spec.nodeSelector",
        .object(JSONObject(spec.nodeSelector.entries.map { .init(name: $0.key, value: .string($0.value)) })),
        "only additions to spec.nodeSelector are allowed (no mutations or deletions)")
    ]
  }
}
