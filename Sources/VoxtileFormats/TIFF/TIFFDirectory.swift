import Voxtile

/// The table of fields of a page, as far as it tells whether the file is all there: libtiff leaves out fields whose values lie beyond
/// the end, and takes a page whose table ends there for the last one.
struct TIFFDirectory {
  /// How a kind of TIFF stores a table.
  private struct Form {
    let countBytes: Int
    let entryBytes: Int
    /// Bytes of an offset, and of the largest value that needs no place of its own.
    let offsetBytes: Int

    static let classic = Form(countBytes: 2, entryBytes: 12, offsetBytes: 4)
    static let big = Form(countBytes: 8, entryBytes: 20, offsetBytes: 8)
  }

  /// The field UIC2Tag of MetaMorph, of which there is a value for each plane.
  private static let metaMorphPlanes = 33629

  private let file: InputFile
  private let form: Form
  private let byteOrder: ByteOrder
  /// Whether it is a BigTIFF.
  let isBig: Bool

  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to read.
  init(_ file: InputFile) throws(VoxtileError) {
    let start = try file.prefix(4)
    self.file = file
    byteOrder = start.first == 0x4D ? .big : .little
    isBig = start.contains(0x2B)
    form = isBig ? .big : .classic
  }

  /// Makes sure that the table at an offset, and the values that it refers to, lie in the file.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where they do not.
  func check(at offset: UInt64) throws(VoxtileError) {
    guard offset < UInt64(file.byteCount) else { throw beyond(offset) }
    let start = Int(offset)
    let count = try number(form.countBytes, at: start)
    // libtiff reads no more.
    guard count <= 1 << 16 else { throw .tiff("a page has \(count) fields") }
    let byteCount = form.countBytes + Int(count) * form.entryBytes + form.offsetBytes
    let table = try file.bytes(at: start, count: byteCount)
    guard table.count == byteCount else { throw beyond(offset + UInt64(byteCount)) }
    for entry in stride(from: form.countBytes, to: byteCount - form.offsetBytes, by: form.entryBytes) {
      let values = number(table[(entry + 4)...].prefix(form.offsetBytes))
      if number(table[entry...].prefix(2)) == Self.metaMorphPlanes, values > 1 {
        throw .tiffHas(
          "a MetaMorph stack of \(values) planes without pages",
          advice: "save it as a stack of ImageJ or as OME-TIFF")
      }
      let size = UInt64(Self.byteCount(ofType: number(table[(entry + 2)...].prefix(2))))
      let (bytes, overflowed) = values.multipliedReportingOverflow(by: size)
      if !overflowed, bytes <= form.offsetBytes { continue }
      let place = number(table[(entry + 4 + form.offsetBytes)...].prefix(form.offsetBytes))
      let (end, overflowedToo) = place.addingReportingOverflow(bytes)
      guard !overflowed, !overflowedToo, end <= file.byteCount else { throw beyond(end) }
    }
  }

  private func beyond(_ end: UInt64) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      "has \(file.byteCount) bytes, but the fields of its pages lie further on, up to byte \(end); it is truncated or damaged",
      context: .init(byteOffset: file.byteCount, expected: "\(end) bytes", found: "\(file.byteCount) bytes"))
  }

  private func number(_ byteCount: Int, at offset: Int) throws(VoxtileError) -> UInt64 {
    let bytes = try file.bytes(at: offset, count: byteCount)
    guard bytes.count == byteCount else { throw beyond(UInt64(offset + byteCount)) }
    return number(bytes[...])
  }

  private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    let ordered = byteOrder == .big ? Array(bytes) : bytes.reversed()
    return ordered.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The bytes of a value of one of the types of TIFF 6.0 and BigTIFF; 1 for others, which libtiff leaves out.
  private static func byteCount(ofType type: UInt64) -> Int {
    switch type {
    case 3, 8: 2
    case 4, 9, 11, 13: 4
    case 5, 10, 12, 16, 17, 18: 8
    default: 1
    }
  }
}
