extension RandomAccessCollection {
  /// The index of the first element for which a predicate holds, given that it then holds to the end.
  ///
  /// - Complexity: O(log of the number of elements).
  package func partitioningIndex(where holds: (Element) -> Bool) -> Index {
    var low = startIndex
    var count = self.count
    while count > 0 {
      let half = count / 2
      let middle = index(low, offsetBy: half)
      if holds(self[middle]) {
        count = half
      } else {
        low = index(after: middle)
        count -= half + 1
      }
    }
    return low
  }
}
