import KubeModel

/// The shell that a container's image would have as `/bin/sh`, where this machine has one like it.
///
/// Images are not run, but their scripts are: what is written for the shell of busybox (`[[ -r file ]]`) is an error, or
/// worse another program, for the dash that is `/bin/sh` on Debian.
enum ShellOfImage {
  /// Shells that know what busybox's does, the nearest first.
  private static let alternatives = [(program: "busybox", arguments: ["sh"]), (program: "bash", arguments: [])]

  /// The command with the image's shell in the place of the machine's; as it is where it runs no shell, where the
  /// image's is no other than the machine's, or where there is none like it on `path`.
  static func command(_ command: [String], image: String, path: String) -> [String] {
    guard let program = command.first, program == "sh" || program == "/bin/sh",
      ImageShell(image: image)?.isBusybox == true
    else { return command }
    for shell in alternatives {
      if let place = SearchPath.find(shell.program, in: path) {
        return [place] + shell.arguments + command.dropFirst()
      }
    }
    return command
  }
}
