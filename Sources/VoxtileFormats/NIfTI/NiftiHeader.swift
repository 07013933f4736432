import Voxtile

/// The header of a NIfTI file with its extensions, kept as the bytes of the file.
///
/// Fields are decoded when they are read and encoded when they are set, in the file's own version
/// and byte order, so that every other bit stays as it was.
struct NiftiHeader: Sendable {
  /// The fixed header, the bytes that announce extensions, the extensions, and padding: all that lies
  /// before the voxels in a single file, or the whole `.hdr` file of a pair.
  private(set) var bytes: [UInt8]
  /// The version of the format.
  let version: NiftiVersion
  /// The byte order of the file.
  let byteOrder: ByteOrder

  /// The most bytes that are read of any version before `vox_offset` is known.
  static let longestFixedByteCount = 540
  /// The most bytes kept before the voxels.
  static let byteCountLimit = 64 << 20

  /// Takes a fixed header, which may be followed by extensions.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` or `VoxtileError.Code.unsupportedFormat` where it is none.
  init(_ bytes: [UInt8]) throws(VoxtileError) {
    guard let (version, byteOrder) = Self.identify(bytes) else {
      throw .nifti(field: "sizeof_hdr", expected: "348 or 540", found: Self.firstWord(bytes, .little))
    }
    guard bytes.count >= version.headerByteCount else {
      throw VoxtileError(
        .malformedFile,
        "ends at byte \(bytes.count), within its header of \(version.headerByteCount) bytes; it is truncated",
        context: .init(
          byteOffset: bytes.count, expected: "\(version.headerByteCount) bytes",
          found: "\(bytes.count) bytes"))
    }
    self.bytes = bytes
    self.version = version
    self.byteOrder = byteOrder
    try checkMagic()
  }

  /// Creates the header of a single file of one voxel, with unit spacing and no geometry.
  init(version: NiftiVersion, byteOrder: ByteOrder = .native) {
    self.version = version
    self.byteOrder = byteOrder
    bytes = [UInt8](repeating: 0, count: version.firstVoxelOffset)
    let size = UInt32(version.headerByteCount)
    for index in 0..<4 {
      let shift = byteOrder == .little ? index * 8 : 24 - index * 8
      bytes[index] = UInt8(truncatingIfNeeded: size >> UInt32(shift))
    }
    for index in 0..<8 {
      set(.dim, index, to: 1)
      set(.pixdim, index, to: 1.0)
    }
    set(.dim, to: 2)
    set(.slope, to: 1.0)
    let magic = version.magic(isSingleFile: true)
    bytes.replaceSubrange(version.magicOffset..<version.magicOffset + magic.count, with: magic)
    set(.voxOffset, to: bytes.count)
  }

  /// The version and byte order that the first four bytes say, or `nil`.
  static func identify(_ bytes: [UInt8]) -> (NiftiVersion, ByteOrder)? {
    guard bytes.count >= 4 else { return nil }
    for version in [NiftiVersion.one, .two] {
      for order in [ByteOrder.little, .big]
      where word(bytes, at: 0, order) == UInt32(version.headerByteCount) {
        return (version, order)
      }
    }
    return nil
  }

  private static func word(_ bytes: [UInt8], at offset: Int, _ order: ByteOrder) -> UInt32 {
    let word = bytes[offset..<offset + 4].reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    return order == .little ? word : word.byteSwapped
  }

  private static func firstWord(_ bytes: [UInt8], _ order: ByteOrder) -> String {
    bytes.count < 4 ? "\(bytes.count) bytes" : "\(word(bytes, at: 0, order))"
  }

  private func checkMagic() throws(VoxtileError) {
    if hasMagic(isSingleFile: true) || hasMagic(isSingleFile: false) { return }
    let found = bytes[version.magicOffset..<version.magicOffset + 4]
    if version == .one && found.allSatisfy({ $0 == 0 }) {
      throw VoxtileError(
        .unsupportedFormat,
        "is ANALYZE 7.5 rather than NIfTI, so it does not say which side is left; convert it, for example "
          + "with nifti_tool or SPM",
        context: .init(byteOffset: version.magicOffset))
    }
    throw .nifti(field: "magic", expected: "n+1, ni1, n+2 or ni2", found: "\(Array(found))")
  }

