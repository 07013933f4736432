import Voxtile

/// The directory at the end of a ZIP archive: what is in it, and where.
///
/// Source: PKWARE's APPNOTE.TXT, 6.3.10, with the 64-bit fields that NumPy always writes. Encrypted entries, archives in several
/// parts, and methods other than stored and deflate are refused where such an entry is opened.
struct ZipDirectory: Sendable {
  let entries: [ZipEntry]

  /// Larger directories are those of archives of many thousand files.
  private static let byteCountLimit = 16 << 20

  /// Reads the directory of an archive.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where there is none, or it says what cannot be.
  init(_ file: InputFile) throws(VoxtileError) {
    let end = try ZipEnd(file)
    guard end.byteCount <= Self.byteCountLimit else {
      throw VoxtileError(
        .unsupportedFormat,
        "is a ZIP archive with a directory of \(end.byteCount) bytes; no more than \(Self.byteCountLimit) are read",
        context: .init(found: "\(end.byteCount)"))
    }
    var fields = ZipFields(try file.bytes(at: end.offset, count: end.byteCount))
    var entries: [ZipEntry] = []
    for _ in 0..<end.entryCount { entries.append(try ZipEntry(&fields, in: file)) }
    self.entries = entries
  }
}

/// The record at the very end of an archive, which says where the directory is.
private struct ZipEnd {
  var entryCount: Int
  var byteCount: Int
  var offset: Int

  /// The record without its comment.
  private static let recordByteCount = 22

  init(_ file: InputFile) throws(VoxtileError) {
    let tailCount = min(file.byteCount, Self.recordByteCount + Int(UInt16.max))
    let tail = try file.bytes(at: file.byteCount - tailCount, count: tailCount)
    let mark: [UInt8] = [0x50, 0x4B, 5, 6]
    let starts = stride(from: tail.count - Self.recordByteCount, through: 0, by: -1)
    guard
      let start = starts.first(where: { start in
        tail[start...].starts(with: mark)
          && start + Self.recordByteCount + Int(tail[start + 20]) + Int(tail[start + 21]) << 8 == tail.count
      })
    else { throw .zip("has no directory at its end; it is truncated, get the file again") }
    var fields = ZipFields(Array(tail[(start + 4)...]))
    let parts = [try fields.int(2), try fields.int(2), try fields.int(2)]
    entryCount = try fields.int(2)
    byteCount = try fields.int(4)
    offset = try fields.int(4)
    guard parts == [0, 0, entryCount] else { throw .zip("is one of several parts; join them first") }
    let recordOffset = file.byteCount - tailCount + start
    let end = try readLargeFields(file, before: recordOffset) ?? recordOffset
    guard offset <= end, byteCount <= end - offset, entryCount <= byteCount / ZipEntry.recordByteCount else {
      throw .zip(
        "says that its directory is outside of the file; it is truncated or damaged, get the file again")
    }
  }

  /// Takes the 64-bit fields of the record that a locator before the last record points to, where there is one; gives the
  /// place of that record.
  private mutating func readLargeFields(_ file: InputFile, before end: Int) throws(VoxtileError) -> Int? {
    guard end >= 20 else { return nil }
    var locator = ZipFields(try file.bytes(at: end - 20, count: 20))
    guard try locator.int(4) == 0x0706_4B50 else { return nil }
    _ = try locator.int(4)
    let place = try locator.int(8)
    guard place <= end - 20 - 56 else { throw .zip("has a directory that is damaged; get the file again") }
    var record = ZipFields(try file.bytes(at: place, count: 56))
    guard try record.int(4) == 0x0606_4B50 else {
      throw .zip("has a directory that is damaged; get the file again")
    }
    record.skip(28)
    entryCount = try record.int(8)
    byteCount = try record.int(8)
    offset = try record.int(8)
    return place
  }
}

extension VoxtileError {
  /// What is wrong with an archive, after "is a ZIP archive that".
  static func zip(_ what: String) -> VoxtileError {
    VoxtileError(.malformedFile, "is a ZIP archive (.npz) that \(what)")
  }
}
