import Voxtile

extension ZarrArrayMetadata {
  /// Reads the metadata of an array of Zarr v3.
  ///
  /// Source: the Zarr core specification, version 3.1.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a field is not as it should be,
  ///   `VoxtileError.Code.unsupportedFormat` where one says what is not read here.
  init(version3 document: JSONValue) throws(VoxtileError) {
    var fields = try ZarrFields(document)
    version = try fields.take("zarr_format", "3") { $0.integer == 3 ? 3 : nil }
    _ = try fields.take("node_type", "\"array\"") { $0.string == "array" ? true : nil }
    shape = try fields.sizes("shape", rank: nil, in: 0...Self.maxValues)
    let name = try fields.take("data_type", "a name, or an object with one") {
      $0.string ?? $0["name"]?.string
    }
    guard let type = ZarrDataType(name: name) else {
      throw .zarrUnsupported("data_type", "\"\(name)\"", known: Self.typeNames)
    }
    dataType = type
    chunkShape = try Self.chunkShape(&fields, rank: shape.count)
    keys = try Self.keys(fields.value("chunk_key_encoding", "an object with a name"))
    fill = try fields.take("fill_value", "a value of \(name)") { ZarrFillValue.bytes(of: $0, as: type) }
    codecs = try CodecChain(
      fields.value("codecs", "an array of codecs"), path: "codecs",
      for: .init(shape: chunkShape, type: type))
    axisNames = try Self.axisNames(fields.optional("dimension_names"), rank: shape.count)
    attributes = fields.optional("attributes") ?? .object([])
    if let transformers = fields.optional("storage_transformers"), transformers != .array([]) {
      throw .zarrUnsupported("storage_transformers", transformers.summary, known: "none")
    }
    try fields.finish()
    try checkSizes()
  }

  private static let typeNames = (["bool"] + ScalarType.allCases.map(\.rawValue) + ["float16"]).joined(
    separator: ", ")

  private static func chunkShape(_ fields: inout ZarrFields, rank: Int) throws(VoxtileError) -> [Int] {
    var grid = try ZarrNamed(fields.value("chunk_grid", "an object with a name"), path: "chunk_grid")
    guard grid.name == "regular" else {
      throw .zarrUnsupported("chunk_grid.name", "\"\(grid.name)\"", known: "regular")
    }
    let shape = try grid.settings.sizes("chunk_shape", rank: rank, in: 1...Self.maxValues)
    try grid.settings.finish()
    return shape
  }

  private static func keys(_ value: JSONValue) throws(VoxtileError) -> ChunkKeys {
    var encoding = try ZarrNamed(value, path: "chunk_key_encoding")
    let known = ["default": ChunkKeys.Separator.slash, "v2": .dot]
    guard let usual = known[encoding.name] else {
      throw .zarrUnsupported("chunk_key_encoding.name", "\"\(encoding.name)\"", known: "default, v2")
    }
    var separator = usual
    if encoding.settings.optional("separator") != nil {
      separator = try encoding.settings.take("separator", "\"/\" or \".\"") {
        $0.string.flatMap(ChunkKeys.Separator.init)
      }
    }
    try encoding.settings.finish()
    return ChunkKeys(hasPrefix: encoding.name == "default", separator: separator)
  }

  private static func axisNames(_ value: JSONValue?, rank: Int) throws(VoxtileError) -> [String]? {
    guard let value, value != .null else { return nil }
    guard let values = value.values, values.count == rank,
      values.allSatisfy({ $0 == .null || $0.string != nil })
    else { throw .zarrField("dimension_names", value, expected: "\(rank) names, one for each axis") }
    let names = values.compactMap(\.string)
    return names.count == rank && Set(names).count == rank ? names : nil
  }
}
