import Voxtile

/// The file that libtiff reads or writes through our functions, and what it says when something goes wrong.
///
/// libtiff only learns that a function has failed; the error is kept here.
final class TIFFStream {
  private enum File {
    case input(InputFile)
    case output(AtomicFile)
  }

  private let file: File
  private let library: TIFFLibrary
  private var position = 0
  /// How many bytes the file has.
  private(set) var byteCount: Int
  /// What went wrong with the file.
  private(set) var failure: VoxtileError?
  /// The first error that libtiff has reported since ``forget()``; later ones follow from it.
  private(set) var reason: String?

  init(_ file: InputFile, _ library: TIFFLibrary) {
    self.file = .input(file)
    self.library = library
    byteCount = file.byteCount
  }

  init(_ file: AtomicFile, _ library: TIFFLibrary) {
    self.file = .output(file)
    self.library = library
    byteCount = 0
  }

  /// Forgets errors of earlier calls.
  func forget() {
    failure = nil
    reason = nil
  }

  private func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let room = UnsafeMutableRawBufferPointer(
      rebasing: buffer[..<min(buffer.count, max(0, byteCount - position))])
    if room.isEmpty { return 0 }
    do throws(VoxtileError) {
      let count =
        switch file {
        case .input(let file): try file.read(at: position, into: room)
        case .output(let file): try file.read(at: position, into: room)
        }
      position += count
      return count
    } catch {
      failure = failure ?? error
      return -1
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard case .output(let file) = file else { return -1 }
    do throws(VoxtileError) {
      try file.write(bytes, at: position)
      position += bytes.count
      byteCount = max(byteCount, position)
      return bytes.count
    } catch {
      failure = failure ?? error
      return -1
    }
  }

  /// Moves to an offset from the beginning (0), the position (1) or the end (2).
  ///
  /// - Returns: the new position, or `UInt64.max` where there is none.
  private func seek(_ offset: UInt64, from origin: Int32) -> UInt64 {
    let start = origin == 1 ? position : origin == 2 ? byteCount : 0
    let (target, overflowed) = start.addingReportingOverflow(Int(truncatingIfNeeded: offset))
    guard !overflowed, target >= 0, origin != 0 || offset <= UInt64(Int.max) else { return .max }
    position = target
    return UInt64(target)
  }

  private static func of(_ client: TIFFLibrary.Client?) -> TIFFStream? {
    client.map { Unmanaged<TIFFStream>.fromOpaque($0).takeUnretainedValue() }
  }

  /// What libtiff passes to the functions below.
  var client: TIFFLibrary.Client { Unmanaged.passUnretained(self).toOpaque() }

  static let read: TIFFLibrary.Transfer = { client, bytes, count in
    of(client)?.read(UnsafeMutableRawBufferPointer(start: bytes, count: count)) ?? -1
  }
  static let write: TIFFLibrary.Transfer = { client, bytes, count in
    of(client)?.write(UnsafeRawBufferPointer(start: bytes, count: count)) ?? -1
  }
  static let seek: TIFFLibrary.Seek = { client, offset, origin in
    of(client)?.seek(offset, from: origin) ?? .max
  }
  static let size: TIFFLibrary.Size = { client in of(client).map { UInt64($0.byteCount) } ?? 0 }
  static let close: TIFFLibrary.Close = { _ in 0 }

  static let handleError: TIFFLibrary.Handler = { _, client, _, format, arguments in
    guard let stream = of(client) else { return 1 }
    stream.reason = stream.reason ?? stream.library.text(format, arguments)
    return 1
  }
  /// Warnings are about fields that libtiff has repaired or does not know.
  static let handleWarning: TIFFLibrary.Handler = { _, _, _, _, _ in 1 }
}
