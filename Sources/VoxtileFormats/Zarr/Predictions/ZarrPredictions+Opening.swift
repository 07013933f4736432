import Voxtile

extension ZarrPredictions {
  /// Whether a folder holds predictions of patches.
  package static func isHeld(at path: String) -> Bool {
    let root = ZarrFolder(path: path)
    guard FormatProbe(path).kind == .folder else { return false }
    // Also where the document of the group is damaged, which is then said.
    if FormatProbe(root.folder(arrayName).file(ZarrArrayMetadata.version3File)).kind == .file { return true }
    let document = try? root.document(ZarrArrayMetadata.version3File)
    return document?["attributes"]?[attribute] != nil
  }

  /// Begins to keep predictions in a folder, or goes on where another process has begun the same.
  ///
  /// - Parameters:
  ///   - path: the folder; the one above it must be there.
  ///   - record: what is known of the predictions, a JSON object. Every process has to say the same.
  ///   - weights: the weights of the voxels of a patch, where they are no product.
  /// - Throws: `VoxtileError.Code.targetExists` where the folder holds something else, or predictions that were made in another way;
  ///   `VoxtileError.Code.invalidOption` where a patch has 2 GiB or more, `VoxtileError.Code.fileAccess` where the system fails.
  package static func begin(
    at path: String, shape: Shape, record: [UInt8], weights: [Float]?
  ) throws -> ZarrPredictions {
    let path = path.withoutSlashesAtEnd
    guard shape.valueCount * 4 + CRC32CCodec.byteCount < ZarrArrayMetadata.maxChunkBytes else {
      throw VoxtileError(
        .invalidOption,
        "the predictions of one patch have \(shape.valueCount * 4) bytes; at most \(ZarrArrayMetadata.maxChunkBytes) can be kept, so use "
          + "smaller patches",
        context: .init(
          expected: "< \(ZarrArrayMetadata.maxChunkBytes) bytes", found: "\(shape.valueCount * 4) bytes"))
    }
    let weights = weights.map(Self.encoded)
    let document = try Self.document(record, weights: weights)
    let root = ZarrFolder(path: path)
    try root.makeFolders()
    let lock = try FolderLock(path)
    defer { withExtendedLifetime(lock) {} }
    if try !isBegun(root, document) {
      try checkIsOurs(root)
      try root.makeFolders(arrayName)
      try root.makeFolders(checksumsName)
      for (name, array) in [(arrayName, array(shape)), (checksumsName, checksumsArray(shape))] {
        try root.folder(name).replace(array.document.content, at: array.document.name)
      }
      if let weights { try write(weights, of: shape.patch, to: root) }
      // The last one: where it is, the others are. Without locks, another process may have been quicker.
      do {
        try root.write(document, to: ZarrArrayMetadata.version3File)
      } catch let error as VoxtileError where error.code == .targetExists {
        _ = try isBegun(root, document)
      }
    }
    return try ZarrPredictions(
      path: path, record: record, shape: shape, digest: digest(in: document, of: root))
  }

  /// Opens predictions that were kept.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the documents are damaged or contradict each other,
  ///   `VoxtileError.Code.unsupportedFormat` where the folder holds something else, `VoxtileError.Code.fileAccess` where it cannot be
  ///   read.
  package init(at path: String) throws(VoxtileError) {
    let path = path.withoutSlashesAtEnd
    let root = ZarrFolder(path: path)
    guard let document = try root.document(ZarrArrayMetadata.version3File),
      let record = document["attributes"]?[Self.attribute]
    else {
      throw VoxtileError(
        .unsupportedFormat, "holds no predictions of patches", context: .init(file: path))
    }
    let file = root.folder(Self.arrayName).file(ZarrArrayMetadata.version3File)
    guard let array = try root.folder(Self.arrayName).document(ZarrArrayMetadata.version3File) else {
      throw VoxtileError(
        .malformedFile, "is not there, though there are predictions", context: .init(file: file))
    }
    let metadata: ZarrArrayMetadata
    do throws(VoxtileError) {
      metadata = try ZarrArrayMetadata(version3: array)
    } catch {
      throw error.inFile(file)
    }
    let sizes = metadata.shape
    let isFloat = [.half, .scalar(.float32)].contains(metadata.dataType)
    guard sizes.count == 5, metadata.chunkShape == [1] + sizes.dropFirst(), isFloat else {
      throw VoxtileError(
        .malformedFile,
        "is an array of \(ZarrArrayMetadata.text(sizes)) \(metadata.dataType.name) in chunks of "
          + "\(ZarrArrayMetadata.text(metadata.chunkShape)); predictions are float32 or float16 of (patch, channel, z, y, x), a chunk a "
          + "patch",
        context: .init(file: file))
    }
    let shape = Shape(
      patches: sizes[0], channels: sizes[1],
      patch: Extent(width: sizes[4], height: sizes[3], depth: sizes[2]), isHalf: metadata.dataType == .half)
    guard Self.array(shape).document.content == array else {
      throw VoxtileError(
        .malformedFile,
        "was written in another way than predictions are; predict the patches again, into another folder",
        context: .init(file: file))
    }
    try self.init(
      path: path, record: record.bytes(), shape: shape, digest: Self.digest(in: document, of: root))
  }

