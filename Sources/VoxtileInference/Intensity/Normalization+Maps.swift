import Voxtile

extension ScanSource {
  /// A normalization with the numbers of this image, for each channel; the image is read as often as that needs.
  func maps(for normalization: Normalization, check: () throws -> Void) throws -> [IntensityMap] {
    try statistics(for: normalization, check: check).maps()
  }

  fileprivate func statistics(
    for normalization: Normalization, check: () throws -> Void
  ) throws -> IntensityStatistics {
    var statistics = IntensityStatistics(for: normalization, channels: channels)
    while statistics.needsPass {
      try forEachSlab { slab, _ in
        try check()
        let count = slab.extent.voxelCount
        for channel in 0..<slab.channels {
          statistics.add(
            slab.voxels.span.extracting(channel * count..<(channel + 1) * count), channel: channel)
        }
      }
      statistics.endPass()
    }
    return statistics
  }
}

extension Normalization {
  /// The normalization with the numbers of an image, for each channel, for values that are mapped in `Double`.
  ///
  /// No digit of a value is lost before its statistics: a scan of `Float` or of small whole numbers is looked at as for a
  /// network, and any other one in `Double`.
  ///
  /// - Parameter check: called before each slab; what it throws ends the reading.
  /// - Throws: `VoxtileError.Code.invalidOption` where the normalization means nothing for a channel, and what reading throws.
  /// - Complexity: up to four passes over the image, a slab at a time.
  package func maps(of reader: any VolumeReader, check: () throws -> Void) throws -> [IntensityMap] {
    let info = reader.info
    if info.scaling == nil, info.scalarType.exactFloatType == .float32 {
      let statistics = try ScanSource([reader]).statistics(for: self, check: check)
      return try statistics.channels.enumerated().map { number, channel in
        try WidenedStatistics(gathered: channel).map(for: self, number)
      }
    }
    var channels = [DoubleStatistics](repeating: DoubleStatistics(for: self), count: info.channels)
    let slabs = VolumeInfo(extent: info.extent, channels: info.channels, scalarType: .float64)
      .slabs(maximumBytes: 16 << 20, splitsSlices: false)
    while channels.contains(where: \.needsPass) {
      for region in slabs {
        try check()
        let slab = try reader.readReal(region, as: Double.self, jobs: .one)
        let count = region.voxelCount
        for channel in channels.indices {
          channels[channel].add(slab.voxels.span.extracting(channel * count..<(channel + 1) * count))
        }
      }
      for channel in channels.indices { channels[channel].endPass() }
    }
    return try channels.enumerated().map { try $1.map(for: self, $0) }
  }
}
