import Voxtile

/// An array that is going to be written: values one after another, compressed with Zstandard; absent values are 0.
struct NewZarrArray: Sendable {
  /// The version of Zarr, 2 or 3.
  var version: Int
  var shape: [Int]
  var chunkShape: [Int]
  var scalarType: ScalarType
  /// The names of the axes.
  var axisNames: [String]
  var compression: WriteOptions.CompressionLevel

  /// How the files of chunks are named.
  var keys: ChunkKeys { ChunkKeys(hasPrefix: version == 3, separator: .slash) }

  /// The name of the document, and what it says.
  var document: (name: String, content: JSONValue) {
    version == 3
      ? (ZarrArrayMetadata.version3File, version3) : (ZarrArrayMetadata.version2File, version2)
  }

  private var type: ZarrDataType { .scalar(scalarType) }
  private var zero: JSONValue { scalarType.isInteger ? .integer(0) : .real(0) }

  private func sizes(_ sizes: [Int]) -> JSONValue { .array(sizes.map(JSONValue.integer)) }

  private var version3: JSONValue {
    func named(_ name: String, _ settings: KeyValuePairs<String, JSONValue?>) -> JSONValue {
      .members(["name": .string(name), "configuration": .members(settings)])
    }
    let bytes = named("bytes", ["endian": scalarType.byteCount > 1 ? .string("little") : nil])
    return .members([
      "zarr_format": .integer(3), "node_type": .string("array"), "shape": sizes(shape),
      "data_type": .string(type.name), "chunk_grid": named("regular", ["chunk_shape": sizes(chunkShape)]),
      "chunk_key_encoding": named("default", ["separator": .string("/")]), "fill_value": zero,
      "codecs": .array([bytes, ZstdCodec.json(compression)]), "attributes": .object([]),
      "dimension_names": .array(axisNames.map(JSONValue.string)),
    ])
  }

  private var version2: JSONValue {
    .members([
      "zarr_format": .integer(2), "shape": sizes(shape), "chunks": sizes(chunkShape),
      "dtype": .string(type.version2Name), "compressor": ZstdCodec.version2JSON(compression),
      "fill_value": zero, "order": .string("C"), "filters": .null, "dimension_separator": .string("/"),
    ])
  }
}