  private func hasMagic(isSingleFile: Bool) -> Bool {
    let magic = version.magic(isSingleFile: isSingleFile)
    return bytes[version.magicOffset..<version.magicOffset + magic.count].elementsEqual(magic)
  }
}

// MARK: - Fields

extension NiftiHeader {
  /// The value of a whole-number field, or of one element of an array field.
  func integer(_ field: NiftiField, _ index: Int = 0) -> Int {
    let place = field.place(in: version)
    let bits = bits(place, index)
    switch place.encoding {
    case .uint8: return Int(UInt8(truncatingIfNeeded: bits))
    case .int16: return Int(Int16(truncatingIfNeeded: bits))
    case .int32: return Int(Int32(truncatingIfNeeded: bits))
    case .int64: return Int(Int64(bitPattern: bits))
    case .float32, .float64: return Int(exactly: real(field, index)) ?? -1
    }
  }

  /// The value of any field as a floating-point number.
  func real(_ field: NiftiField, _ index: Int = 0) -> Double {
    let place = field.place(in: version)
    switch place.encoding {
    case .float32: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits(place, index))))
    case .float64: return Double(bitPattern: bits(place, index))
    default: return Double(integer(field, index))
    }
  }

  /// Sets a whole-number field, or one element of an array field.
  ///
  /// - Precondition: the value fits the field of this version.
  mutating func set(_ field: NiftiField, _ index: Int = 0, to value: Int) {
    let place = field.place(in: version)
    switch place.encoding {
    case .float32, .float64: set(field, index, to: Double(value))
    case .int64: setBits(place, index, UInt64(bitPattern: Int64(value)))
    case .uint8, .int16, .int32:
      let width = place.encoding.byteCount * 8
      let limits = place.encoding == .uint8 ? 0...255 : -(1 << (width - 1))...(1 << (width - 1)) - 1
      precondition(limits.contains(value), "\(field.name) cannot hold \(value)")
      setBits(place, index, UInt64(truncatingIfNeeded: value))
    }
  }

  /// Sets a floating-point field, or one element of an array field.
  mutating func set(_ field: NiftiField, _ index: Int = 0, to value: Double) {
    let place = field.place(in: version)
    switch place.encoding {
    case .float32: setBits(place, index, UInt64(Float(value).bitPattern))
    case .float64: setBits(place, index, value.bitPattern)
    default: preconditionFailure("\(field.name) is no floating-point field")
    }
  }

  private func bits(_ place: NiftiField.Place, _ index: Int) -> UInt64 {
    let size = place.encoding.byteCount
    let field = bytes[place.offset + index * size..<place.offset + (index + 1) * size]
    return byteOrder == .little
      ? field.reversed().reduce(0) { $0 << 8 | UInt64($1) } : field.reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func setBits(_ place: NiftiField.Place, _ index: Int, _ bits: UInt64) {
    let size = place.encoding.byteCount
    for position in 0..<size {
      let shift = byteOrder == .little ? position * 8 : (size - 1 - position) * 8
      bytes[place.offset + index * size + position] = UInt8(truncatingIfNeeded: bits >> UInt64(shift))
    }
  }

  /// A text field up to its first zero byte, without blanks at its end: UTF-8, of which the end of the field may have cut off a
  /// part of a letter, or else Latin-1.
  func text(at offsets: (one: Int, two: Int), byteCount: Int) -> String {
    let start = version == .one ? offsets.one : offsets.two
    var characters = bytes[start..<start + byteCount].prefix { $0 != 0 }
    let isFull = characters.count == byteCount
    while characters.last == 32 { characters.removeLast() }
    for cut in 0...(isFull ? 3 : 0) where characters.suffix(cut).allSatisfy({ $0 >= 0x80 }) {
      if let text = String(validating: characters.dropLast(cut), as: UTF8.self) { return text }
    }
    return String(String.UnicodeScalarView(characters.map { Unicode.Scalar($0) }))
  }

  /// Sets a text field, whose other bytes become 0.
  ///
  /// - Precondition: the text is ASCII and fits.
  mutating func setText(_ text: String, at offsets: (one: Int, two: Int), byteCount: Int) {
    precondition(text.utf8.count <= byteCount, "a field of \(byteCount) bytes cannot hold '\(text)'")
    let start = version == .one ? offsets.one : offsets.two
    let padding = [UInt8](repeating: 0, count: byteCount - text.utf8.count)
    bytes.replaceSubrange(start..<start + byteCount, with: Array(text.utf8) + padding)
  }
}

