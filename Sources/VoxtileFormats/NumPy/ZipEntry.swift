import Voxtile

/// One file in a ZIP archive.
struct ZipEntry: Sendable {
  let name: String
  private let flags: Int
  private let method: Int
  private let checksum: UInt32
  /// The bytes that it has in the archive.
  private let storedByteCount: Int
  /// The bytes that it has when it is unpacked.
  let byteCount: Int
  /// Where its own header begins in the archive.
  private let headerOffset: Int

  /// A record of the directory without its name, extra fields and comment.
  static let recordByteCount = 46

  /// Reads the next record of a directory.
  init(_ fields: inout ZipFields, in file: InputFile) throws(VoxtileError) {
    guard try fields.int(4) == 0x0201_4B50 else {
      throw .zip("has a directory that is damaged; get the file again")
    }
    fields.skip(4)
    flags = try fields.int(2)
    method = try fields.int(2)
    fields.skip(4)
    checksum = UInt32(try fields.int(4))
    var sizes = [try fields.int(4), try fields.int(4)]
    let counts = [try fields.int(2), try fields.int(2), try fields.int(2)]
    fields.skip(8)
    var offset = try fields.int(4)
    name = String(decoding: try fields.take(counts[0]), as: UTF8.self)
    var extra = ZipFields(Array(try fields.take(counts[1])))
    _ = try fields.take(counts[2])
    // 64-bit fields stand in the place of those that are full, in this order.
    if let large = try Self.largeFields(&extra, count: counts[1]) {
      var large = large
      if sizes[1] == UInt32.max { sizes[1] = try large.int(8) }
      if sizes[0] == UInt32.max { sizes[0] = try large.int(8) }
      if offset == UInt32.max { offset = try large.int(8) }
    }
    (storedByteCount, byteCount, headerOffset) = (sizes[0], sizes[1], offset)
    guard headerOffset <= file.byteCount, storedByteCount <= file.byteCount - headerOffset else {
      throw .zip("says that '\(name)' is outside of the file; it is truncated, get the file again")
    }
  }

  /// The extra field with the 64-bit numbers, where there is one.
  private static func largeFields(_ extra: inout ZipFields, count: Int) throws(VoxtileError) -> ZipFields? {
    while extra.position + 4 <= count {
      let (kind, size) = (try extra.int(2), try extra.int(2))
      let content = try extra.take(size)
      if kind == 1 { return ZipFields(Array(content)) }
    }
    return nil
  }

  /// What has the bytes of this entry, and where they begin in it.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where it is encrypted or compressed by another method than deflate,
  ///   `VoxtileError.Code.malformedFile` where sizes contradict each other.
  func open(in file: InputFile) throws(VoxtileError) -> (source: RawSource, offset: Int) {
    guard flags & 1 == 0 else { throw refused("is encrypted") }
    guard [0, 8].contains(method) else { throw refused("is compressed by method \(method)") }
    var fields = ZipFields(try file.bytes(at: headerOffset, count: 30))
    guard try fields.int(4) == 0x0403_4B50 else {
      throw .zip("has no '\(name)' where its directory says; it is damaged")
    }
    fields.skip(22)
    let names = try fields.int(2) + fields.int(2)
    let start = headerOffset + 30 + names
    guard start <= file.byteCount, storedByteCount <= file.byteCount - start else {
      throw .zip("ends within '\(name)'; it is truncated, get the file again")
    }
    if method == 0 {
      guard storedByteCount == byteCount else {
        throw .zip(
          "says that '\(name)' has \(byteCount) and \(storedByteCount) bytes; it is damaged, get the file again"
        )
      }
      return (.plain(file), start)
    }
    let (bound, overflowed) = storedByteCount.multipliedReportingOverflow(by: GzipInflater.expansionLimit)
    guard overflowed || byteCount <= bound else {
      throw .zip(
        "says that \(storedByteCount) bytes of '\(name)' unpack to \(byteCount), which is more than can be; it is damaged"
      )
    }
    let data = BareDeflate(range: start..<start + storedByteCount, checksum: checksum, byteCount: byteCount)
    return (.gzip(GzipReader(file, data)), 0)
  }

  private func refused(_ what: String) -> VoxtileError {
    VoxtileError(
      .unsupportedFormat,
      "is a ZIP archive (.npz) whose '\(name)' \(what), which is not read here; save it again with numpy.savez_compressed"
    )
  }
}
