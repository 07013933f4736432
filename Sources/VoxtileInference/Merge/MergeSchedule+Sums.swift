import Voxtile

/// What the sums of predictions take in memory, in 32-bit floats.
extension MergeSchedule {
  /// Bytes of the sums of one row of the grid, for a number of planes.
  func rowBytes(planes: Int) -> Int { deepestLayer * planes * tallestRow * grid.extent.width * 4 }

  /// Bytes of what one layer hands on.
  func carryBytes(planes: Int) -> Int {
    mostCarriedSlices * planes * grid.extent.height * grid.extent.width * 4
  }
}
