import Voxtile

/// The header of a `.npy` file: the type, order and shape of one array.
///
/// Source: the description of the format in NumPy's `numpy.lib.format`, versions 1, 2 and 3.
struct NpyHeader: Equatable, Sendable {
  /// How one number is stored.
  var type: NpyType
  /// The order of the bytes of one number.
  var byteOrder: ByteOrder
  /// Whether the first axis is the fastest in memory.
  var isFortranOrder: Bool
  /// The length of each axis.
  var axes: [Int]
  /// The version of the format; 1 to 3.
  var version = 1
  /// The bytes before the array.
  var byteCount = 0

  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
  /// NumPy refuses headers of more than 10,000 bytes.
  static let byteCountLimit = 1 << 16

  /// Reads a header.
  ///
  /// - Parameter prefix: gives the first bytes of the file, fewer where it has fewer.
  /// - Throws: `VoxtileError.Code.malformedFile` where it is damaged, `VoxtileError.Code.unsupportedFormat` for arrays that
  ///   are no numbers, and what `prefix` throws.
  init(_ prefix: (Int) throws(VoxtileError) -> [UInt8]) throws(VoxtileError) {
    let start = try prefix(12)
    guard start.count >= 10, start.starts(with: Self.magic) else {
      throw .npy(
        "beginning", expected: "the mark of NumPy and a version", found: "\(start.count) other bytes")
    }
    let version = Int(start[6])
    guard (1...3).contains(version) else {
      throw VoxtileError(
        .unsupportedFormat, "is in version \(version) of NumPy's format; versions 1 to 3 are read",
        context: .init(expected: "1 to 3", found: "\(version)"))
    }
    let sizeBytes = start[8..<min(start.count, version == 1 ? 10 : 12)]
    let size = sizeBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    let begin = version == 1 ? 10 : 12
    guard size <= Self.byteCountLimit else {
      throw .npy("length", expected: "at most \(Self.byteCountLimit) bytes", found: "\(size)")
    }
    let bytes = try prefix(begin + size)
    guard bytes.count == begin + size else {
      throw .npy("length", expected: "at most the \(bytes.count) bytes there are", found: "\(begin + size)")
    }
    try self.init(text: Array(bytes[begin...]))
    self.version = version
    byteCount = begin + size
  }

  /// Reads the dictionary alone.
  init(text: [UInt8]) throws(VoxtileError) {
    let entries = try NpyLiteral.dictionary(text)
    let keys = entries.map(\.key)
    guard keys.sorted() == ["descr", "fortran_order", "shape"] else {
      throw .npy(
        "dictionary", expected: "to have the keys descr, fortran_order and shape",
        found: keys.joined(separator: ", "))
    }
    var type: (NpyType, ByteOrder)?
    var order: Bool?
    var shape: [Int]?
    for entry in entries {
      switch (entry.key, entry.value) {
      case ("descr", .text(let descr)): type = try NpyType.decode(descr)
      case ("fortran_order", .flag(let flag)): order = flag
      case ("shape", .sizes(let sizes)): shape = sizes
      default: throw .npy(entry.key, expected: "a value of its kind", found: "\(entry.value)")
      }
    }
    guard let type, let order, let shape else { throw .npy("dictionary", expected: "whole", found: "not") }
    (self.type, byteOrder) = type
    isFortranOrder = order
    axes = shape
  }

  /// A header to be written.
  ///
  /// - Parameter isHalf: whether the values are stored as floating-point numbers of 16 bits.
  init(_ scalarType: ScalarType, axes: [Int], isHalf: Bool = false) {
    type = isHalf ? .half : .plain(scalarType)
    byteOrder = .native
    isFortranOrder = false
    self.axes = axes
    byteCount = bytes.count
  }

  /// The axes as Python writes them.
  var shapeText: String {
    "(" + axes.map(String.init).joined(separator: ", ") + (axes.count == 1 ? ",)" : ")")
  }

  /// The dictionary as NumPy writes it.
  var text: String {
    let descr = NpyType.descr(type, byteOrder)
    return
      "{'descr': '\(descr)', 'fortran_order': \(isFortranOrder ? "True" : "False"), 'shape': \(shapeText), }"
  }

  /// The whole header, in version 1, with blanks so that the array begins at a multiple of 64 bytes.
  var bytes: [UInt8] {
    let text = Array(text.utf8)
    let size = (10 + text.count + 1 + 63) / 64 * 64 - 10
    let blanks = [UInt8](repeating: 0x20, count: size - text.count - 1)
    return Self.magic + [1, 0, UInt8(size & 255), UInt8(size >> 8)] + text + blanks + [0x0A]
  }
}

extension VoxtileError {
  /// A header that says something else than it should.
  static func npy(_ field: String, expected: String, found: String) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      "has a NumPy header whose \(field) is \(found), but it should be \(expected); the file is damaged or was written "
        + "by a faulty program",
      context: .init(expected: expected, found: found))
  }
}
