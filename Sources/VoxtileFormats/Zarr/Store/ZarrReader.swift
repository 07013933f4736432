import Voxtile

/// An image in a Zarr store, open for reading.
///
/// A box costs the chunks that it touches. Axes that are no space are channels, in the order of the array.
final class ZarrReader: FileBackedReader {
  let info: VolumeInfo
  private let array: ChunkedArray
  private let roles: [OMEAxis.Role]
  /// The document that describes the array, which tells whether the store has been written to or replaced.
  private let document: InputFile
  private let identity: FileIdentity?

  init(at path: String) throws(VoxtileError) {
    let image = try ZarrImage(at: path)
    let name =
      image.array.version == 3 ? ZarrArrayMetadata.version3File : ZarrArrayMetadata.version2File
    document = try InputFile(image.folder.file(name))
    identity = FileIdentity(document.path)
    array = ChunkedArray(image.array, in: image.folder.path)
    (info, roles) = try image.described()
  }

  /// Always: a box costs the chunks that it touches.
  var isRandomAccess: Bool { true }

  var bufferByteCount: Int { array.bufferByteCount }

  func checkUnchanged() throws(VoxtileError) {
    try document.checkUnchanged()
    try checkIsThere()
  }

  /// Makes sure that the store is still where it was opened: chunks of one that is gone would be taken for absent ones.
  private func checkIsThere() throws(VoxtileError) {
    guard FileIdentity(document.path) != identity else { return }
    throw VoxtileError(
      .fileAccess,
      "was removed or replaced while it was read; run this again when nothing writes to the store",
      context: .init(file: document.path))
  }

  func releaseBuffers() { array.releaseBuffers() }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    precondition(
      region.isInside(info.extent) && destination.count == info.byteCount(of: region),
      "the destination has \(destination.count) bytes, \(region) of \(info.extent) needs \(info.byteCount(of: region))"
    )
    guard let start = destination.baseAddress, region.voxelCount > 0 else { return }
    let shape = array.metadata.shape
    var box = shape.map { 0..<$0 }
    for (index, role) in roles.enumerated() {
      if case .space(let axis) = role { box[index] = region[axis] }
    }
    let strides = roles.strides(
      shape: shape, extent: region.extent, valueByteCount: info.scalarType.byteCount)
    try array.read(box, into: start, strides: strides)
    try checkIsThere()
  }
}

extension [OMEAxis.Role] {
  /// Bytes from one value to the next along each axis of an array, in memory where channels are planar and x runs fastest.
  ///
  /// - Parameters:
  ///   - shape: the sizes of the array's axes.
  ///   - extent: the size of the box in memory.
  func strides(shape: [Int], extent: Extent, valueByteCount: Int) -> [Int] {
    let row = extent.width * valueByteCount
    let slice = row * extent.height
    var plane = slice * extent.depth
    var strides = [Int](repeating: 0, count: count)
    for index in indices.reversed() {
      switch self[index] {
      case .space(.x): strides[index] = valueByteCount
      case .space(.y): strides[index] = row
      case .space(.z): strides[index] = slice
      case .channel:
        strides[index] = plane
        plane *= shape[index]
      }
    }
    return strides
  }
}
