import Voxtile

/// What a codec of a chain does.
enum ChunkCodec: Sendable {
  /// Changes the order of axes: for each axis of the result, which axis of the array it is.
  case transpose([Int])
  /// Makes bytes of values.
  case packing(ChunkPacking)
  /// Makes bytes of bytes.
  case bytes(any ByteCodec)
}

/// How values become bytes.
indirect enum ChunkPacking: Sendable {
  /// One after another, the last axis fastest.
  case values(ByteOrder)
  /// Chunks within the chunk, with an index.
  case shards(Sharding)
}

/// The codecs of Zarr v3 that are read, in one list.
struct CodecRegistry {
  private typealias Make =
    @Sendable (inout ZarrFields, CodecChain.Form) throws(VoxtileError) -> ChunkCodec

  private static let all: [(name: String, make: Make)] = [
    (
      "blosc",
      { (fields, _) throws(VoxtileError) in
        fields.skip(["cname", "clevel", "shuffle", "typesize", "blocksize"])
        return .bytes(BloscCodec())
      }
    ),
    ("bytes", { (fields, form) throws(VoxtileError) in .packing(.values(try byteOrder(&fields, form))) }),
    ("crc32c", { (_, _) throws(VoxtileError) in .bytes(CRC32CCodec()) }),
    (
      "gzip",
      { (fields, _) throws(VoxtileError) in
        fields.skip(["level"])
        return .bytes(DeflateCodec(wrapper: .gzip))
      }
    ),
    (
      "sharding_indexed",
      { (fields, form) throws(VoxtileError) in
        .packing(.shards(try Sharding(&fields, in: form)))
      }
    ),
    ("transpose", { (fields, form) throws(VoxtileError) in .transpose(try order(&fields, form)) }),
    (
      "zstd",
      { (fields, _) throws(VoxtileError) in
        fields.skip(["level", "checksum"])
        return .bytes(ZstdCodec())
      }
    ),
  ]

  /// Reads one codec.
  ///
  /// - Parameters:
  ///   - value: what the metadata say of it.
  ///   - path: where that stands.
  ///   - form: what it encodes.
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where it is none of the list.
  static func codec(
    _ value: JSONValue, path: String, of form: CodecChain.Form
  ) throws(VoxtileError) -> ChunkCodec {
    var named = try ZarrNamed(value, path: path)
    guard let known = all.first(where: { $0.name == named.name }) else {
      throw .zarrUnsupported(
        "\(path).name", "\"\(named.name.prefix(80))\"", known: all.map(\.name).joined(separator: ", "))
    }
    let codec = try known.make(&named.settings, form)
    try named.settings.finish()
    return codec
  }

  private static func byteOrder(
    _ fields: inout ZarrFields, _ form: CodecChain.Form
  ) throws(VoxtileError) -> ByteOrder {
    if fields.optional("endian") == nil, form.type.byteCount == 1 { return .native }
    return try fields.take("endian", "\"little\" or \"big\"") { $0.string.flatMap(ByteOrder.init) }
  }

  private static func order(
    _ fields: inout ZarrFields, _ form: CodecChain.Form
  ) throws(VoxtileError) -> [Int] {
    let rank = form.shape.count
    return try fields.take("order", "each number from 0 to \(rank - 1) once") { value in
      let order = value.values?.compactMap(\.integer) ?? []
      return order.count == value.values?.count && order.sorted() == Array(0..<rank) ? order : nil
    }
  }
}

extension ZarrFields {
  /// Takes fields that say how something was encoded, which decoding does not need.
  fileprivate mutating func skip(_ keys: [String]) {
    for key in keys { _ = optional(key) }
  }
}