// MARK: - Extensions and the place of the voxels

extension NiftiHeader {
  /// Whether the voxels follow in the same file.
  var isSingleFile: Bool { hasMagic(isSingleFile: true) }

  /// Where the voxels begin, in the file that has them.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where that lies within the header.
  func voxelOffset() throws(VoxtileError) -> Int {
    let offset = integer(.voxOffset)
    let least = isSingleFile ? version.firstVoxelOffset : 0
    // A float can name offsets beyond every file; the limit keeps sums from overflowing.
    guard offset >= least, offset < 1 << 48 else {
      throw .nifti(
        field: "vox_offset", expected: "a whole number of at least \(least)",
        found: version == .one ? "\(Float(real(.voxOffset)))" : "\(offset)")
    }
    return offset
  }

  /// Appends what follows the fixed header, after checking that extensions lie within it.
  mutating func append(_ more: some Collection<UInt8>) throws(VoxtileError) {
    bytes += more
    _ = try extensions()
  }

  /// The codes and sizes of the extensions.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where one is larger than the room there is.
  func extensions() throws(VoxtileError) -> [(code: Int, byteCount: Int)] {
    let announcement = version.headerByteCount
    guard bytes.count > announcement, bytes[announcement] != 0 else { return [] }
    var found: [(code: Int, byteCount: Int)] = []
    var offset = version.firstVoxelOffset
    while offset + 8 <= bytes.count {
      let size = Int(Int32(bitPattern: Self.word(bytes, at: offset, byteOrder)))
      let code = Int(Int32(bitPattern: Self.word(bytes, at: offset + 4, byteOrder)))
      // Zeros fill the room up to the voxels.
      if size == 0 && code == 0 { break }
      guard size >= 8, size <= bytes.count - offset else {
        throw .nifti(
          field: "esize", at: offset, expected: "8 to \(bytes.count - offset) bytes", found: "\(size)")
      }
      found.append((code, size))
      offset += size
    }
    return found
  }

  /// Makes this the header of a single file, or of a pair: the magic bytes, and where the voxels begin.
  mutating func setPlacement(isSingleFile: Bool) {
    if isSingleFile {
      let missing = max(version.firstVoxelOffset - bytes.count, 0)
      bytes += [UInt8](repeating: 0, count: missing)
      // Readers map files into memory, where voxels should begin at a multiple of 16.
      if !self.isSingleFile { bytes += [UInt8](repeating: 0, count: -bytes.count & 15) }
    }
    let magic = version.magic(isSingleFile: isSingleFile)
    bytes.replaceSubrange(version.magicOffset..<version.magicOffset + magic.count, with: magic)
    let offset = isSingleFile ? bytes.count : 0
    if integer(.voxOffset) != offset { set(.voxOffset, to: offset) }
  }
}

extension VoxtileError {
  /// A header field has a value it cannot have.
  static func nifti(
    field: String, at offset: Int? = nil, expected: String, found: String
  ) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      "has a NIfTI header whose \(field) is \(found), but it should be \(expected); the file is damaged or "
        + "was written by a faulty program",
      context: .init(byteOffset: offset, expected: expected, found: found))
  }
}
