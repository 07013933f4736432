import Voxtile

/// How the voxels of a MetaImage are stored, as its header says.
struct MetaImageLayout: Sendable {
  /// Where the voxels are.
  enum Place: Equatable, Sendable {
    /// After the header.
    case local
    /// In a file of that name.
    case file(String)
  }

  /// The number of dimensions; those after the third count as channels.
  var rank: Int
  /// The sizes along them.
  var sizes: [Int]
  /// Their number, kind and order.
  var shape: RawShape
  /// The byte order; that of this machine where the header does not say it.
  var byteOrder: ByteOrder
  /// Whether they are a zlib or gzip stream.
  var isCompressed: Bool
  /// Where they are.
  var place: Place
  /// How many bytes come before them in a file of their own; `nil` where they are its last bytes.
  var skip: Int?

  /// How a voxel is stored.
  var order: VoxelOrder {
    VoxelOrder(scalarType: shape.scalarType, components: shape.components, byteOrder: byteOrder)
  }
}

extension MetaImageHeader {
  /// How the voxels are stored.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a value is not what it should be,
  ///   `VoxtileError.Code.unsupportedFormat` for text, for lists of files and for types that no scalar type can hold.
  func layout() throws(VoxtileError) -> MetaImageLayout {
    if let type = entry(.objectType), type.value != "Image" {
      throw unsupported("holds a \(type.value), not an image", "name the image")
    }
    let rankEntry = try required(.rank)
    guard let rank = Int(rankEntry.value), (1...10).contains(rank) else {
      throw rankEntry.error(expected: "1 to 10")
    }
    let sizesEntry = try required(.sizes)
    let sizes = try integers(.sizes, count: rank, atLeast: 1) ?? []
    let channels = try integers(.channels, count: 1, atLeast: 1)?[0] ?? 1
    let typeEntry = try required(.type)
    guard let scalarType = MetaImageType.scalarType(typeEntry.value) else {
      throw unsupported(
        "stores elements of type \(typeEntry.value)", "convert it to MET_DOUBLE or another type of numbers")
    }
    guard
      let shape = RawShape(
        Array(sizes.prefix(3)), components: [channels], planes: Array(sizes.dropFirst(3)),
        scalarType: scalarType)
    else { throw sizesEntry.error(expected: "sizes that give fewer than 2^60 bytes") }
    if try flag(.isBinary) == false {
      throw unsupported("stores its voxels as text (BinaryData = False)", "save it with binary voxels")
    }
    let place = try place()
    return MetaImageLayout(
      rank: rank, sizes: sizes, shape: shape,
      byteOrder: try flag(.byteOrder).map { $0 ? .big : .little } ?? .native,
      isCompressed: try flag(.isCompressed) ?? false, place: place, skip: try skip())
  }

  /// Where the voxels are.
  func place() throws(VoxtileError) -> MetaImageLayout.Place {
    let entry = try required(.data)
    let advice = "join its slices to one file, for example with SimpleITK"
    if entry.value.uppercased() == "LOCAL" { return .local }
    if entry.value.split(separator: " ").first?.uppercased() == "LIST" {
      throw unsupported("has its voxels in a list of files (ElementDataFile = LIST)", advice)
    }
    if entry.value.contains("%") {
      throw unsupported(
        "has its voxels in files of a pattern (ElementDataFile = \(entry.value))", advice)
    }
    return .file(entry.value)
  }

  private func skip() throws(VoxtileError) -> Int? {
    guard let skip = try integers(.skip, count: 1, atLeast: -1)?[0] else { return 0 }
    guard skip < 1 << 48 else {
      throw try required(.skip).error(expected: "a number of bytes that a file can have")
    }
    return skip < 0 ? nil : skip
  }

  private func unsupported(_ what: String, _ advice: String) -> VoxtileError {
    VoxtileError(.unsupportedFormat, "\(what), which is not read here; \(advice)")
  }
}
