import Voxtile

extension PreparedScan {
  /// Finds the numbers of each channel's scheme, in two passes over the box, and one more for the mask.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where there is not one scheme for each channel or a scheme does not fit, and what
  ///   reading and `check` throw.
  init(_ source: ScanSource, schemes: [ChannelScheme], check: () throws -> Void) throws {
    guard schemes.count == source.channels else {
      throw VoxtileError(
        .modelNotUsable,
        "the network takes \(schemes.count) channel\(schemes.count == 1 ? "" : "s"), but the scan has \(source.channels)",
        context: .init(expected: "\(schemes.count)", found: "\(source.channels)"))
    }
    var mask: LabelRows?
    if schemes.contains(where: \.isMasked) {
      var filling = LabelCleaning()
      filling.labelsFilled = .all
      mask = try filling.applied(
        to: LabelRows(of: NonZeroVoxels(source: source), check: check), isPlanar: false)
    }
    var statistics = schemes.map { _ in SchemeStatistics() }
    for _ in 0..<(schemes.contains(where: \.needsStatistics) ? 2 : 0) {
      try source.forEachSlab { slab, slices in
        try check()
        let region = Region(x: 0..<slab.extent.width, y: 0..<slab.extent.height, z: slices)
        let count = region.voxelCount
        for channel in schemes.indices where schemes[channel].needsStatistics {
          let values = slab.voxels.span.extracting(channel * count..<(channel + 1) * count)
          guard let mask, schemes[channel].isMasked else {
            statistics[channel].add(values)
            continue
          }
          mask.forEachRun(in: region) { statistics[channel].add(values.extracting($0)) }
        }
      }
      for channel in statistics.indices { statistics[channel].endPass() }
    }
    self.init(
      source, maps: try schemes.indices.map { try schemes[$0].map(statistics[$0], channel: $0) }, mask: mask,
      masked: Set(schemes.indices.filter { schemes[$0].isMasked }))
  }
}

extension LabelRows {
  /// Calls a body with the places, in a box, of each run of voxels that is not 0.
  func forEachRun(in region: Region, _ body: (Range<Int>) -> Void) {
    let extent = region.extent
    for z in region.z {
      for y in region.y {
        let row = ((z - region.z.lowerBound) * extent.height + y - region.y.lowerBound) * extent.width
        for run in runs(y: y, z: z) {
          let part = run.x.clamped(to: region.x)
          guard !part.isEmpty else { continue }
          let first = row + part.lowerBound - region.x.lowerBound
          body(first..<first + part.count)
        }
      }
    }
  }
}

/// Where some channel of a scan's box is not 0, as 1.
private struct NonZeroVoxels: VolumeReader {
  let source: ScanSource

  var info: VolumeInfo { VolumeInfo(extent: source.box.extent, scalarType: .uint8) }

  var isRandomAccess: Bool { source.isRandomAccess }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    let values = try source.read(region).voxels
    let count = region.voxelCount
    for index in 0..<count {
      var found: UInt8 = 0
      for channel in 0..<source.channels where values[channel * count + index] != 0 { found = 1 }
      destination[index] = found
    }
  }
}
