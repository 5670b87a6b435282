// Kubernetes' rules for metadata (apimachinery, api/validation).

/// How the objects of a kind may be named.
enum NameStyle {
  case subdomain, label

  func complaints(_ name: String) -> [String] {
    switch self {
    case .subdomain: NameRules.dnsSubdomain(name)
    case .label: NameRules.dnsLabel(name)
    }
  }
}

extension ObjectMeta {
  func validate(_ path: String = "metadata", namespaced: Bool, style: NameStyle = .subdomain) -> [FieldError] {
    var errors: [FieldError] = []
    if !generateName.isEmpty {
      // The suffix to come ends the name, so a prefix may end in a dash.
      let base = generateName.hasSuffix("-") ? generateName.dropLast() + "a" : generateName
      errors += style.complaints(base).map { .invalid("\(path).generateName", .string(generateName), $0) }
    }
    if name.isEmpty {
      errors.append(.required("\(path).name", "name or generateName is required"))
    } else {
      errors += style.complaints(name).map { .invalid("\(path).name", .string(name), $0) }
    }
    if namespaced {
      if namespace.isEmpty {
        errors.append(.required("\(path).namespace"))
      } else {
        errors += NameRules.dnsLabel(namespace).map { .invalid("\(path).namespace", .string(namespace), $0) }
      }
    } else if !namespace.isEmpty {
      errors.append(.forbidden("\(path).namespace", "not allowed on this type"))
    }
    errors += FieldError.nonnegative("\(path).generation", generation)
    errors += validateLabels(labels, "\(path).labels")
    errors += validateAnnotations(annotations, "\(path).annotations")
    errors += validateOwners("\(path).ownerReferences")
    errors += validateFinalizers("\(path).finalizers")
    return errors
  }

  private func validateOwners(_ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    var controllers: [OwnerReference] = []
    for owner in ownerReferences {
      if owner.apiVersion.isEmpty {
        errors.append(.invalid("\(path).apiVersion", .string(""), "version must not be empty"))
      }
      if owner.kind.isEmpty { errors.append(.invalid("\(path).kind", .string(""), "must not be empty")) }
      if owner.name.isEmpty { errors.append(.invalid("\(path).name", .string(""), "must not be empty")) }
      if owner.uid.isEmpty { errors.append(.invalid("\(path).uid", .string(""), "must not be empty")) }
      if owner.apiVersion == "v1", owner.kind == "Event" {
        errors.append(
          .invalid(path, owner.inGoOrder, "/v1, Kind=Event is disallowed from being an owner"))
      }
      if owner.controller == true { controllers.append(owner) }
    }
    if controllers.count > 1 {
      errors.append(
        .invalid(
          path, .array(ownerReferences.map(\.inGoOrder)),
          "Only one reference can have Controller set to true. Found \"true\" in references for "
            + "\(controllers[0].kind)/\(controllers[0].name) and \(controllers[1].kind)/\(controllers[1].name)"))
    }
    return errors
  }

  private func validateFinalizers(_ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    for finalizer in finalizers {
      errors += NameRules.qualifiedName(finalizer).map { .invalid(path, .string(finalizer), $0) }
    }
    if finalizers.contains("orphan"), finalizers.contains("foregroundDeletion") {
      errors.append(
        .invalid(
          path, .array(finalizers.map { .string($0) }), "finalizer orphan and foregroundDeletion cannot be both set"))
    }
    for (index, finalizer) in finalizers.enumerated()
    where !finalizer.contains("/") && !["orphan", "foregroundDeletion", "kubernetes"].contains(finalizer) {
      errors.append(
        .invalid(
          "\(path)[\(index)]", .string(finalizer),
          "name is neither a standard finalizer name nor is it fully qualified"))
    }
    return errors
  }

  /// What an update may not change. `self` is the new metadata.
  func validateUpdate(from old: ObjectMeta, _ path: String = "metadata") -> [FieldError] {
    var errors: [FieldError] = []
    if old.deletionTimestamp != nil {
      let added = finalizers.filter { !old.finalizers.contains($0) }.sorted()
      if !added.isEmpty {
        errors.append(
          .forbidden(
            "\(path).finalizers",
            "no new finalizers can be added if the object is being deleted, found new finalizers "
              + "[]string{\(added.map(goQuoted).joined(separator: ", "))}"))
      }
    }
    func immutable(_ name: String, _ new: JSONValue, _ isSame: Bool) {
      if !isSame { errors.append(.invalid("\(path).\(name)", new, "field is immutable")) }
    }
    immutable("name", .string(name), name == old.name)
    immutable("namespace", .string(namespace), namespace == old.namespace)
    immutable("uid", .string(uid), uid == old.uid)
    immutable(
      "creationTimestamp", .text(creationTimestamp?.description),
      creationTimestamp?.seconds == old.creationTimestamp?.seconds)
    immutable(
      "deletionTimestamp", .text(deletionTimestamp?.description),
      deletionTimestamp?.seconds == old.deletionTimestamp?.seconds)
    immutable(
      "deletionGracePeriodSeconds", .int(deletionGracePeriodSeconds),
      deletionGracePeriodSeconds == old.deletionGracePeriodSeconds)
    if generation < old.generation {
      errors.append(.invalid("\(path).generation", .int(generation), "must not be decremented"))
    }
    errors += validateLabels(labels, "\(path).labels")
    errors += validateAnnotations(annotations, "\(path).annotations")
    errors += validateOwners("\(path).ownerReferences")
    errors += validateFinalizers("\(path).finalizers")
    return errors
  }
}

func validateLabels(_ labels: StringMap, _ path: String) -> [FieldError] {
  var errors: [FieldError] = []
  for entry in labels.entries {
    errors += NameRules.qualifiedName(entry.key).map { .invalid(path, .string(entry.key), $0) }
    errors += NameRules.labelValue(entry.value).map { .invalid(path, .string(entry.value), $0) }
  }
  return errors
}

func validateAnnotations(_ annotations: StringMap, _ path: String) -> [FieldError] {
  var errors: [FieldError] = []
  var size = 0
  for entry in annotations.entries {
    errors += NameRules.qualifiedName(entry.key.lowercased()).map { .invalid(path, .string(entry.key), $0) }
    size += entry.key.utf8.count + entry.value.utf8.count
  }
  if size > 262_144 { errors.append(.tooLong(path, maximum: 262_144)) }
  return errors
}

extension LabelSelector {
  func validate(_ path: String) -> [FieldError] {
    var errors = validateLabels(matchLabels, "\(path).matchLabels")
    for (index, requirement) in matchExpressions.enumerated() {
      let path = "\(path).matchExpressions[\(index)]"
      switch requirement.operator {
      case "In", "NotIn":
        if requirement.values.isEmpty {
          errors.append(.required("\(path).values", "must be specified when `operator` is 'In' or 'NotIn'"))
        }
      case "Exists", "DoesNotExist":
        if !requirement.values.isEmpty {
          errors.append(
            .forbidden("\(path).values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
        }
      default:
        errors.append(
          .invalid("\(path).operator", .string(requirement.operator), "not a valid selector operator"))
      }
      errors += NameRules.qualifiedName(requirement.key).map { .invalid("\(path).key", .string(requirement.key), $0) }
      for (position, value) in requirement.values.enumerated() {
        errors += NameRules.labelValue(value).map { .invalid("\(path).values[\(position)]", .string(value), $0) }
      }
    }
    return errors
  }
}
