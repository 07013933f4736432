import Voxtile

/// The codecs of a chunk, prepared for its shape and type: what stands in metadata has been checked against both.
///
/// A change of the order of axes costs nothing: it only tells where a value lies.
struct CodecChain: Sendable {
  /// What is encoded: an array in memory.
  struct Form: Sendable {
    var shape: [Int]
    var type: ZarrDataType
  }

  /// What is encoded.
  let form: Form
  /// For each axis of the packed values, which axis of the array it is.
  let order: [Int]
  let packing: ChunkPacking
  /// Codecs from bytes to bytes, in the order of encoding.
  let byteCodecs: [any ByteCodec]

  /// The most codecs of a chain.
  private static let maxCodecs = 16

  init(
    _ form: Form, order: [Int], packing: ChunkPacking, byteCodecs: [any ByteCodec], path: String
  ) throws(VoxtileError) {
    self.form = form
    self.order = order
    self.packing = packing
    self.byteCodecs = byteCodecs
    // What is decoded at a time is a chunk of values, or a whole shard that is compressed.
    if case .shards = packing, byteCodecs.isEmpty { return }
    guard let count = (form.shape + [max(form.type.byteCount, form.type.scalarType.byteCount)]).product,
      count <= ZarrArrayMetadata.maxChunkBytes
    else {
      throw VoxtileError(
        .unsupportedFormat,
        "has chunks of \(ZarrArrayMetadata.text(form.shape)) values in \(path); a chunk of more than "
          + "\(ZarrArrayMetadata.maxChunkBytes >> 30) GiB is not read here, save it with smaller ones",
        context: .init(
          expected: "at most \(ZarrArrayMetadata.maxChunkBytes) bytes",
          found: ZarrArrayMetadata.text(form.shape)))
    }
  }

  /// Reads the codecs of Zarr v3.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where they are no chain, `VoxtileError.Code.unsupportedFormat` where one is not
  ///   known.
  init(_ value: JSONValue, path: String, for form: Form) throws(VoxtileError) {
    guard let values = value.values, !values.isEmpty, values.count <= Self.maxCodecs else {
      throw .zarrField(path, value, expected: "an array of 1 to \(Self.maxCodecs) codecs")
    }
    var order = Array(form.shape.indices)
    var packing: ChunkPacking?
    var byteCodecs: [any ByteCodec] = []
    for (index, value) in values.enumerated() {
      let place = "\(path)[\(index)]"
      let packed = Form(shape: order.map { form.shape[$0] }, type: form.type)
      switch try CodecRegistry.codec(value, path: place, of: packed) {
      case .transpose(let axes):
        guard packing == nil else {
          throw .zarrField(place, value, expected: "a codec of bytes, after one that makes bytes")
        }
        order = axes.map { order[$0] }
      case .packing(let found):
        guard packing == nil else {
          throw .zarrField(place, value, expected: "a codec of bytes, after one that makes bytes")
        }
        packing = found
      case .bytes(let codec):
        guard packing != nil else {
          throw .zarrField(place, value, expected: "a codec that makes bytes of values first")
        }
        byteCodecs.append(codec)
      }
    }
    guard let packing else {
      throw .zarrField(path, value, expected: "codecs of which one makes bytes of values")
    }
    try self.init(form, order: order, packing: packing, byteCodecs: byteCodecs, path: path)
  }

  /// Reads the compressor of Zarr v2.
  ///
  /// - Parameter isReversed: whether the first axis runs fastest.
  init(
    version2 compressor: JSONValue, isReversed: Bool, byteOrder: ByteOrder, for form: Form
  ) throws(VoxtileError) {
    let order = Array(form.shape.indices)
    try self.init(
      form, order: isReversed ? order.reversed() : order, packing: .values(byteOrder),
      byteCodecs: Self.version2(compressor).map { [$0] } ?? [], path: "chunks")
  }

  private static func version2(_ compressor: JSONValue) throws(VoxtileError) -> (any ByteCodec)? {
    if compressor == .null { return nil }
    let known: [(String, any ByteCodec)] = [
      ("blosc", BloscCodec()), ("gzip", DeflateCodec(wrapper: .gzip)), ("zlib", DeflateCodec(wrapper: .zlib)),
      ("zstd", ZstdCodec()),
    ]
    guard let name = compressor["id"]?.string else {
      throw .zarrField("compressor", compressor, expected: "null or an object with an id")
    }
    guard let codec = known.first(where: { $0.0 == name })?.1 else {
      throw .zarrUnsupported(
        "compressor.id", "\"\(name.prefix(80))\"", known: known.map(\.0).joined(separator: ", "))
    }
    return codec
  }
}
