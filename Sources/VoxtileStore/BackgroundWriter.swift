import Dispatch
import Synchronization
import Voxtile
import VoxtileFormats

/// Writes each slab while the next one is being made.
///
/// At most one slab waits or is written; who comes with another one waits for it. An error comes out of the next
/// call.
final class BackgroundWriter<Scalar: VoxelScalar>: Sendable {
  private let writer: any VolumeWriter
  private let queue = DispatchQueue(label: "voxtile.writer")
  private let isFree = DispatchSemaphore(value: 1)
  private let failure = Mutex<(any Error)?>(nil)

  init(_ writer: any VolumeWriter) {
    self.writer = writer
  }

  /// Takes the next slab.
  ///
  /// - Throws: what writing an earlier slab threw.
  func write(_ slab: PlacedVolume<Scalar>) throws {
    isFree.wait()
    if let failure = failure.withLock({ $0 }) {
      isFree.signal()
      throw failure
    }
    queue.async { [self] in
      do {
        try writer.write(slab.volume, slices: slab.region.z)
      } catch {
        failure.withLock { $0 = error }
      }
      isFree.signal()
    }
  }

  /// Waits until no slab is being written, however that ends.
  func wait() {
    // Behind the last task on its queue: then that one has also let go of the file, which is removed with it.
    queue.sync {}
  }

  /// Waits until all slabs are written.
  ///
  /// - Throws: what writing a slab threw.
  func finish() throws {
    wait()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}
