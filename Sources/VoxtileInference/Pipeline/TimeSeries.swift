import Voxtile

/// A 4D image whose time points are predicted one by one, each as an image of its own.
///
///     let series = try TimeSeries(of: ImageFormats.open("fmri.nii.gz"))
///     for time in 0..<series.count {
///       let plan = try await pipeline.plan([series.scan(at: time)])
///       try await pipeline.run(plan, to: series.writers(at: time, of: plan, kinds: [.labels]))
///     }
///     try series.write(.labels, to: ImageFormats.create("labels.nii.gz", info: series.info(of: .labels, as: plan)))
///
/// The image is read once, into a scratch file, and so are the results kept until all of them are there.
public final class TimeSeries: Sendable {
  /// The number of time points.
  public let count: Int

  private let source: VolumeInfo
  private let scans: ScratchFile
  private let results: [PredictionKind: ScratchFile]

  /// Reads an image, in one pass.
  ///
  /// - Parameters:
  ///   - reader: the image, whose channels are time points.
  ///   - kinds: what will be predicted of each time point.
  ///   - check: called again and again while the image is read; what it throws ends it.
  /// - Throws: `VoxtileError.Code.fileAccess` where there is no room for scratch files, and what reading throws.
  public init(
    of reader: any VolumeReader, kinds: Set<PredictionKind> = [.labels], check: () throws -> Void = {}
  ) throws {
    count = reader.info.channels
    source = reader.info.of(channels: 1)
    scans = try ScratchFile()
    var results: [PredictionKind: ScratchFile] = [:]
    for kind in kinds { results[kind] = try ScratchFile() }
    self.results = results
    try reader.forEachSlab(check: check) { slab, region in
      let size = source.byteCount(of: region)
      for time in 0..<count {
        let part = UnsafeRawBufferPointer(rebasing: slab[time * size..<(time + 1) * size])
        try ScratchVolume(source, in: scans, at: time * volumeBytes).write(part, region: region)
      }
    }
    try reader.checkFileUnchanged()
  }

  private var volumeBytes: Int { source.byteCount(of: Region(source.extent)) }

  /// One time point as an image.
  public func scan(at time: Int) -> any VolumeReader {
    ScratchVolume(source, in: scans, at: time * volumeBytes)
  }

  /// Where the results of one time point go.
  ///
  /// - Parameters:
  ///   - time: the number of the time point, from 0.
  ///   - plan: of that time point.
  ///   - kinds: some of those that were given first.
  /// - Throws: `VoxtileError.Code.invalidOption` where a result has several values for each voxel, for which a 4D image has no
  ///   place.
  public func writers(
    at time: Int, of plan: InferencePlan, kinds: Set<PredictionKind>
  ) throws(VoxtileError) -> [PredictionKind: any VolumeWriter] {
    var writers: [PredictionKind: any VolumeWriter] = [:]
    for kind in kinds {
      let info = plan.info(of: kind)
      guard info.channels == 1 else {
        throw VoxtileError(
          .invalidOption,
          "\(kind.rawValue) have \(info.channels) values for each voxel, and there are \(count) time points: one file has no place "
            + "for both; write labels, confidence or disagreement",
          context: .init(expected: "1 value", found: "\(info.channels)"))
      }
      guard let file = results[kind] else { continue }
      let bytes = info.byteCount(of: Region(info.extent))
      writers[kind] = TimePointWriter(info: info, volume: ScratchVolume(info, in: file, at: time * bytes))
    }
    return writers
  }

  /// What a file of one kind of output will be, of all time points.
  ///
  /// - Parameters:
  ///   - kind: the kind of output.
  ///   - plan: of any of them.
  public func info(of kind: PredictionKind, as plan: InferencePlan) -> VolumeInfo {
    plan.info(of: kind).of(channels: count)
  }

  /// Writes one kind of output, when all time points have been predicted.
  ///
  /// - Parameters:
  ///   - kind: the kind of output.
  ///   - writer: made with ``info(of:as:)``; it is finished.
  /// - Throws: what reading scratch files and writing throw.
  public func write(_ kind: PredictionKind, to writer: any VolumeWriter) throws {
    guard let file = results[kind] else { return }
    // Time points lie one after another, as the channels of one image do.
    try ScratchVolume(writer.info, in: file).forEachWholeSlab { slab, slices in
      try writer.write(slab, slices: slices)
    }
    try writer.finish()
  }
}

/// Keeps what is predicted of one time point.
private struct TimePointWriter: VolumeWriter {
  let info: VolumeInfo
  let volume: ScratchVolume

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    try volume.write(
      slab, region: Region(x: 0..<info.extent.width, y: 0..<info.extent.height, z: slices))
  }

  func finish() throws {}
}

extension VolumeInfo {
  /// The same with another number of channels.
  fileprivate func of(channels: Int) -> VolumeInfo {
    var info = self
    info.channels = channels
    return info
  }
}

extension VolumeReader {
  /// Calls a body with some whole slices after another.
  fileprivate func forEachWholeSlab(
    _ body: (_ slab: UnsafeRawBufferPointer, _ slices: Range<Int>) throws -> Void
  ) throws {
    for region in info.slabs(maximumBytes: 16 << 20, splitsSlices: false) {
      let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: info.byteCount(of: region), alignment: 16)
      defer { buffer.deallocate() }
      try read(region, into: buffer)
      try body(UnsafeRawBufferPointer(buffer), region.z)
    }
  }
}
