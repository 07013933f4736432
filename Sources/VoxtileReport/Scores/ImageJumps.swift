import Voxtile

/// The jumps of an image whose values may turn out to be labels or intensities.
struct ImageJumps {
  private var intensities: NeighborJumps
  private var labels: NeighborJumps?

  init(over extent: Extent) {
    intensities = NeighborJumps(over: extent, isLabelMap: false)
    labels = NeighborJumps(over: extent, isLabelMap: true)
  }

  /// Adds the next box.
  mutating func add(_ values: [Double], from offset: Int, at region: Region, mayBeLabels: Bool) {
    intensities.add(values, from: offset, at: region)
    if mayBeLabels { labels?.add(values, from: offset, at: region) } else { labels = nil }
  }

  /// The mean jumps; for labels, the fraction of neighbors that differ.
  func means(areLabels: Bool) -> PerAxis<[Double]> {
    areLabels ? labels?.means ?? intensities.means : intensities.means
  }
}