  /// Reads the weights of the voxels of a patch; `nil` where they are a product.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where they are damaged, `VoxtileError.Code.fileAccess` where they cannot be read.
  package func weights() throws(VoxtileError) -> [Float]? {
    let folder = ZarrFolder(path: path).folder(Self.weightsName)
    guard let document = try folder.document(ZarrArrayMetadata.version3File) else { return nil }
    let array = Self.weightsArray(shape.patch)
    let file = folder.file(array.keys.path(of: [0, 0, 0]))
    do throws(VoxtileError) {
      guard document == array.document.content else {
        throw VoxtileError(.malformedFile, "has weights of another form than patches have")
      }
      let codecs = try ZarrArrayMetadata(version3: document).codecs
      let chunk = try InputFile(file)
      let bytes = try codecs.values(ByteSource(chunk), .little)
      try checkBelongs(weights: chunk)
      return Self.floats(bytes)
    } catch {
      throw error.inFile(file)
    }
  }
}

extension ZarrPredictions {
  /// - Parameter weights: the bytes of their chunk.
  private static func document(_ record: [UInt8], weights: [UInt8]?) throws -> JSONValue {
    let record = try JSONValue(record, of: "what is known of predictions")
    let checksums = try checksums(of: record, weights: weights)
    let document = JSONValue.members([
      "zarr_format": .integer(3), "node_type": .string("group"),
      "attributes": .members([attribute: record, checksumsAttribute: checksums]),
    ])
    let count = document.bytes(isIndented: true).count
    guard count <= ZarrFolder.maxDocumentBytes else {
      throw VoxtileError(
        .invalidOption,
        "what is known of the predictions has \(count) bytes, with the header of the scan; at most \(ZarrFolder.maxDocumentBytes) can "
          + "be kept",
        context: .init(expected: "<= \(ZarrFolder.maxDocumentBytes) bytes", found: "\(count) bytes"))
    }
    return document
  }

  /// Whether the same predictions have been begun.
  ///
  /// - Throws: `VoxtileError.Code.targetExists` where others have.
  private static func isBegun(_ root: ZarrFolder, _ document: JSONValue) throws -> Bool {
    guard let found = try root.document(ZarrArrayMetadata.version3File) else { return false }
    if found == document { return true }
    guard let theirs = found["attributes"]?[attribute], let ours = document["attributes"]?[attribute] else {
      throw VoxtileError(
        .targetExists, "exists and holds something else than predictions; name another folder",
        context: .init(file: root.path))
    }
    let difference = theirs.difference(from: ours)?.words
    throw VoxtileError(
      .targetExists,
      "holds predictions that were made in another way (\(difference ?? "its document differs")); name another folder, or remove that one",
      context: .init(file: root.path))
  }

  /// Makes sure that a folder without a document holds nothing but what another process has just begun.
  private static func checkIsOurs(_ root: ZarrFolder) throws(VoxtileError) {
    guard !FormatProbe.isFolder(root.folder(arrayName).file("c")) else {
      throw VoxtileError(
        .targetExists,
        "holds predictions, but not the document that says how they were made; name another folder, or remove that one",
        context: .init(file: root.path))
    }
    let known = [arrayName, checksumsName, weightsName, ZarrArrayMetadata.version3File]
    guard let other = try root.names().first(where: { !known.contains($0) && !TemporaryName.isTemporary($0) })
    else { return }
    throw VoxtileError(
      .targetExists, "exists and holds other files, such as \(other); name another folder",
      context: .init(file: root.path))
  }

  private static func weightsArray(_ patch: Extent) -> NewZarrArray {
    let sizes = [patch.depth, patch.height, patch.width]
    return NewZarrArray(
      version: 3, encoding: .checksummed, shape: sizes, chunkShape: sizes, scalarType: .float32,
      axisNames: ["z", "y", "x"])
  }

  /// The bytes of the chunk of weights.
  private static func encoded(_ weights: [Float]) -> [UInt8] {
    var bytes = weights.withUnsafeBytes { Array($0) }
    bytes.withUnsafeMutableBytes { ByteOrder.little.convertToNative($0, numberByteCount: 4) }
    return checksummed(bytes)
  }

  private static func write(_ weights: [UInt8], of patch: Extent, to root: ZarrFolder) throws {
    let array = weightsArray(patch)
    let chunk = array.keys.path(of: [0, 0, 0])
    let folder = root.folder(weightsName)
    try root.makeFolders("\(weightsName)/\(chunk.parentFolder)")
    try AtomicFile.write(weights, to: folder.file(chunk), replacing: true)
    try folder.replace(array.document.content, at: array.document.name)
  }
}

extension JSONValue {
  /// Where two documents differ, in words, with both values: the outermost place. `nil` where they are the same.
  fileprivate func difference(from other: JSONValue, at path: [String] = []) -> (words: String, depth: Int)? {
    if self == other { return nil }
    var inner: [(words: String, depth: Int)?] = []
    if case .object = self, case .object = other {
      let keys = members.map(\.key) + other.members.map(\.key).filter { self[$0] == nil }
      inner = keys.map { key in (self[key] ?? .null).difference(from: other[key] ?? .null, at: path + [key]) }
    } else if let values, let others = other.values, values.count == others.count {
      inner = values.indices.map { values[$0].difference(from: others[$0], at: path + ["\($0)"]) }
    }
    let outermost = inner.compactMap(\.self).min { $0.depth < $1.depth }
    return outermost
      ?? ("\(path.joined(separator: ".")) is \(summary) there and \(other.summary) now", path.count)
  }
}
