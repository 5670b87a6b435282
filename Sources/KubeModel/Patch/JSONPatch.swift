/// Why a patch does not apply.
public struct PatchError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Whose fault it is, which decides the answer's code.
  public enum Kind: Hashable, Sendable {
    /// The patch itself is not one: 400.
    case malformed
    /// It does not fit the document: 422.
    case doesNotApply
  }
  /// Why, for the answer's code.
  public var kind: Kind
  /// What is wrong, for people; Kubernetes keeps that of `doesNotApply` to itself.
  public var message: String
  public var description: String { message }

  /// Creates an error.
  public init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }

  /// What Kubernetes answers: it keeps the reason of a patch that does not apply to itself.
  public var statusError: StatusError {
    switch kind {
    case .malformed: .badRequest(message)
    case .doesNotApply:
      StatusError(
        code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request")
    }
  }
}

extension JSONValue {
  /// This document after `patch`, in the way that `type` says.
  public func applying(_ patch: JSONValue, type: PatchType) throws(PatchError) -> JSONValue {
    switch type {
    case .merge:
      guard case .object = patch else {
        throw PatchError(kind: .malformed, message: "Invalid JSON Patch")
      }
      return merging(patch)
    case .json: return try applying(jsonPatch: patch)
    }
  }

  /// JSON merge patch (RFC 7386): objects are merged member by member, null removes, all else replaces.
  public func merging(_ patch: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var result = object ?? JSONObject()
    for change in changes.members {
      if case .null = change.value {
        result[change.name] = nil
      } else {
        result[change.name] = (result[change.name] ?? .null).merging(change.value)
      }
    }
    return .object(result)
  }

  /// JSON patch (RFC 6902): a list of operations, all or none.
  public func applying(jsonPatch patch: JSONValue) throws(PatchError) -> JSONValue {
    guard case .array(let operations) = patch else {
      throw PatchError(
        kind: .malformed,
        message: "error decoding patch: json: cannot unmarshal \(patch.goKind) into Go value of type jsonpatch.Patch")
    }
    // Kubernetes' own bound.
    guard operations.count <= 10_000 else {
      throw PatchError(
        kind: .malformed,
        message: "The allowed maximum operations in a JSON patch is 10000, got \(operations.count)")
    }
    var result = self
    for operation in operations { try result.apply(operation) }
    return result
  }

  private mutating func apply(_ operation: JSONValue) throws(PatchError) {
    let name = operation["op"]?.string ?? ""
    guard let pointer = operation["path"]?.string else {
      throw PatchError(kind: .doesNotApply, message: "missing path in the \(name) operation")
    }
    let path = try JSONValue.tokens(pointer)
    switch name {
    case "add": try add(try JSONValue.operand(operation), at: path)
    case "replace":
      let value = try JSONValue.operand(operation)
      _ = try self.value(at: path)
      try change(path, insert: false) { $0 = value }
    case "remove": _ = try remove(at: path)
    case "test":
      let expected = operation["value"] ?? .null
      guard (try? value(at: path)) ?? .null == expected else {
        throw PatchError(kind: .doesNotApply, message: "testing value \(pointer) failed: test failed")
      }
    case "move":
      let from = try JSONValue.tokens(operation["from"]?.string ?? "")
      guard !path.starts(with: from) || path == from else {
        throw PatchError(kind: .doesNotApply, message: "cannot move a value into itself")
      }
      try add(try remove(at: from), at: path)
    case "copy": try add(try value(at: JSONValue.tokens(operation["from"]?.string ?? "")), at: path)
    default: throw PatchError(kind: .malformed, message: "Unexpected kind: \(name)")
    }
  }

  private static func operand(_ operation: JSONValue) throws(PatchError) -> JSONValue {
    guard let value = operation["value"] else {
      throw PatchError(kind: .doesNotApply, message: "missing value in the operation")
    }
    return value
  }

  private static func tokens(_ pointer: String) throws(PatchError) -> [String] {
    if pointer.isEmpty { return [] }
    guard pointer.hasPrefix("/") else {
      throw PatchError(kind: .doesNotApply, message: "unable to parse path \(goQuoted(pointer))")
    }
    return pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { token in
      token.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
        .split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
    }
  }

  private static func missing(_ path: some Sequence<String>) -> PatchError {
    PatchError(kind: .doesNotApply, message: "the path \(goQuoted("/" + path.joined(separator: "/"))) does not exist")
  }

  private static func index(_ token: String, count: Int) -> Int? {
    guard let index = Int(token), index >= 0, index < count, String(index) == token else { return nil }
    return index
  }

  private func value(at path: [String]) throws(PatchError) -> JSONValue {
    var current = self
    for token in path {
      switch current {
      case .object(let object):
        guard let next = object[token] else { throw JSONValue.missing(path) }
        current = next
      case .array(let array):
        guard let index = JSONValue.index(token, count: array.count) else { throw JSONValue.missing(path) }
        current = array[index]
      default: throw JSONValue.missing(path)
      }
    }
    return current
  }

  private mutating func add(_ value: JSONValue, at path: [String]) throws(PatchError) {
    try change(path, insert: true) { $0 = value }
  }

  private mutating func remove(at path: [String]) throws(PatchError) -> JSONValue {
    let removed = try value(at: path)
    guard let last = path.last else {
      self = .null
      return removed
    }
    try change(Array(path.dropLast()), insert: false) { parent in
      switch parent {
      case .object(var object):
        object[last] = nil
        parent = .object(object)
      case .array(var array):
        if let index = JSONValue.index(last, count: array.count) { array.remove(at: index) }
        parent = .array(array)
      default: break
      }
    }
    return removed
  }

  /// Runs `body` on the value at `path`; with `insert` a place for a new value is made there first.
  private mutating func change(
    _ path: [String], insert: Bool, _ body: (inout JSONValue) -> Void
  ) throws(PatchError) {
    guard let token = path.first else {
      body(&self)
      return
    }
    let rest = Array(path.dropFirst())
    switch self {
    case .object(var object):
      let found = object[token]
      if found == nil, !insert || !rest.isEmpty { throw JSONValue.missing(path) }
      var child = found ?? .null
      try child.change(rest, insert: insert, body)
      object[token] = child
      self = .object(object)
    case .array(var array):
      if insert, rest.isEmpty {
        guard let index = token == "-" ? array.count : JSONValue.index(token, count: array.count + 1) else {
          throw JSONValue.missing(path)
        }
        var child = JSONValue.null
        body(&child)
        array.insert(child, at: index)
      } else {
        guard let index = JSONValue.index(token, count: array.count) else { throw JSONValue.missing(path) }
        try array[index].change(rest, insert: insert, body)
      }
      self = .array(array)
    default: throw JSONValue.missing(path)
    }
  }
}
