import Voxtile

/// Which chunk belongs to which patch.
///
/// The checksum at the end of a chunk tells whether the chunk is whole, but not whether it is that of its patch, or of another scan. So
/// the array `checksums` has a number for each patch, made from the digest of the predictions, the number of the patch and the checksum of
/// its chunk. It is on the disk before the chunk has its name, and each patch has a file of its own, so that several processes can write.
extension ZarrPredictions {
  static let checksumsName = "checksums"
  /// The attribute of the group with what checksums are made of.
  static let checksumsAttribute = "voxtile_checksums"
  private static let digestField = "predictions"
  private static let weightsField = "weights"

  /// The array of the checksums.
  static func checksumsArray(_ shape: Shape) -> NewZarrArray {
    NewZarrArray(
      version: 3, encoding: .plain, shape: [shape.patches], chunkShape: [1], scalarType: .uint32,
      axisNames: ["patch"])
  }

  /// What checksums are made of: a digest that no other predictions have, and the checksum of the weights.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where the system lacks the library that makes digests.
  static func checksums(of record: JSONValue, weights: [UInt8]?) throws(VoxtileError) -> JSONValue {
    var sum = try SHA256Sum()
    try sum.add(record.bytes())
    return .members([
      digestField: .string(FileDigest.text(of: try sum.finish())),
      weightsField: weights.map { .integer(Int(checksum(atEndOf: $0))) },
    ])
  }

  /// What the document of the group says.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where it says nothing of checksums.
  static func digest(in document: JSONValue, of root: ZarrFolder) throws(VoxtileError) -> String {
    guard let digest = document["attributes"]?[checksumsAttribute]?[digestField]?.string else {
      throw VoxtileError(
        .malformedFile,
        "has no attribute \(checksumsAttribute), which tells whose predictions these are; predict the patches again, into another folder",
        context: .init(file: root.file(ZarrArrayMetadata.version3File)))
    }
    return digest
  }

  /// Makes sure that weights are those that these predictions were begun with.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where they are others.
  func checkBelongs(weights file: InputFile) throws(VoxtileError) {
    let document = try ZarrFolder(path: path).document(ZarrArrayMetadata.version3File)
    let expected = document?["attributes"]?[Self.checksumsAttribute]?[Self.weightsField]?.integer
    guard try expected == Int(Self.checksum(atEndOf: file)) else {
      throw VoxtileError(.malformedFile, "holds the weights of other predictions, by their checksum")
    }
  }

  private func checksumFile(ofPatch patch: Int) -> String {
    ZarrFolder(path: path).folder(Self.checksumsName).file(Self.checksumsArray(shape).keys.path(of: [patch]))
  }

  /// The bytes of a patch's checksum.
  ///
  /// - Parameter chunk: the checksum at the end of its chunk.
  private func checksum(ofPatch patch: Int, chunk: UInt32) -> [UInt8] {
    let sum = [UInt8]("\(digest) \(patch) \(chunk)".utf8).withUnsafeBytes { CRC32CCodec.checksum($0) }
    return withUnsafeBytes(of: sum.littleEndian) { Array($0) }
  }

  /// The checksum that follows other bytes.
  static func checksum(atEndOf bytes: [UInt8]) -> UInt32 {
    bytes.suffix(CRC32CCodec.byteCount).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func checksum(atEndOf file: InputFile) throws(VoxtileError) -> UInt32 {
    let count = CRC32CCodec.byteCount
    return checksum(atEndOf: try file.bytes(at: file.byteCount - count, count: count))
  }

  /// Keeps the checksum of a patch whose chunk is about to get its name.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails.
  func keepChecksum(ofPatch patch: Int, chunk: UInt32) throws(VoxtileError) {
    let (path, bytes) = (checksumFile(ofPatch: patch), checksum(ofPatch: patch, chunk: chunk))
    try ZarrFolder(path: self.path).makeFolders("\(Self.checksumsName)/c")
    let isNew = ZarrFolder.isNothing(at: path)
    if !isNew, (try? InputFile(path).prefix(bytes.count + 1)) == bytes { return }
    // The folder has a file for each patch, so nobody looks through it for what others have left.
    if isNew, let file = try? AtomicFile(path, durable: false) {
      try file.write(bytes, at: 0)
      try file.commit()
      try Durable.syncFile(path)
      try Durable.syncFolder(path.parentFolder)
    } else {
      // Another process has just made it, or was killed before it had written.
      let file = try AtomicFile(path, replacing: true)
      try file.write(bytes, at: 0)
      try file.commit()
    }
  }

  /// Makes sure that a chunk, which is whole, is that of its patch.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where it is another one, or where its checksum is damaged or not there.
  func checkBelongs(_ chunk: InputFile, toPatch patch: Int) throws(VoxtileError) {
    let sum = try Self.checksum(atEndOf: chunk)
    let file = checksumFile(ofPatch: patch)
    guard let fault = try fault(ofChecksum: file, expected: checksum(ofPatch: patch, chunk: sum), patch)
    else {
      return
    }
    throw VoxtileError(.malformedFile, "\(fault); remove the file and predict the patch again")
  }

  /// What is wrong with the checksum of a patch; `nil` where it is that of its chunk.
  private func fault(ofChecksum file: String, expected: [UInt8], _ patch: Int) throws(VoxtileError) -> String?
  {
    guard !ZarrFolder.isNothing(at: file) else { return "has no checksum: \(file) is not there" }
    let found = try InputFile(file)
    guard found.byteCount == expected.count else {
      return "has a damaged checksum: \(file) has \(found.byteCount) bytes, not \(expected.count)"
    }
    guard try found.prefix(expected.count) != expected else { return nil }
    return
      "is whole, but not what was predicted of patch \(patch) here, by the checksum in \(file); or that checksum is damaged"
  }
}
