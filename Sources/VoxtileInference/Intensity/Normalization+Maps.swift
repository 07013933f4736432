import Voxtile

extension ScanSource {
  /// A normalization with the numbers of this image, for each channel; the image is read as often as that needs.
  func maps(for normalization: Normalization, check: () throws -> Void) throws -> [IntensityMap] {
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
    return try statistics.maps()
  }
}

extension Normalization {
  /// The normalization with the numbers of an image, for each channel.
  ///
  /// - Parameter check: called before each slab; what it throws ends the reading.
  /// - Throws: `VoxtileError.Code.invalidOption` where the normalization means nothing for a channel, and what reading throws.
  /// - Complexity: up to two passes over the image, a slab at a time.
  package func maps(of reader: any VolumeReader, check: () throws -> Void) throws -> [IntensityMap] {
    try ScanSource([reader]).maps(for: self, check: check)
  }
}
