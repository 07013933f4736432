import Voxtile

/// How the voxels of an NRRD file are stored, as its header says.
struct NRRDLayout: Sendable {
  /// How bytes are encoded.
  enum Encoding: Equatable, Sendable {
    case raw, gzip

    /// The name under which it is written.
    var name: String { self == .raw ? "raw" : "gzip" }
  }

  /// The axes.
  var axes: NRRDAxes
  /// The number, kind and order of the voxels.
  var shape: RawShape
  /// The byte order; little-endian where the header does not say it.
  var byteOrder: ByteOrder
  /// How bytes are encoded.
  var encoding: Encoding
  /// The file that the voxels are in; `nil` where they follow the header.
  var file: String?
  /// How many lines come before them.
  var lineSkip: Int
  /// How many bytes come then, of the decoded ones; `nil` where the voxels are the last bytes.
  var byteSkip: Int?

  /// How a voxel is stored.
  var order: VoxelOrder {
    VoxelOrder(scalarType: shape.scalarType, components: shape.components, byteOrder: byteOrder)
  }
}

extension NRRDHeader {
  /// How the voxels are stored.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a value is not what it should be,
  ///   `VoxtileError.Code.unsupportedFormat` for text, bzip2 and other encodings, for several files and for types that no scalar
  ///   type can hold.
  func layout() throws(VoxtileError) -> NRRDLayout {
    let axes = try axes()
    let scalarType = try scalarType()
    guard
      let shape = RawShape(
        axes.spatialSizes, components: axes.components, planes: axes.planes, scalarType: scalarType)
    else { throw try required("sizes").error(expected: "sizes that give fewer than 2^60 bytes") }
    let encoding = try encoding()
    let byteSkip = try skip("byte skip", atLeast: encoding == .raw ? -1 : 0)
    return NRRDLayout(
      axes: axes, shape: shape, byteOrder: try byteOrder(), encoding: encoding, file: try dataFile(),
      lineSkip: try skip("line skip", atLeast: 0), byteSkip: byteSkip < 0 ? nil : byteSkip)
  }

  private func scalarType() throws(VoxtileError) -> ScalarType {
    let entry = try required("type")
    if let type = NRRDType.scalarType(entry.value) { return type }
    if entry.value.lowercased() == "block" {
      throw unsupported("stores blocks of bytes (type: block)", "convert them to numbers")
    }
    throw entry.error(expected: "a type of the standard, such as short or float")
  }

  private func byteOrder() throws(VoxtileError) -> ByteOrder {
    guard let entry = field("endian") else { return .little }
    guard let order = ByteOrder(rawValue: entry.value.lowercased()) else {
      throw entry.error(expected: "little or big")
    }
    return order
  }

  private func encoding() throws(VoxtileError) -> NRRDLayout.Encoding {
    let entry = try required("encoding")
    let advice = "save it as raw or gzip, for example with 3D Slicer or unu save"
    switch entry.value.lowercased() {
    case "raw": return .raw
    case "gz", "gzip": return .gzip
    case "txt", "text", "ascii":
      throw unsupported("stores its voxels as text (encoding: \(entry.value))", advice)
    case "hex": throw unsupported("stores its voxels as hexadecimal text (encoding: hex)", advice)
    case "bz2", "bzip2":
      throw unsupported("compresses its voxels with bzip2 (encoding: \(entry.value))", advice)
    case "zrl": throw unsupported("stores its voxels in runs of zeros (encoding: zrl)", advice)
    default: throw entry.error(expected: "raw or gzip")
    }
  }

  /// The name of the file with the voxels, or `nil` where they follow the header.
  func dataFile() throws(VoxtileError) -> String? {
    guard let entry = field("data file") else { return nil }
    let advice = "join its slices to one file, for example with 3D Slicer or unu join"
    if entry.value.split(separator: " ").first?.uppercased() == "LIST" {
      throw unsupported("has its voxels in a list of files (data file: LIST)", advice)
    }
    if entry.value.contains("%") {
      throw unsupported("has its voxels in files of a pattern (data file: \(entry.value))", advice)
    }
    return entry.value
  }

  private func skip(_ name: String, atLeast least: Int) throws(VoxtileError) -> Int {
    guard let entry = field(name) else { return 0 }
    let skip = try entry.integers(count: 1, atLeast: least)[0]
    guard skip < 1 << 48 else { throw entry.error(expected: "a number that a file can have") }
    return skip
  }

  private func unsupported(_ what: String, _ advice: String) -> VoxtileError {
    VoxtileError(.unsupportedFormat, "\(what), which is not read here; \(advice)")
  }
}
