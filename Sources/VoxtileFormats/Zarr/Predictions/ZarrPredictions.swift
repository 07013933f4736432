import Voxtile

/// Predictions of patches in a group of Zarr v3, which several processes write at the same time.
///
/// `predictions` is an array `(patch, channel, z, y, x)` with a chunk for each patch, which is complete as soon as it is there: it gets
/// its name when its bytes are on the disk, and ends with a checksum. Patches that were skipped are NaN; smaller ones are followed by 0.
/// `checksums` is an array `(patch)` that tells whose chunk one is. `weights` is an array `(z, y, x)`, where the weights of a patch are no
/// product. What else is known stands in attributes of the group. The guide *Stored predictions* describes it.
package struct ZarrPredictions: PredictionStore {
  /// What is kept of each patch.
  package struct Shape: Hashable, Sendable {
    /// The number of patches.
    package var patches: Int
    /// Values for each voxel.
    package var channels: Int
    /// The size of a patch.
    package var patch: Extent
    /// Whether values are stored in 16 bits.
    package var isHalf: Bool

    /// Creates a shape.
    package init(patches: Int, channels: Int, patch: Extent, isHalf: Bool = false) {
      (self.patches, self.channels, self.patch, self.isHalf) = (patches, channels, patch, isHalf)
    }

    var valueCount: Int { channels * patch.voxelCount }
  }

  /// The name of the attribute of the group.
  static let attribute = "voxtile_predictions"
  static let arrayName = "predictions"
  static let weightsName = "weights"

  /// The folder.
  package let path: String
  /// What is known of the predictions, as JSON.
  package let record: [UInt8]
  package let shape: Shape
  /// What tells these predictions from all others.
  let digest: String
  private let codecs: CodecChain
  /// The document of the group as it was when it said the ``record``.
  private let version: FileVersion?
  private var folder: ZarrFolder { ZarrFolder(path: path).folder(Self.arrayName) }

  init(path: String, record: [UInt8], shape: Shape, digest: String) throws(VoxtileError) {
    (self.path, self.record, self.shape, self.digest) = (path, record, shape, digest)
    codecs = try ZarrArrayMetadata(version3: Self.array(shape).document.content).codecs
    version = FileVersion(ZarrFolder(path: path).file(ZarrArrayMetadata.version3File))
    try checkRecord()
  }

  /// Makes sure that the folder still holds these predictions, and was not replaced by others.
  ///
  /// - Throws: `VoxtileError.Code.targetExists` where it holds others, or none any more.
  package func checkIsTheSame() throws(VoxtileError) {
    let now = FileVersion(ZarrFolder(path: path).file(ZarrArrayMetadata.version3File))
    if now == nil || now != version { try checkRecord() }
  }

  private func checkRecord() throws(VoxtileError) {
    let found = try ZarrFolder(path: path).document(ZarrArrayMetadata.version3File)?["attributes"]?[
      Self.attribute]
    guard let found, try found == JSONValue(record, of: "what is known of predictions") else {
      throw VoxtileError(
        .targetExists,
        "was replaced by another run while predictions were stored in it; store them in a folder of their own",
        context: .init(file: path))
    }
  }

  /// The array of a shape.
  static func array(_ shape: Shape) -> NewZarrArray {
    let sizes = [shape.channels, shape.patch.depth, shape.patch.height, shape.patch.width]
    return NewZarrArray(
      version: 3, encoding: .checksummed, shape: [shape.patches] + sizes, chunkShape: [1] + sizes,
      scalarType: .float32, isHalf: shape.isHalf, axisNames: ["patch", "channel", "z", "y", "x"])
  }

  func file(ofPatch patch: Int) -> String {
    folder.file(Self.array(shape).keys.path(of: [patch, 0, 0, 0, 0]))
  }

  var chunkByteCount: Int { codecs.storedByteCount + CRC32CCodec.byteCount }
}

// MARK: - Patches

extension ZarrPredictions {
  package func holds(_ patch: Int) throws -> Bool {
    // What another program left unfinished has other bytes.
    FileVersion(file(ofPatch: patch))?.byteCount == chunkByteCount
  }

  package func keep(_ values: Span<Float>?, extent: Extent, ofPatch patch: Int) throws {
    let path = file(ofPatch: patch)
    do throws(VoxtileError) {
      try ZarrFolder(path: self.path).makeFolders(
        "\(Self.arrayName)/\(Self.array(shape).keys.path(of: [patch, 0, 0, 0, 0]).parentFolder)")
      let file = try AtomicFile(path, replacing: true)
      let bytes = try chunk(values, extent: extent, ofPatch: patch)
      try file.write(bytes, at: 0)
      try file.sync()
      try checkIsTheSame()
      try keepChecksum(ofPatch: patch, chunk: Self.checksum(atEndOf: bytes))
      try file.commit()
    } catch {
      throw error.inFile(path)
    }
  }

