import Synchronization
import Voxtile

/// Copies of one scan in scratch files, from which several networks read it: it is inflated once, and resampled once for all
/// networks that see the same voxels.
final class ScanCopies: Sendable {
  /// What makes a resampled scan what it is.
  struct Key: Hashable {
    /// The box of the scan.
    let box: Region
    /// The voxels that it gets.
    let resampling: Resampling
    /// What happens to intensities before; `nil` where that comes later.
    let normalization: Normalization?
    let schemes: [ChannelScheme]?
  }

  private struct State {
    var resampled: [Key: ScratchVolume] = [:]
    var byteCount = 0
    var peakBytes = 0
  }
  private let state = Mutex(State())
  private let memoryLimit: Int?

  /// - Parameter memoryLimit: the most memory that making a copy may take, with the program.
  init(memoryLimit: Int?) { self.memoryLimit = memoryLimit }

  /// The bytes of all copies.
  var byteCount: Int { state.withLock { $0.byteCount } }
  /// The most memory that making a copy took, with the program.
  var peakBytes: Int { state.withLock { $0.peakBytes } }

  /// The resampled scan, which is made where it was not asked for before.
  func resampled(
    _ key: Key, check: () throws -> Void, making make: () throws -> any VolumeReader
  ) throws -> ScratchVolume {
    if let copy = state.withLock({ $0.resampled[key] }) { return copy }
    let copy = try copy(of: try make(), check: check)
    state.withLock { $0.resampled[key] = copy }
    return copy
  }

  /// An image of which any box costs only its own bytes: itself, or a copy.
  func randomAccess(to reader: any VolumeReader, check: () throws -> Void) throws -> any VolumeReader {
    reader.isRandomAccess ? reader : try copy(of: reader, check: check)
  }

  private func copy(of reader: any VolumeReader, check: () throws -> Void) throws -> ScratchVolume {
    // A slab of the copy, beside what the reader holds itself.
    let needed = InferenceMemory.programBytes + reader.bufferByteCount + 32 << 20
    if let memoryLimit, needed > memoryLimit {
      throw VoxtileError.memoryTooLow(memoryLimit, needed: needed, advice: "raise the limit")
    }
    let copy = try ScratchVolume(copying: reader, check: check)
    try reader.checkFileUnchanged()
    state.withLock { state in
      state.byteCount += reader.info.byteCount(of: Region(reader.info.extent))
      state.peakBytes = max(state.peakBytes, needed)
    }
    return copy
  }
}
