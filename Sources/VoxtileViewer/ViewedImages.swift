import Synchronization
import Voxtile
import VoxtileFormats
import VoxtileReport

/// The images of a report. Each is opened once, and decompressed into a scratch file if necessary.
final class ViewedImages: Sendable {
  private let names: Set<String>
  private let check: @Sendable () throws -> Void
  /// The image that is watched while it is read, and who is told.
  private let watched: (image: String, preparation: Preparation)?
  private let opened = Mutex<[String: any VolumeReader]>([:])

  /// - Parameters:
  ///   - request: the request that names the images. Its patch files are not kept open.
  ///   - preparation: is told what has been read of the first image.
  init(of request: ReportRequest, telling preparation: Preparation? = nil) {
    watched = preparation.flatMap { preparation in request.image.map { ($0, preparation) } }
    names = Set([request.image, request.merged].compactMap(\.self) + request.overlays)
    check = request.check
  }

  /// Opens an image, or returns the reader that is already open.
  ///
  /// - Throws: any error of `ImageFormats.open(_:)`, and, for a compressed file, any error from reading it and
  ///   writing the scratch file.
  func open(_ path: String) throws -> any VolumeReader {
    if let reader = opened.withLock({ $0[path] }) { return reader }
    var file = try ImageFormats.open(path)
    guard names.contains(path) else { return file }
    if let watched, watched.image == path { file = watched.preparation.watch(file) }
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

/// The decompressed copy of a file.
///
/// It claims not to be random access although it is, because the report's memory plan is about the compressed file.
private struct InflatedVolume: VolumeReader {
  private let scratch: ScratchVolume

  init(_ scratch: ScratchVolume) { self.scratch = scratch }

  var info: VolumeInfo { scratch.info }
  var isRandomAccess: Bool { false }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    try scratch.read(region, into: destination)
  }
}
