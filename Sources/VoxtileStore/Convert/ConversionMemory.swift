import Voxtile

/// How much of an image is in memory at a time while it is converted.
struct ConversionMemory {
  /// Bytes for voxels, where there is a limit.
  private let room: Int?
  private let limit: Int?
  /// Bytes for each value of the image, all that are made of it included.
  private let valueBytes: Int
  private let channels: Int

  /// Slabs need not be larger than this to be read at the speed of the disk.
  private static let largestSlab = 16 << 20

  /// - Parameters:
  ///   - info: the image, all channels.
  ///   - values: what is done to its values.
  ///   - bufferBytes: what the reader and the writer hold themselves.
  init(_ info: VolumeInfo, _ values: ValueMap?, bufferBytes: Int, limits: JobLimits) {
    limit = limits.memory
    room = limits.memory.map {
      $0 - MemoryCost.sum(MemoryCost.program, limits.jobs.count * MemoryCost.thread, bufferBytes)
    }
    channels = info.channels
    // Read, picked and turned; mapped; written.
    valueBytes =
      3 * info.scalarType.byteCount + (values.map { ValueMap.workingBytes + $0.scalarType.byteCount } ?? 0)
  }

  /// Whether the whole image may be in memory, with half of the room left for slabs.
  func holds(_ info: VolumeInfo) -> Bool {
    room.map { info.byteCount(of: Region(info.extent)) <= $0 / 2 } ?? true
  }

  /// The boxes in which an image is converted: whole slices, or rows where the format of the result takes rows.
  ///
  /// - Throws: `VoxtileError.Code.memoryTooLow` where not even one of them fits.
  func boxes(of info: VolumeInfo, inRows: Bool) throws(VoxtileError) -> [Region] {
    let costs = MemoryCost.product(channels, valueBytes)
    let boxes = info.slabs(
      maximumBytes: min(Self.largestSlab, room.map { $0 / 2 } ?? .max) / max(1, channels),
      valueByteCount: max(1, costs / max(1, info.channels)), splitsSlices: inRows)
    let needed = MemoryCost.product(boxes.first?.voxelCount ?? 0, costs)
    if let room, let limit, needed > room {
      throw .memoryTooLow(limit, needed: limit - room + needed, advice: "raise the limit")
    }
    return boxes
  }
}
