import Voxtile

extension CodecChain {
  /// The size of the decoded values in bytes, as they are stored.
  var storedByteCount: Int { form.shape.reduce(form.type.byteCount, *) }

  /// The size of the decoded values in bytes, as they are in memory.
  var valueByteCount: Int { form.shape.reduce(form.type.scalarType.byteCount, *) }

  /// Decodes a chunk of values.
  ///
  /// - Returns: the values in the machine's byte order and with the type in memory; the last of the packed axes runs fastest.
  /// - Throws: `VoxtileError.Code.malformedFile` where the chunk is damaged or of another size than its metadata say.
  /// - Precondition: the chain packs values.
  func values(_ source: ByteSource, _ byteOrder: ByteOrder) throws(VoxtileError) -> [UInt8] {
    var bytes = try decoded(source, atMost: storedByteCount)
    guard bytes.count == storedByteCount else {
      throw VoxtileError(
        .malformedFile,
        "holds \(bytes.count) bytes of values, but a chunk of \(ZarrArrayMetadata.text(form.shape)) has \(storedByteCount); it "
          + "is truncated or its metadata are wrong",
        context: .init(expected: "\(storedByteCount) bytes", found: "\(bytes.count) bytes"))
    }
    bytes.withUnsafeMutableBytes { byteOrder.convertToNative($0, numberByteCount: form.type.byteCount) }
    return form.type == .half ? Self.single(fromHalf: bytes) : bytes
  }

  /// Decodes bytes by all codecs from bytes to bytes.
  ///
  /// - Parameter most: the most bytes there may be.
  /// - Returns: at most so many bytes.
  func decoded(_ source: ByteSource, atMost most: Int) throws(VoxtileError) -> [UInt8] {
    var limits = [most]
    for codec in byteCodecs { limits.append(codec.encodedBound(limits[limits.count - 1])) }
    guard source.byteCount <= limits[byteCodecs.count] else {
      throw VoxtileError(
        .malformedFile,
        "has \(source.byteCount) bytes, more than a chunk of \(ZarrArrayMetadata.text(form.shape)) can take; its metadata are "
          + "wrong",
        context: .init(
          expected: "at most \(limits[byteCodecs.count]) bytes", found: "\(source.byteCount) bytes"))
    }
    var bytes = try source.bytes()
    for (codec, limit) in zip(byteCodecs, limits).reversed() {
      let (room, overflows) = bytes.count.multipliedReportingOverflow(by: codec.expansionLimit)
      let encoded = bytes
      bytes = try [UInt8](checkedCapacity: overflows ? limit : min(limit, room)) {
        (target) throws(VoxtileError) -> Int in
        try encoded.withBytes { (source) throws(VoxtileError) in try codec.decode(source, into: target) }
      }
    }
    return bytes
  }

  private static func single(fromHalf bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 2 * bytes.count) { target, count in
      let target = UnsafeMutableRawBufferPointer(target)
      bytes.withUnsafeBytes { source in
        for index in 0..<(source.count / 2) {
          let number = Float(halfBits: source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
          target.storeBytes(of: number, toByteOffset: 4 * index, as: Float.self)
        }
      }
      count = 2 * bytes.count
    }
  }
}
