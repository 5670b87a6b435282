import Glibc

/// What is left on a disk.
public struct DiskSpace: Hashable, Sendable {
  /// Bytes that its owner may still write; 0 where that cannot be found out.
  public private(set) var free = 0
  /// Bytes that it has in all.
  public private(set) var total = 0

  /// The space of the disk that a path, which must exist, is on.
  public init(at path: String) {
    var known = statvfs()
    guard statvfs(path, &known) == 0 else { return }
    // What servers of network file systems say can be anything.
    func bytes(_ blocks: UInt) -> Int {
      let (product, overflow) = blocks.multipliedReportingOverflow(by: known.f_frsize)
      return overflow ? .max : Int(clamping: product)
    }
    free = bytes(known.f_bavail)
    total = bytes(known.f_blocks)
  }

  /// Whether less than a twentieth is left, or less than a gigabyte of a large disk.
  public var isShort: Bool { total > 0 && free < max(total / 20, min(1 << 30, total / 4)) }
}
