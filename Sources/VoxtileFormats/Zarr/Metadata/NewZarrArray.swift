import Voxtile

/// An array that is going to be written: values one after another. Absent values are 0, or NaN where it is
/// ``Encoding/checksummed``.
struct NewZarrArray: Sendable {
  /// The version of Zarr, 2 or 3.
  var version: Int
  /// How the bytes of values are encoded.
  var encoding = Encoding.compressed
  var shape: [Int]
  var chunkShape: [Int]
  var scalarType: ScalarType
  /// Whether values are stored in half as many bits.
  var isHalf = false
  /// The names of the axes.
  var axisNames: [String]
  /// How much time is spent on compression.
  var compression: WriteOptions.CompressionLevel = .standard

  /// How the bytes of values are encoded.
  enum Encoding: Sendable {
    /// By Zstandard.
    case compressed
    /// As they are in memory, with a checksum: floating point, in Zarr v3.
    case checksummed
    /// As they are in memory, in Zarr v3.
    case plain
  }

  /// How the files of chunks are named.
  var keys: ChunkKeys { ChunkKeys(hasPrefix: version == 3, separator: .slash) }

  /// The name of the document, and what it says.
  var document: (name: String, content: JSONValue) {
    version == 3
      ? (ZarrArrayMetadata.version3File, version3) : (ZarrArrayMetadata.version2File, version2)
  }

  private var type: ZarrDataType { isHalf ? .half : .scalar(scalarType) }
  private var zero: JSONValue { scalarType.isInteger ? .integer(0) : .real(0) }

  private func sizes(_ sizes: [Int]) -> JSONValue { .array(sizes.map(JSONValue.integer)) }

  private var version3: JSONValue {
    func named(_ name: String, _ settings: KeyValuePairs<String, JSONValue?>) -> JSONValue {
      .members(["name": .string(name), "configuration": .members(settings)])
    }
    let bytes = named("bytes", ["endian": scalarType.byteCount > 1 ? .string("little") : nil])
    let codecs: [JSONValue] =
      switch encoding {
      case .compressed: [bytes, ZstdCodec.json(compression)]
      case .checksummed: [bytes, .members(["name": .string(CRC32CCodec().name)])]
      case .plain: [bytes]
      }
    return .members([
      "zarr_format": .integer(3), "node_type": .string("array"), "shape": sizes(shape),
      "data_type": .string(type.name), "chunk_grid": named("regular", ["chunk_shape": sizes(chunkShape)]),
      "chunk_key_encoding": named("default", ["separator": .string("/")]),
      "fill_value": encoding == .checksummed ? .string("NaN") : zero,
      "codecs": .array(codecs), "attributes": .object([]),
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
