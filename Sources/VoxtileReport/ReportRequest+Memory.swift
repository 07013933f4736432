import Voxtile

extension ReportRequest {
  /// The program, its libraries, and what a file's reader and a page take.
  static let programBytes = 40 << 20
  /// Bytes for each voxel of a picture, while one is built and the others are kept.
  private static let bytesPerPictureVoxel = 26
  /// A slab of each of two images, their difference, and the stored values of one.
  private static let slabsAtOnce = 5
  /// The least memory in which the borders of each patch are scored, too.
  private static let bytesToScorePatches = 256 << 20
  /// The least that is of use.
  private static let leastPictureVoxels = 1 << 18
  private static let leastSlabBytes = 1 << 20

  /// The least memory in which a report is made, in bytes.
  private static var leastMemory: Int {
    programBytes + slabsAtOnce * leastSlabBytes + leastPictureVoxels * bytesPerPictureVoxel
  }

  /// Makes sure, before long work, that a report can be made within some memory.
  ///
  /// - Parameter memory: in bytes; `nil` for no limit.
  /// - Throws: `VoxtileError.Code.memoryTooLow`.
  package static func checkFits(memory: Int?) throws(VoxtileError) {
    guard let memory, memory < leastMemory else { return }
    throw .memoryTooLow(memory, needed: leastMemory, advice: "raise the limit or make no page")
  }

  /// Lets the report be made within some memory: in smaller slabs, and with smaller pictures.
  ///
  /// - Parameter memory: in bytes; `nil` for no limit.
  /// - Throws: `VoxtileError.Code.memoryTooLow`.
  package mutating func keep(within memory: Int?) throws(VoxtileError) {
    try Self.checkFits(memory: memory)
    guard let memory else { return }
    let free = memory - Self.programBytes
    if free < Self.bytesToScorePatches { scoresPatches = false }
    slabBytes = min(slabBytes, max(Self.leastSlabBytes, free / 12))
    pictureVoxels = min(pictureVoxels, (free - Self.slabsAtOnce * slabBytes) / Self.bytesPerPictureVoxel)
  }
}
