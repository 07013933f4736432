import Synchronization
import Voxtile
import VoxtileReport

/// What has been read of a report's image so far: how much, and a slice of it.
final class Preparation: Sendable {
  private struct State {
    /// Slices that have been read.
    var slices = 0
    var count = 1
    var picture: SlicePicture?
    /// When the next picture is drawn.
    var next = ContinuousClock.now
    var isOver = false
  }

  private let state = Mutex(State())
  /// The time between two pictures.
  private static let interval = Duration.milliseconds(150)

  /// How much of the image has been read, 0...1.
  var fraction: Double { state.withLock { Double($0.slices) / Double($0.count) } }
  /// A slice of it.
  var picture: SlicePicture? { state.withLock { $0.picture } }

  /// Looks at nothing any more.
  func end() {
    state.withLock {
      $0.isOver = true
      $0.picture = nil
    }
  }

  /// A reader that tells what it reads.
  func watch(_ reader: any VolumeReader) -> any VolumeReader {
    WatchedReader(next: reader, preparation: self)
  }

  /// Takes note of what was read.
  fileprivate func note(_ bytes: UnsafeRawBufferPointer, _ region: Region, of info: VolumeInfo) {
    let (area, read) = (Extent(width: info.extent.width, height: info.extent.height), region.extent)
    let isWhole = read.width == area.width && read.height == area.height
    let isDue = state.withLock { state in
      guard !state.isOver else { return false }
      state.count = info.extent.depth
      state.slices = max(state.slices, region.z.upperBound)
      guard isWhole, ContinuousClock.now >= state.next else { return false }
      state.next = .now + Self.interval
      return true
    }
    guard isDue, let picture = SlicePicture(bytes, slices: region.z, of: info) else { return }
    state.withLock { if !$0.isOver { $0.picture = picture } }
  }
}

/// Tells what is read, and is otherwise the reader that it passes it on from.
private struct WatchedReader: FileBackedReader {
  let next: any VolumeReader
  let preparation: Preparation

  var info: VolumeInfo { next.info }
  var isRandomAccess: Bool { next.isRandomAccess }
  var bufferByteCount: Int { next.bufferByteCount }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    try next.read(region, into: destination)
    preparation.note(UnsafeRawBufferPointer(destination), region, of: info)
  }

  func checkUnchanged() throws(VoxtileError) { try next.checkFileUnchanged() }
  func releaseBuffers() { (next as? any FileBackedReader)?.releaseBuffers() }
}
