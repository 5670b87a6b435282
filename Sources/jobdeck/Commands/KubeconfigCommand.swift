import ArgumentParser
import Glibc
import KubeModel

struct KubeconfigCommand: JobdeckSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "kubeconfig",
    abstract: "Print what kubectl needs to reach a running 'jobdeck serve --listen'.",
    discussion: """
      jobdeck kubeconfig > FILE, then kubectl --kubeconfig FILE get jobs. With --merge the context 'jobdeck' is put into \
      $KUBECONFIG (its first file; ~/.kube/config by default) and becomes the current one.
      """)

  @Option(name: .customLong("state-dir"), help: "The state directory of the cluster that is served.")
  var stateDirectory: String?

  @Flag(help: "Put it into your own kubeconfig.")
  var merge = false

  func perform() async -> ExitStatus {
    let folder = ServedFolder(path: stateDirectory ?? ClusterOptions.defaultDirectory)
    guard let access = folder.access() else {
      let option = stateDirectory.map { " --state-dir \($0)" } ?? ""
      Diagnostics.error(
        "nothing serves \(folder.path) on TCP: start 'jobdeck serve --listen 127.0.0.1:0\(option)' first")
      return .failure
    }
    guard merge else {
      let output = Output()
      output.write(Kubeconfig.made(access).yaml().utf8)
      return await output.flush() ? .success : output.closedStatus
    }
    do {
      try Kubeconfig.merge(access, into: Kubeconfig.usualFile)
      return .success
    } catch let error as InputFiles.Failure {
      Diagnostics.error(error.description)
      return .failure
    } catch {
      Diagnostics.error("\(error)")
      return .failure
    }
  }
}
