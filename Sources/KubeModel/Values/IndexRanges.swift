/// A set of completion indexes, kept as sorted ranges: 100,000 indexes that follow each other are one range.
///
/// Its text is Kubernetes': ascending, comma separated, runs of three or more joined by a dash (`0,1,3-6`).
public struct IndexRanges: Hashable, Sendable {
  /// Ascending; between two neighbours at least one index is missing.
  public private(set) var ranges: [ClosedRange<Int>] = []
  /// How many indexes are in the set. O(1).
  public private(set) var count = 0

  /// The empty set.
  public init() {}

  /// The set of the given indexes; cheapest in ascending order.
  public init(_ indexes: some Sequence<Int>) {
    for index in indexes { insert(index) }
  }

  /// Whether there is no index in the set.
  public var isEmpty: Bool { ranges.isEmpty }
  /// The lowest index; `nil` for the empty set.
  public var first: Int? { ranges.first?.lowerBound }
  /// The highest index; `nil` for the empty set.
  public var last: Int? { ranges.last?.upperBound }

  /// The position of the first range that ends at or after `index`.
  private func position(of index: Int) -> Int {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < index { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// O(log of the number of ranges).
  public func contains(_ index: Int) -> Bool {
    let position = position(of: index)
    return position < ranges.count && ranges[position].lowerBound <= index
  }

  /// Adds `index`; says whether it was missing. O(number of ranges) at worst, O(log) when a range grows.
  @discardableResult
  public mutating func insert(_ index: Int) -> Bool {
    let position = position(of: index)
    if position < ranges.count, ranges[position].lowerBound <= index { return false }
    let joinsLeft = position > 0 && ranges[position - 1].upperBound == index - 1
    let joinsRight = position < ranges.count && ranges[position].lowerBound == index + 1
    switch (joinsLeft, joinsRight) {
    case (true, true):
      ranges[position - 1] = ranges[position - 1].lowerBound...ranges[position].upperBound
      ranges.remove(at: position)
    case (true, false): ranges[position - 1] = ranges[position - 1].lowerBound...index
    case (false, true): ranges[position] = index...ranges[position].upperBound
    case (false, false): ranges.insert(index...index, at: position)
    }
    count += 1
    return true
  }

  /// Takes `index` out; says whether it was there.
  @discardableResult
  public mutating func remove(_ index: Int) -> Bool {
    let position = position(of: index)
    guard position < ranges.count, ranges[position].lowerBound <= index else { return false }
    let range = ranges[position]
    count -= 1
    if range.lowerBound == index, range.upperBound == index {
      ranges.remove(at: position)
    } else if range.lowerBound == index {
      ranges[position] = index + 1...range.upperBound
    } else if range.upperBound == index {
      ranges[position] = range.lowerBound...index - 1
    } else {
      ranges[position] = index + 1...range.upperBound
      ranges.insert(range.lowerBound...index - 1, at: position)
    }
    return true
  }

  /// The smallest index at or after `start` that is not in the set. O(log of the number of ranges).
  public func lowestMissing(from start: Int = 0) -> Int {
    let position = position(of: start)
    guard position < ranges.count, ranges[position].lowerBound <= start else { return start }
    return ranges[position].upperBound + 1
  }

  /// Whether every index of `other` is in this set. O(number of ranges of both).
  public func isSuperset(of other: IndexRanges) -> Bool {
    other.ranges.allSatisfy { range in
      let position = position(of: range.lowerBound)
      return position < ranges.count && ranges[position].lowerBound <= range.lowerBound
        && ranges[position].upperBound >= range.upperBound
    }
  }

  /// How many indexes are in both sets. O(number of ranges of both).
  public func countInCommon(with other: IndexRanges) -> Int {
    var total = 0
    var left = 0
    var right = 0
    while left < ranges.count, right < other.ranges.count {
      let low = Swift.max(ranges[left].lowerBound, other.ranges[right].lowerBound)
      let high = Swift.min(ranges[left].upperBound, other.ranges[right].upperBound)
      if low <= high { total += high - low + 1 }
      if ranges[left].upperBound < other.ranges[right].upperBound { left += 1 } else { right += 1 }
    }
    return total
  }
}

extension IndexRanges: Sequence {
  /// Every index, ascending.
  public func makeIterator() -> AnyIterator<Int> {
    AnyIterator(ranges.lazy.flatMap { $0 }.makeIterator())
  }
}

extension IndexRanges: CustomStringConvertible {
  public var description: String {
    ranges.map { range in
      switch range.count {
      case 1: "\(range.lowerBound)"
      case 2: "\(range.lowerBound),\(range.upperBound)"
      default: "\(range.lowerBound)-\(range.upperBound)"
      }
    }.joined(separator: ",")
  }

  /// Why a list of indexes cannot be read, in Kubernetes' words.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, `too large index: "7"` for instance.
    public var message: String
    public var description: String { message }
  }

  /// Reads a list; every index must be below `completions`.
  public init(parsing text: String, completions: Int) throws(ParseError) {
    guard !text.isEmpty else { return }
    for interval in text.split(separator: ",", omittingEmptySubsequences: false) {
      let limits = interval.split(separator: "-", omittingEmptySubsequences: false)
      guard limits.count <= 2 else {
        throw ParseError(
          message: "the fragment \(goQuoted(String(interval))) violates the requirement that an index interval can "
            + "have at most two parts separated by '-'")
      }
      let first = try IndexRanges.index(limits[0], completions)
      let end = limits.count == 2 ? try IndexRanges.index(limits[1], completions) : first
      if limits.count == 2, first >= end {
        throw ParseError(message: "non-increasing order, previous: \(first), current: \(end)")
      }
      if let last, last >= first {
        throw ParseError(message: "non-increasing order, previous: \(last), current: \(first)")
      }
      if let previous = ranges.last, previous.upperBound + 1 == first {
        ranges[ranges.count - 1] = previous.lowerBound...end
      } else {
        ranges.append(first...end)
      }
      count += end - first + 1
    }
  }

  private static func index(_ text: Substring, _ completions: Int) throws(ParseError) -> Int {
    guard let value = Int(text) else {
      throw ParseError(message: "cannot convert string to integer for index: \(goQuoted(String(text)))")
    }
    guard value < completions else {
      throw ParseError(message: "too large index: \(goQuoted(String(text)))")
    }
    return value
  }
}
