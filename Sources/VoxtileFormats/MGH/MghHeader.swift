import Voxtile

/// The header of an MGH file: 284 bytes, of which the first 90 are in use, all numbers big-endian.
///
/// Source: FreeSurfer's page "MghFormat", and how FreeSurfer reads such files.
struct MghHeader: Sendable {
  /// The bytes in use.
  let bytes: [UInt8]

  /// Where the voxels begin.
  static let byteCount = 284
  /// The bytes in use; what follows them is not looked at.
  static let usedByteCount = 90
  /// Version 1 of a plain image.
  static let magic: [UInt8] = [0, 0, 0, 1]

  /// Takes the first bytes of a file.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where there are too few, or they are no header.
  init(_ bytes: [UInt8]) throws(VoxtileError) {
    guard bytes.count >= Self.usedByteCount, bytes.starts(with: Self.magic) else {
      throw .mgh(
        "beginning", expected: "version 1 and \(Self.usedByteCount) bytes", found: "\(bytes.count) bytes")
    }
    self.bytes = Array(bytes.prefix(Self.usedByteCount))
  }

  private func int32(_ offset: Int) -> Int {
    Int(Int32(bitPattern: bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }))
  }

  private func float(_ offset: Int) -> Double {
    Double(Float(bitPattern: bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }))
  }

  /// Width, height, depth and frames, as they are stored.
  var sizes: [Int] { (0..<4).map { int32(4 + 4 * $0) } }

  /// The code of the type of a voxel.
  var typeCode: Int { int32(20) }

  /// Whether the header says where the image lies; a flag below 0 says no more than 0, as for FreeSurfer.
  var hasPlace: Bool { bytes[28] < 0x80 && (bytes[28] != 0 || bytes[29] != 0) }

  /// Whether the numbers are such as a header has: the mark of the format is a plain 1, which says little.
  var isPlausible: Bool {
    sizes.allSatisfy { (1...1 << 24).contains($0) } && (0...10).contains(typeCode) && bytes[28] == 0
      && bytes[29] <= 1
  }
}

// MARK: - Voxels

extension MghHeader {
  /// The type of a voxel.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` for types that are never images, `VoxtileError.Code.malformedFile` for others.
  func scalarType() throws(VoxtileError) -> ScalarType {
    switch typeCode {
    case 0: return .uint8
    case 1: return .int32
    case 3: return .float32
    case 4: return .int16
    case 10: return .uint16
    default: break
    }
    let known = [
      2: "long integers", 5: "bits", 6: "tensors", 7: "complex numbers", 8: "complex numbers",
      9: "packed colors",
    ]
    guard let name = known[typeCode] else {
      throw .mgh("type", expected: "0, 1, 3, 4 or 10", found: "\(typeCode)")
    }
    throw VoxtileError(
      .unsupportedFormat,
      "stores \(name) (MGH type \(typeCode)), which are not read here; convert it, for example with mri_convert -odt float",
      context: .init(expected: "0, 1, 3, 4 or 10", found: "\(typeCode)"))
  }

  /// The size of the image.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a size is not positive, or the product is more than can be.
  func extent(_ type: ScalarType) throws(VoxtileError) -> Extent {
    var product = type.byteCount
    for (name, size) in zip(["width", "height", "depth", "nframes"], sizes) {
      guard size >= 1 else { throw .mgh(name, expected: "at least 1", found: "\(size)") }
      let (next, overflowed) = product.multipliedReportingOverflow(by: size)
      guard !overflowed, next < 1 << 60 else {
        throw .mgh(
          name, expected: "a size that with the others gives fewer than 2^60 bytes", found: "\(size)")
      }
      product = next
    }
    return Extent(width: sizes[0], height: sizes[1], depth: sizes[2])
  }
}

// MARK: - Place

extension MghHeader {
  /// Sizes and directions of the three axes as columns, and the center of the image, in mm.
  private var stored: (columns: [[Double]], center: [Double]) {
    let columns = (0..<3).map { axis in (0..<3).map { float(42 + 12 * axis + 4 * $0) * float(30 + 4 * axis) }
    }
    return (columns, (0..<3).map { float(78 + 4 * $0) })
  }

  /// FreeSurfer's axes for a header that has none: coronal slices (LIA), voxels of 1 mm, the center at 0.
  private static let standard: (columns: [[Double]], center: [Double]) = (
    [[-1, 0, 0], [0, 0, -1], [0, 1, 0]], [0, 0, 0]
  )

  /// Why the directions that are stored cannot be used, or `nil` where they can.
  var placeNote: String? {
    if !hasPlace {
      return
        "does not say where it lies (its RAS flag is 0); it is taken for coronal slices of 1 mm, as FreeSurfer does"
    }
    guard isSingular else { return nil }
    return
      "has directions that do not span space; it is taken for coronal slices of 1 mm, as FreeSurfer takes files "
      + "without directions"
  }

  private var isSingular: Bool { affine(stored).isSingular(over: [2, 2, 2]) }

  /// The map from voxels to mm.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a number is not finite.
  func affine() throws(VoxtileError) -> Affine {
    guard hasPlace else { return affine(Self.standard) }
    let numbers = stored.columns.joined() + stored.center
    guard numbers.allSatisfy(\.isFinite) else {
      throw .mgh("vox2ras", expected: "finite numbers", found: "\(numbers)")
    }
    return affine(placeNote == nil ? stored : Self.standard)
  }

  /// The center that is stored is that of the voxel at half of the sizes.
  private func affine(_ place: (columns: [[Double]], center: [Double])) -> Affine {
    let columns = place.columns
    return Affine(
      rows: (0..<3).map { row in
        let half = (0..<3).reduce(0.0) { $0 + columns[$1][row] * Double(sizes[$1]) / 2 }
        return [columns[0][row], columns[1][row], columns[2][row], place.center[row] - half]
      })
  }
}

extension VoxtileError {
  /// A field that says something else than it should.
  static func mgh(_ field: String, expected: String, found: String) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      "has an MGH header whose \(field) is \(found), but it should be \(expected); the file is damaged or was written by a "
        + "faulty program",
      context: .init(expected: expected, found: found))
  }
}
