extension AxisTiling {
  /// The overlap nearest to this one with which patches of this length fit the axis exactly, so that even
  /// ``EdgePolicy/discard`` loses nothing; the larger one of two equally near.
  ///
  /// - Returns: an overlap in voxels, or `nil` where the patch is longer than the axis.
  /// - Complexity: O(patch).
  public var nearestLosslessOverlap: Int? {
    guard length >= patch else { return nil }
    let fitting = (0..<patch).filter { (length - patch) % (patch - $0) == 0 }
    return fitting.min { a, b in
      (abs(a - overlap), -a) < (abs(b - overlap), -b)
    }
  }
}
