import ArgumentParser
import Cluster
import Dashboard
import Glibc
import KubeModel
import Terminal

struct DashboardCommand: JobdeckSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard",
    abstract: "Open the dashboard (the default).",
    discussion: """
      The cluster is kept in $XDG_STATE_HOME/jobdeck (~/.local/state/jobdeck) unless --state-dir or --in-memory says
      otherwise; a --demo keeps nothing.
      """)

  @Option(
    name: [.customShort("f"), .customLong("filename")], parsing: .singleValue,
    help: ArgumentHelp("Apply this file or directory at the start. May be repeated.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var files: [String] = []

  @Flag(help: "Start with jobs to look at.")
  var demo = false

  @Option(help: "default, light, monochrome, colorblind, or a file of styles.")
  var theme: String?

  @Flag(name: .customLong("read-only"), help: "Look, but change nothing.")
  var readOnly = false

  @OptionGroup(title: "Cluster") var cluster: ClusterOptions
}
