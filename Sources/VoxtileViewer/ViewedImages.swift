import Synchronization
import Voxtile
import VoxtileFormats
import VoxtileReport

/// The images that a report names, each opened once; compressed ones are inflated into a scratch file, once.
final class ViewedImages: Sendable {
  private let names: Set<String>
  private let check: @Sendable () throws -> Void
  private let opened = Mutex<[String: any VolumeReader]>([:])

  /// - Parameter request: what is shown; its patch files are opened anew each time.
  init(of request: ReportRequest) {
    names = Set([request.image, request.merged].compactMap(\.self) + request.overlays)
    check = request.check
  }

  /// Opens an image, or gives it as it was opened before.
  ///
  /// - Throws: what `ImageFormats.open(_:)` throws, and, where a compressed file is inflated, what reading it and
  ///   writing scratch throws.
  func open(_ path: String) throws -> any VolumeReader {
    if let reader = opened.withLock({ $0[path] }) { return reader }
    let file = try ImageFormats.open(path)
    guard names.contains(path) else { return file }
    var reader = file
    if !file.isRandomAccess {
      do {
        reader = InflatedVolume(try ScratchVolume(copying: file, check: check))
      } catch let error as VoxtileError {
        throw error.inFile(path)
      }
    }
    return opened.withLock { opened in
      let first = opened[path] ?? reader
      opened[path] = first
      return first
    }
  }
}

/// A copy of a compressed file. Like the file it says that boxes are dear, since that is what a report tells of a
/// later crop of the file.
private struct InflatedVolume: VolumeReader {
  private let scratch: ScratchVolume

  init(_ scratch: ScratchVolume) { self.scratch = scratch }

  var info: VolumeInfo { scratch.info }
  var isRandomAccess: Bool { false }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    try scratch.read(region, into: destination)
  }
}
