internal import KubeModel
internal import Terminal

/// Objects as text for the editor, and back.
enum ObjectText {
  /// What the lines begin with that say what was wrong with the last try.
  static let errorMark = "# error: "

  /// The object as YAML; for editing without its status, which an edit does not change.
  static func yaml(_ object: KubeObject, forEditing: Bool) -> String {
    var object = object
    object.metadata.managedFields = nil
    guard forEditing else { return object.yaml() }
    var json = object.jsonValue
    if case .object(var members) = json {
      members["status"] = nil
      json = .object(members)
    }
    return """
      # Change what you like, save and leave the editor. To give up, leave the text as it is.
      # What Kubernetes does not let you change is refused with the reason.

      """ + json.yaml()
  }

  /// Reads the objects of a manifest; those without a namespace get `namespace`.
  static func parse(
    _ text: String, namespace: String, file: String = "manifest"
  ) throws(StatusError) -> [KubeObject] {
    do throws(ManifestError) {
      return try Manifest.read(Array(text.utf8), file: file).map { manifest in
        var object = manifest.object
        if object.kind.isNamespaced, object.metadata.namespace.isEmpty { object.metadata.namespace = namespace }
        return object
      }
    } catch {
      throw .badRequest(error.description)
    }
  }

  /// The text without the comments at its top.
  static func withoutHead(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(headLines(of: text)).joined(separator: "\n")
  }

  /// Lines of comments at the top.
  static func headLines(of text: String) -> Int {
    text.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("#") || $0.isEmpty }.count
  }

  /// What is wrong with a text as one that begins so many lines further down would have it; the same error where no line
  /// is to blame.
  static func error(_ error: StatusError, in text: String, below lines: Int, namespace: String) -> StatusError {
    let moved = String(repeating: "\n", count: lines) + withoutHead(text)
    do throws(StatusError) {
      _ = try parse(moved, namespace: namespace)
      return error
    } catch {
      return error
    }
  }

  /// The text with what was wrong with it as comments at its top.
  static func withError(_ error: StatusError, above text: String) -> String {
    // One mistake may break two rules that say the same of it.
    var told: Set<String> = []
    let causes = error.causes.map(\.description).filter { told.insert($0).inserted }
    let lines = causes.isEmpty ? [error.message] : causes
    let head = lines.flatMap { TextWidth.wrap($0, columns: 100) }.map { "\(errorMark)\($0)\n" }.joined()
    return head + "# To give up, leave the text as it is, or empty it.\n\n" + withoutHead(text)
  }
}

extension Store {
  /// An item as kubectl describes it, with what it leaves out of a job.
  func description(of item: Item, _ context: RowContext) -> [String] {
    let now = context.now
    var events = eventItems(of: item.uid).map(\.event)
    let text: String
    switch item {
    case let job as JobItem: text = Describe.job(job.job, events: events, now: now, details: true)
    case let cronJob as CronJobItem: text = Describe.cronJob(cronJob.cronJob, events: events, now: now, details: true)
    case let row as ContainerItem: text = Describe.pod(row.pod.pod, events: events, now: now, details: true)
    case let pod as PodItem: text = Describe.pod(pod.pod, events: events, now: now, details: true)
    case let node as NodeItem:
      // Those who report about nodes know them by name.
      if events.isEmpty { events = eventItems(of: node.name).map(\.event) }
      let pods = podItems(onNode: node.name).filter(\.isActive).map(\.pod).sorted {
        ($0.metadata.namespace, $0.metadata.name) < ($1.metadata.namespace, $1.metadata.name)
      }
      text = Describe.node(node.node, pods: pods, events: events, now: now)
    case let event as EventItem: text = Describe.event(event.event, now: now)
    case let namespace as NamespaceItem: text = Describe.namespace(namespace.namespaceObject)
    default: text = ""
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    if let job = item as? JobItem { addEstimate(of: job, to: &lines, context) }
    return lines
  }

  /// What is usual and what is left, below how many pods there are.
  private func addEstimate(of job: JobItem, to lines: inout [String], _ context: RowContext) {
    let field = "Pods Statuses:"
    guard let place = lines.firstIndex(where: { $0.hasPrefix(field) }) else { return }
    let width = field.utf8.count + lines[place].dropFirst(field.utf8.count).prefix { $0 == " " }.utf8.count
    let added = Pace(job, context).lines.enumerated().map { index, line in
      TextWidth.fit(index == 0 ? "Estimate:" : "", to: width) + line
    }
    lines.insert(contentsOf: added, at: place + 1)
  }
}
