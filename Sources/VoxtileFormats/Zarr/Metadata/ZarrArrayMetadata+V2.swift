import Voxtile

extension ZarrArrayMetadata {
  /// Reads the metadata of an array of Zarr v2.
  ///
  /// Source: the Zarr storage specification, version 2.
  ///
  /// - Parameter attributes: what the file `.zattrs` beside it says; an empty object where there is none.
  /// - Throws: `VoxtileError.Code.malformedFile` where a field is not as it should be,
  ///   `VoxtileError.Code.unsupportedFormat` where one says what is not read here.
  init(version2 document: JSONValue, attributes: JSONValue) throws(VoxtileError) {
    var fields = try ZarrFields(document)
    version = try fields.take("zarr_format", "2") { $0.integer == 2 ? 2 : nil }
    shape = try fields.sizes("shape", rank: nil, in: 0...Self.maxValues)
    chunkShape = try fields.sizes("chunks", rank: shape.count, in: 1...Self.maxValues)
    let (type, byteOrder) = try Self.type(fields.value("dtype", "a type such as \"<i2\""))
    dataType = type
    let order = try fields.take("order", "\"C\" or \"F\"") {
      ["C", "F"].contains($0.string) ? $0.string : nil
    }
    fill = try fields.take("fill_value", "a value of the array's type") {
      $0 == .null
        ? [UInt8](repeating: 0, count: type.scalarType.byteCount) : ZarrFillValue.bytes(of: $0, as: type)
    }
    var separator = ChunkKeys.Separator.dot
    if let value = fields.optional("dimension_separator"), value != .null {
      separator = try fields.take("dimension_separator", "\"/\" or \".\"") {
        $0.string.flatMap(ChunkKeys.Separator.init)
      }
    }
    keys = ChunkKeys(hasPrefix: false, separator: separator)
    if let filters = fields.optional("filters"), filters != .null, filters != .array([]) {
      let first = filters.values?.first?["id"]?.string
      throw .zarrUnsupported("filters", first.map { "\"\($0)\"" } ?? filters.summary, known: "none")
    }
    codecs = try CodecChain(
      version2: fields.value("compressor", "null or an object with an id"), isReversed: order == "F",
      byteOrder: byteOrder, for: .init(shape: chunkShape, type: type))
    // Readers of this version ignore what they do not know.
    let names = attributes["_ARRAY_DIMENSIONS"]?.values?.compactMap(\.string) ?? []
    axisNames = names.count == shape.count && Set(names).count == names.count ? names : nil
    self.attributes = attributes
    try checkSizes()
  }

  private static func type(_ value: JSONValue) throws(VoxtileError) -> (ZarrDataType, ByteOrder) {
    guard let name = value.string else {
      throw .zarrUnsupported("dtype", "values of several fields", known: typeNames)
    }
    guard let type = ZarrDataType.version2(name) else {
      throw .zarrUnsupported("dtype", "\"\(name)\"", known: typeNames)
    }
    return type
  }

  private static let typeNames =
    "|b1, |u1, |i1, and with < or > for their byte order u2, u4, u8, i2, i4, i8, f2, f4, f8"
}
