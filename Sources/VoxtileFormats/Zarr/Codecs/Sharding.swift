import Voxtile

/// The codec `sharding_indexed`: a chunk is a file within the file, with chunks of its own and an index of where they lie.
struct Sharding: Sendable {
  /// How one of the inner chunks is encoded.
  let inner: CodecChain
  /// How the index is encoded: two numbers for each inner chunk, its offset and its size.
  let index: CodecChain
  /// Whether the index comes before the chunks, and not after them.
  let isIndexFirst: Bool
  /// The number of inner chunks along each axis.
  let counts: [Int]

  /// The most inner chunks of one shard, whose index has 16 bytes for each.
  private static let maxChunks = 1 << 26

  /// Reads the settings of the codec.
  ///
  /// - Parameter form: the values of a shard.
  init(_ fields: inout ZarrFields, in form: CodecChain.Form) throws(VoxtileError) {
    let shape = try fields.sizes("chunk_shape", rank: form.shape.count, in: 1...ZarrArrayMetadata.maxValues)
    guard zip(form.shape, shape).allSatisfy({ $0 % $1 == 0 }) else {
      throw .zarrField(
        fields.name("chunk_shape"), .array(shape.map(JSONValue.integer)),
        expected: "sizes that divide those of the shard, \(ZarrArrayMetadata.text(form.shape))")
    }
    counts = zip(form.shape, shape).map { $0 / $1 }
    guard let count = counts.product, count <= Self.maxChunks else {
      throw VoxtileError(
        .unsupportedFormat,
        "has shards of \(ZarrArrayMetadata.text(counts)) chunks; at most \(Self.maxChunks) are read",
        context: .init(expected: "at most \(Self.maxChunks)", found: ZarrArrayMetadata.text(counts)))
    }
    inner = try CodecChain(
      fields.value("codecs", "an array of codecs"), path: fields.name("codecs"),
      for: .init(shape: shape, type: form.type))
    index = try CodecChain(
      fields.value("index_codecs", "an array of codecs"), path: fields.name("index_codecs"),
      for: .init(shape: counts + [2], type: .scalar(.uint64)))
    guard case .values = index.packing, index.byteCodecs.allSatisfy({ $0 is CRC32CCodec }) else {
      throw VoxtileError(
        .unsupportedFormat,
        "has an index whose size depends on its content, in \(fields.name("index_codecs")); bytes, transpose and crc32c are "
          + "read there",
        context: .init(expected: "bytes, transpose, crc32c", found: fields.name("index_codecs")))
    }
    guard fields.optional("index_location") != nil else {
      isIndexFirst = false
      return
    }
    isIndexFirst = try fields.take("index_location", "\"start\" or \"end\"") { value in
      ["start": true, "end": false][value.string ?? ""]
    }
  }

  /// The size of the encoded index in bytes.
  var indexByteCount: Int { index.storedByteCount + CRC32CCodec.byteCount * index.byteCodecs.count }
}
