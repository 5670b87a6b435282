/// Elements in order: a lookup costs O(log n), and so does a change, but for the few hundred elements that it moves.
struct OrderedPieces<Element: Comparable & Sendable>: Sendable {
  /// In order, in pieces: an element that comes or goes moves those of its piece and no others.
  private var pieces: [[Element]]

  /// Elements of a piece when it is made; it is split at twice as many.
  private static var pieceSize: Int { 512 }

  init(sorted: [Element] = []) {
    pieces = stride(from: 0, to: sorted.count, by: Self.pieceSize).map {
      Array(sorted[$0..<min($0 + Self.pieceSize, sorted.count)])
    }
  }

  var isEmpty: Bool { pieces.isEmpty }
  var first: Element? { pieces.first?.first }

  mutating func insert(_ element: Element) {
    guard !pieces.isEmpty else {
      pieces = [[element]]
      return
    }
    let place = firstPlace { $0 >= element }
    // Behind the last one is at the end of its piece.
    let piece = min(place.piece, pieces.count - 1)
    pieces[piece].insert(element, at: piece == place.piece ? place.index : pieces[piece].count)
    guard pieces[piece].count >= 2 * Self.pieceSize else { return }
    let end = Array(pieces[piece][Self.pieceSize...])
    pieces[piece].removeSubrange(Self.pieceSize...)
    pieces.insert(end, at: piece + 1)
  }

  mutating func remove(_ element: Element) {
    let place = firstPlace { $0 >= element }
    guard place.piece < pieces.count, pieces[place.piece][place.index] == element else { return }
    pieces[place.piece].remove(at: place.index)
    if pieces[place.piece].isEmpty { pieces.remove(at: place.piece) }
  }

  /// The elements in order, as far as they are asked for, from the first one of which `isAtOrBehind` says so; that must
  /// be true of all behind it.
  func elements(from isAtOrBehind: (Element) -> Bool = { _ in true }) -> some Sequence<Element> {
    sequence(state: firstPlace(where: isAtOrBehind)) { [pieces] place -> Element? in
      guard place.piece < pieces.count else { return nil }
      let element = pieces[place.piece][place.index]
      place.index += 1
      if place.index == pieces[place.piece].count { place = (place.piece + 1, 0) }
      return element
    }
  }

  /// One behind the last piece where there is none.
  private func firstPlace(where isAtOrBehind: (Element) -> Bool) -> (piece: Int, index: Int) {
    let piece = pieces.partitioningIndex { $0.last.map(isAtOrBehind) ?? true }
    guard piece < pieces.count else { return (piece, 0) }
    return (piece, pieces[piece].partitioningIndex(where: isAtOrBehind))
  }
}

extension Array {
  /// The first place from which on `isBehind` is true, by halving.
  fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
