import ArgumentParser
import Cluster
import Dashboard
import Glibc
import KubeModel
import RemoteCluster
import Terminal

struct DashboardCommand: JobdeckSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard",
    abstract: "Open the dashboard (the default).",
    discussion: """
      The cluster is kept in $XDG_STATE_HOME/jobdeck (~/.local/state/jobdeck) unless --state-dir or --in-memory says \
      otherwise. What --demo or --simulate shows is not kept unless --state-dir is given.
      """)

  @Option(
    name: [.customShort("f"), .customLong("filename")], parsing: .singleValue,
    help: ArgumentHelp("Apply this file or directory at the start. May be repeated.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var files: [String] = []

  @Flag(help: "Start with jobs to look at.")
  var demo = false

  @Option(
    help: ArgumentHelp(
      "\(Theme.builtIn.map(\.name).joined(separator: ", ")), a skin of k9s, or a file (default: $JOBDECK_THEME).",
      valueName: "name"),
    completion: .list(Theme.builtIn.map(\.name)))
  var theme: String?

  @Flag(help: "Read and write lines and draw nothing: for screen readers, terminals without a cursor, and pipes.")
  var plain = false

  @Flag(name: .customLong("read-only"), help: "Look, but change nothing.")
  var readOnly = false

  @OptionGroup(title: "Cluster") var cluster: ClusterOptions

  func validate() throws {
    if files.filter({ $0 == "-" }).count > 0 {
      throw ValidationError("the dashboard needs its standard input for keys: -f - is for 'jobdeck run'")
    }
  }

  func perform() async -> ExitStatus {
    guard plain || isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 else {
      Diagnostics.error("the dashboard needs a terminal, or --plain; 'jobdeck run' works without one")
      return .failure
    }
    var options = DashboardApp.Options()
    options.isPlain = plain
    options.dashboard.isReadOnly = readOnly
    options.dashboard.namespace = cluster.namespace
    let folder = SettingsFolder(path: SettingsFolder.usualPath)
    let reading = folder.read()
    options.folder = folder
    options.reading = reading
    options.dashboard.templates = folder.path + "/templates/"
    options.dashboard.settings = reading.settings
    options.tips = TipMemory(folder: ClusterOptions.defaultDirectory)
    options.dashboard.newTips = options.tips.new
    // A demo keeps nothing, and looks the same each time.
    if !demo {
      let memory = MemoryFile(folder: ClusterOptions.defaultDirectory)
      options.memory = memory
      options.dashboard.memory = memory.read()
    }
    // What takes a second in a simulation says nothing of how long it takes.
    options.dashboard.runScope = cluster.simulate ? "simulated" : ""
    for name in ["USER", "KUBECONFIG"] {
      options.dashboard.environment[name] = getenv(name).map { String(cString: $0) }
    }
    options.dashboard.defaultNamespace = cluster.namespace ?? "default"
    let objects: [LoadedObject]
    let finder = ThemeFinder()
    options.dashboard.skins = finder.skins
    do throws(ThemeProblem) {
      if let theme = theme ?? environmentTheme { options.dashboard.theme = try finder.theme(theme) }
    } catch {
      Diagnostics.error(error.description)
      return .usage
    }
    do throws(ManifestErrors) {
      objects = try loadObjects()
    } catch {
      for line in error.lines { Diagnostics.line(line) }
      return .failure
    }
    return await show(objects, options)
  }

  private var environmentTheme: String? {
    getenv("JOBDECK_THEME").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  private func loadObjects() throws(ManifestErrors) -> [LoadedObject] {
    let namespace = cluster.namespace ?? "default"
    var objects: [LoadedObject] = []
    if demo {
      objects = try ManifestFiles.load(
        [InputFiles.File(name: "demo", bytes: PackageResources.demo_yaml)], namespace: namespace)
    }
    return objects + (files.isEmpty ? [] : try ManifestFiles.load(files, namespace: namespace))
  }

  private func show(_ objects: [LoadedObject], _ options: DashboardApp.Options) async -> ExitStatus {
    // The demo's numbers are meant for nodes of this size, whatever the machine has.
    let usual: ClusterNodes =
      demo ? .uniform(count: 3, cpu: Quantity("4"), memory: Quantity("8Gi")) : .stored
    let (nodes, rest) = ManifestFiles.nodes(in: objects, or: cluster.chosenNodes, usually: usual)
    let wanted = cluster.embedded(keepsState: !demo && !cluster.simulate, nodes: nodes, seed: nil)
    let opened: EmbeddedCluster
    do {
      opened = try await EmbeddedCluster.open(wanted)
    } catch let error as StateDirectoryError {
      return await attach(error, objects, options)
    } catch {
      Diagnostics.error("\(error)")
      return .failure
    }
    do {
      try await Apply.all(rest, to: opened)
      let signal = try await Serving.onSocket(opened, wanted.location) {
        try await DashboardApp.run(cluster: opened, options: options)
      }
      return signal == 0 ? .success : .signal(signal)
    } catch {
      Diagnostics.error((error as? ManifestErrors)?.lines.first ?? "\(error)")
      await opened.shutDown(grace: .seconds(1))
      return .failure
    }
  }

  /// Works on the cluster of the jobdeck that holds the state directory.
  private func attach(
    _ error: StateDirectoryError, _ objects: [LoadedObject], _ options: DashboardApp.Options
  ) async -> ExitStatus {
    do {
      let attached = try await Attachment.toHolder(error, cluster)
      do {
        try await Apply.all(objects, to: attached)
        let signal = try await DashboardApp.run(cluster: attached, options: options)
        return signal == 0 ? .success : .signal(signal)
      } catch {
        await attached.shutDown(grace: .zero)
        throw error
      }
    } catch {
      Diagnostics.error((error as? ManifestErrors)?.lines.first ?? "\(error)")
      return .failure
    }
  }
}
