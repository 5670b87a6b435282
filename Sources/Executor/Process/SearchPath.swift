import Glibc

/// Directories in which programs are looked for, as in `PATH`: separated by colons.
enum SearchPath {
  /// The path of the first executable file of that name; `nil` where there is none. Empty directories do not count.
  static func find(_ program: String, in path: String) -> String? {
    path.split(separator: ":").lazy.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }
}