  package func prediction(ofPatch patch: Int, extent: Extent) throws -> [Float]? {
    let path = file(ofPatch: patch)
    let bytes: [UInt8]
    do throws(VoxtileError) {
      let file = try InputFile(path)
      do throws(VoxtileError) {
        bytes = try codecs.values(ByteSource(file), .little)
      } catch  where error.code == .malformedFile {
        throw VoxtileError(
          .malformedFile, "is damaged (\(error.message)); remove the file and predict the patch again")
      }
      try checkBelongs(file, toPatch: patch)
    } catch {
      throw error.inFile(path)
    }
    let values = Self.floats(bytes)
    return values[0].isNaN ? nil : taken(values, extent: extent)
  }

  /// Bytes with their checksum.
  static func checksummed(_ bytes: [UInt8]) -> [UInt8] {
    let sum = bytes.withUnsafeBytes { CRC32CCodec.checksum($0) }.littleEndian
    return bytes + withUnsafeBytes(of: sum) { Array($0) }
  }

  /// The numbers of bytes in the order of this machine.
  static func floats(_ bytes: [UInt8]) -> [Float] {
    [Float](unsafeUninitializedCapacity: bytes.count / 4) { target, count in
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(target).copyMemory(from: $0) }
      count = bytes.count / 4
    }
  }

  /// The chunk of a patch: its values at the beginning of a whole one, and their checksum.
  private func chunk(_ values: Span<Float>?, extent: Extent, ofPatch patch: Int) throws(VoxtileError)
    -> [UInt8]
  {
    if shape.isHalf, let values { try checkFitsInHalf(values, ofPatch: patch) }
    let size = shape.isHalf ? 2 : 4
    return [UInt8](unsafeUninitializedCapacity: chunkByteCount) { chunk, initialized in
      let chunk = UnsafeMutableRawBufferPointer(chunk)
      let content = UnsafeMutableRawBufferPointer(rebasing: chunk[..<(shape.valueCount * size)])
      if values == nil || extent != shape.patch { fill(content, with: values == nil ? .nan : 0) }
      if let values {
        forEachRun(of: extent) { inPatch, inWhole, count in
          let bytes = inWhole * size..<(inWhole + count) * size
          store(
            values.extracting(inPatch..<inPatch + count),
            in: UnsafeMutableRawBufferPointer(rebasing: content[bytes]))
        }
      }
      ByteOrder.little.convertToNative(content, numberByteCount: size)
      let sum = CRC32CCodec.checksum(UnsafeRawBufferPointer(content)).littleEndian
      chunk.storeBytes(of: sum, toByteOffset: content.count, as: UInt32.self)
      initialized = chunkByteCount
    }
  }

  private func checkFitsInHalf(_ values: Span<Float>, ofPatch patch: Int) throws(VoxtileError) {
    for index in values.indices where values[index].magnitude >= 65520 && values[index].isFinite {
      throw VoxtileError(
        .predictionFailed,
        "the model gave \(values[index]) for patch \(patch), which float16 does not hold; keep predictions as float32",
        context: .init(expected: "at most 65504", found: "\(values[index])"))
    }
  }

  /// Stores values as they are kept, in the byte order of this machine.
  private func store(_ values: Span<Float>, in bytes: UnsafeMutableRawBufferPointer) {
    guard shape.isHalf else { return values.withUnsafeBytes { bytes.copyMemory(from: $0) } }
    for index in values.indices {
      bytes.storeBytes(of: UInt16(halfBitsOf: values[index]), toByteOffset: 2 * index, as: UInt16.self)
    }
  }

  /// Stores one value everywhere.
  private func fill(_ bytes: UnsafeMutableRawBufferPointer, with value: Float) {
    if shape.isHalf {
      bytes.initializeMemory(as: UInt16.self, repeating: UInt16(halfBitsOf: value))
    } else {
      bytes.initializeMemory(as: Float.self, repeating: value)
    }
  }

  /// The values of a patch from the beginning of a whole one.
  private func taken(_ values: [Float], extent: Extent) -> [Float] {
    if extent == shape.patch { return values }
    var part = [Float](repeating: 0, count: shape.channels * extent.voxelCount)
    forEachRun(of: extent) { inPatch, inWhole, count in
      for index in 0..<count { part[inPatch + index] = values[inWhole + index] }
    }
    return part
  }

  /// Calls a body with the values that lie side by side both in a patch and in a whole one: all of them, or a row of a smaller one.
  private func forEachRun(of extent: Extent, _ body: (_ inPatch: Int, _ inWhole: Int, _ count: Int) -> Void) {
    let whole = shape.patch
    guard extent != whole else { return body(0, 0, shape.valueCount) }
    for plane in 0..<shape.channels * extent.depth {
      let (channel, z) = plane.quotientAndRemainder(dividingBy: extent.depth)
      for row in 0..<extent.height {
        body(
          (plane * extent.height + row) * extent.width,
          ((channel * whole.depth + z) * whole.height + row) * whole.width, extent.width)
      }
    }
  }
}
