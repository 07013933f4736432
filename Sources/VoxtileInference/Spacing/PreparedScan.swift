import Voxtile

/// The box of a scan that is resampled, all channels, as real values.
struct PreparedScan: FileBackedReader {
  let info: VolumeInfo
  private let source: ScanSource
  /// The normalization of each channel; none where it comes later.
  private let maps: [IntensityMap]

  /// - Parameters:
  ///   - source: the scan and its box.
  ///   - maps: the normalization of each channel, where it comes before the resampling.
  init(_ source: ScanSource, maps: [IntensityMap]) {
    self.source = source
    self.maps = maps
    let scan = source.info.metadata
    info = VolumeInfo(
      extent: source.box.extent, channels: source.channels, scalarType: .float32,
      metadata: scan.withoutHeader(affine: scan.affine.moved(to: source.box.origin)))
  }

  var isRandomAccess: Bool { source.isRandomAccess }

  var bufferByteCount: Int { source.bufferByteCount }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    var values = try source.read(region).voxels
    var span = values.mutableSpan
    for (channel, map) in maps.enumerated() {
      var part = span._mutatingExtracting(channel * region.voxelCount..<(channel + 1) * region.voxelCount)
      map.apply(to: &part)
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
