import Voxtile

/// The jumps of an image of which it is not known yet whether its values are labels.
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

  /// The mean jumps: for labels, how many of all neighbours are different.
  func means(areLabels: Bool) -> PerAxis<[Double]> {
    areLabels ? labels?.means ?? intensities.means : intensities.means
  }
}
