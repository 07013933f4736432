import Voxtile

/// The box of a scan that is resampled, all channels, as real values.
struct PreparedScan: FileBackedReader {
  let info: VolumeInfo
  private let source: ScanSource
  /// The normalization of each channel; none where it comes later.
  private let maps: [IntensityMap]
  /// The voxels that are not background, where some channel is normalized there alone.
  private let mask: LabelRows?
  /// The channels that are.
  private let masked: Set<Int>

  /// - Parameters:
  ///   - source: the scan and its box.
  ///   - maps: the normalization of each channel, where it comes before the resampling.
  ///   - mask: the voxels of the box that are not background.
  ///   - masked: the channels that are normalized there alone, while others of their voxels stay.
  init(_ source: ScanSource, maps: [IntensityMap], mask: LabelRows? = nil, masked: Set<Int> = []) {
    self.mask = mask
    self.masked = masked
    self.source = source
    self.maps = maps
    let scan = source.info.metadata
    info = VolumeInfo(
      extent: source.box.extent, channels: source.channels, scalarType: .float32,
      metadata: scan.withoutHeader(affine: scan.affine.moved(to: source.box.origin)))
  }

  var isRandomAccess: Bool { source.isRandomAccess }

  var bufferByteCount: Int { source.bufferByteCount + (mask?.byteCount ?? 0) }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    var values = try source.read(region).voxels
    var span = values.mutableSpan
    for (channel, map) in maps.enumerated() {
      var part = span._mutatingExtracting(channel * region.voxelCount..<(channel + 1) * region.voxelCount)
      if let mask, masked.contains(channel) {
        mask.forEachRun(in: region) { run in
          var inside = part._mutatingExtracting(run)
          map.apply(to: &inside)
        }
      } else {
        map.apply(to: &part)
      }
    }
    values.withUnsafeBytes { destination.copyMemory(from: $0) }
  }

  func checkUnchanged() throws(VoxtileError) {
    for reader in source.readers { try reader.checkFileUnchanged() }
  }

  func releaseBuffers() {
    for reader in source.readers { (reader as? any FileBackedReader)?.releaseBuffers() }
  }
}
