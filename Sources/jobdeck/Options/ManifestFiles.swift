import Cluster
import ControlPlane
import KubeModel

/// Why manifests cannot be used: lines that each begin with a file's name.
struct ManifestErrors: Error {
  var lines: [String]
}

/// The manifests that a command line names, read and judged.
enum ManifestFiles {
  /// What is to be said of one object, or of a file that cannot be read.
  struct Verdict {
    var file: String
    /// The object, where it is valid.
    var valid: LoadedObject?
    /// What may be wrong with it, and what is: lines that begin with the file's name.
    var warnings: [String] = []
    var error: String?
  }

  /// The objects of all files, in order, each of which the API server would accept.
  ///
  /// - Throws: every line that there is to say when one of them is not.
  static func load(_ paths: [String], namespace: String) throws(ManifestErrors) -> [LoadedObject] {
    var files: [InputFiles.File] = []
    var lines: [String] = []
    for path in paths {
      do throws(InputFiles.Failure) {
        files += try InputFiles.read(path)
      } catch {
        lines.append(error.description)
      }
    }
    guard lines.isEmpty else { throw ManifestErrors(lines: lines) }
    return try load(files, namespace: namespace)
  }

  static func load(_ files: [InputFiles.File], namespace: String) throws(ManifestErrors) -> [LoadedObject] {
    let verdicts = files.flatMap { Self.verdicts($0, namespace: namespace) }
    let errors = verdicts.compactMap(\.error)
    guard errors.isEmpty else { throw ManifestErrors(lines: errors) }
    return verdicts.compactMap(\.valid)
  }

  /// What the API server would say of every object of the files; and a warning where one of them stands there twice,
  /// with which the later would change the earlier.
  static func verdicts(_ paths: [String], namespace: String) -> [Verdict] {
    var places: [ObjectKey: String] = [:]
    return judgements(paths, namespace: namespace).map { verdict in
      guard let loaded = verdict.valid, let place = loaded.place, !loaded.object.metadata.name.isEmpty else {
        return verdict
      }
      var verdict = verdict
      if let earlier = places.updateValue(place, forKey: loaded.object.key) {
        verdict.warnings.append("\(place): warning: \(loaded.object.key) stands at \(earlier) already")
      }
      return verdict
    }
  }

  private static func judgements(_ paths: [String], namespace: String) -> [Verdict] {
    paths.flatMap { path -> [Verdict] in
      do throws(InputFiles.Failure) {
        return try InputFiles.read(path).flatMap { verdicts($0, namespace: namespace) }
      } catch {
        return [Verdict(file: path, error: error.description)]
      }
    }
  }

  private static func verdicts(_ file: InputFiles.File, namespace: String) -> [Verdict] {
    let readings = Manifest.readEach(file.bytes, file: file.name).map { reading in
      reading.map { item in
        var item = item
        if item.object.kind.isNamespaced, item.object.metadata.namespace.isEmpty {
          item.object.metadata.namespace = namespace
        }
        return item
      }
    }
    guard !readings.isEmpty else { return [Verdict(file: file.name, error: "\(file.name): no object in it")] }

    var judge = Judge(readings.compactMap { try? $0.get().object })
    return readings.map { reading in
      let item: ManifestObject
      switch reading {
      case .success(let readable): item = readable
      case .failure(let error): return Verdict(file: file.name, error: error.description)
      }
      let place = "\(file.name):\(item.line)"
      do throws(StatusError) {
        try judge.judge(item.object)
      } catch {
        return Verdict(file: file.name, error: "\(place): \(error.message)")
      }
      let loaded = LoadedObject(object: item.object, ifPresent: .merge(item.object.jsonValue), place: place)
      return Verdict(file: file.name, valid: loaded, warnings: item.warnings.map { "\(place): warning: \($0)" })
    }
  }

  /// An API server to ask: a control plane that nobody will ever let run.
  private struct Judge {
    private var core = ControlPlane(at: WallClock.now)

    /// - Parameter objects: all that will be asked about; what they need of each other is there from the start.
    init(_ objects: [KubeObject]) {
      for object in objects where object.kind.isNamespaced {
        _ = try? core.submit(.create(Apply.namespace(object.metadata.namespace)), at: core.currentTime)
      }
      for case .priorityClass(let priorityClass) in objects {
        // Refused ones are told when it is their turn.
        _ = try? core.submit(.create(.priorityClass(priorityClass)), at: core.currentTime)
      }
    }

    /// - Throws: the API server's refusal.
    mutating func judge(_ object: KubeObject) throws(StatusError) {
      do {
        _ = try core.submit(.create(object, dryRun: true), at: core.currentTime)
      } catch {
        // It exists because the judge has made it.
        guard error.reason == "AlreadyExists" else { throw error }
      }
    }
  }

  /// Takes the nodes out of the objects: a cluster is opened with them.
  ///
  /// - Parameters:
  ///   - chosen: the nodes that options ask for; then those of the files are created beside them as any object is.
  ///   - usual: the nodes where neither options nor files name any.
  static func nodes(
    in objects: [LoadedObject], or chosen: ClusterNodes?, usually usual: ClusterNodes = .stored
  ) -> (nodes: ClusterNodes, rest: [LoadedObject]) {
    if let chosen { return (chosen, objects) }
    let nodes = objects.compactMap { loaded in
      if case .node(let node) = loaded.object { node } else { nil }
    }
    guard !nodes.isEmpty else { return (usual, objects) }
    return (.manifests(nodes), objects.filter { $0.object.kind != .node })
  }
}
