import Synchronization
import Voxtile

/// A TIFF open for reading.
///
/// A box costs the tiles or strips that it touches, or only its own bytes where pages are not compressed. Each thread decodes with
/// a handle of its own.
final class TIFFReader: FileBackedReader {
  let info: VolumeInfo
  let isRandomAccess: Bool
  let bufferByteCount: Int
  private let file: InputFile
  private let depth: Int
  private let samples: Int
  /// The pages of the stack, in the order of ``TIFFStack/pages``; empty where they are raw.
  private let pages: [TIFFPage]
  private let raw: TIFFRawPages?
  /// Handles that nobody uses just now.
  private let handles: Mutex<[TIFFFile]>
  private let number = TIFFBlockCache.shared.newReader()

  /// The bytes of a decoded block that are not too many to be decoded for a few voxels of it.
  private static let largestBlock = 1 << 19

  /// Reads the fields of all pages.
  init(_ file: InputFile) throws(VoxtileError) {
    let handle = try TIFFFile(reading: file)
    let all = try TIFFPages(handle, TIFFDirectory(file))
    let stack = try TIFFStack(all, fileName: file.path.fileName)
    let pixels = try all.commonPixels(of: stack.pages)
    let used = stack.pages.compactMap { all.all[$0] }
    raw = try TIFFRawPages(stack, in: all, pixels, file: file)
    if raw == nil { try Self.checkSize(used, fileByteCount: file.byteCount) }
    pages = raw == nil ? used : []
    let block = pages.map { $0.blocks.byteCount(row: 0, pixels) }.max() ?? 0
    isRandomAccess = block <= Self.largestBlock
    // What is kept of decoded blocks, one that is being decoded, and its compressed bytes.
    bufferByteCount = pages.isEmpty ? 0 : max(TIFFBlockCache.shared.byteCount, 2 * block) + 2 * block
    info = TIFFDescription(all, stack, pixels).volumeInfo
    (self.file, depth, samples) = (file, stack.depth, pixels.samples)
    handles = Mutex([handle])
  }

  /// Makes sure that a file of so many bytes can hold all pages, so that nobody allocates an image that is not there.
  private static func checkSize(_ pages: [TIFFPage], fileByteCount: Int) throws(VoxtileError) {
    let ratio = pages.map(\.blocks.compression.largestRatio).max() ?? 1
    let limit = min(fileByteCount, 1 << 44) * ratio
    var left = limit
    for page in pages {
      left -= page.storedByteCount
      guard left >= 0 else {
        throw VoxtileError(
          .malformedFile,
          "says that it has \(pages.count) pages of \(page.pixels.description), more than a file of \(fileByteCount) bytes can "
            + "hold; it is truncated or damaged",
          context: .init(
            expected: "at most \(limit) bytes", found: "\(pages.count) x \(page.pixels.description)"))
      }
    }
  }

  func checkUnchanged() throws(VoxtileError) { try file.checkUnchanged() }

  func releaseBuffers() { handles.withLock { $0 = [] } }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    precondition(region.isInside(info.extent), "\(region) does not lie in \(info.extent)")
    precondition(
      destination.count == info.byteCount(of: region),
      "\(region) has \(info.byteCount(of: region)) bytes, not \(destination.count)")
    if region.voxelCount == 0 { return }
    let planeBytes = region.voxelCount * info.scalarType.byteCount * samples
    do {
      let handle = raw == nil ? try handles.withLock { $0.popLast() } ?? TIFFFile(reading: file) : nil
      for plane in 0..<info.channels / samples {
        let part = UnsafeMutableRawBufferPointer(
          rebasing: destination[plane * planeBytes..<(plane + 1) * planeBytes])
        for slice in region.z {
          if let raw {
            try readRaw(raw, plane: plane, slice: slice, of: region, into: part)
          } else if let handle {
            try decode(handle, plane: plane, slice: slice, of: region, into: part)
          }
        }
      }
      // A handle that fails is not used again.
      if let handle { handles.withLock { $0.append(handle) } }
    } catch let error as VoxtileError {
      throw error.inFile(file.path)
    }
  }

  private func decode(
    _ handle: TIFFFile, plane: Int, slice: Int, of region: Region, into part: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) {
    let index = plane * depth + slice
    let decoder = TIFFPageDecoder(pages[index], handle, reader: number, number: index)
    let area = region.extent.width * region.extent.height
    try decoder.read(
      x: region.x, y: region.y,
      into: .init(bytes: part, first: (slice - region.origin.z) * area, voxels: region.voxelCount))
  }

  private func readRaw(
    _ raw: TIFFRawPages, plane: Int, slice: Int, of region: Region, into part: UnsafeMutableRawBufferPointer
  ) throws {
    let box = Region(x: region.x, y: region.y, z: slice..<slice + 1)
    let byteCount = box.voxelCount * info.scalarType.byteCount
    let first = (slice - region.origin.z) * byteCount
    if samples == 1 {
      return try raw.read(
        plane: plane, box, into: UnsafeMutableRawBufferPointer(rebasing: part[first..<first + byteCount]))
    }
    let page = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount * samples, alignment: 16)
    defer { page.deallocate() }
    try raw.read(plane: plane, box, into: page)
    let sampleBytes = part.count / samples
    for sample in 0..<samples {
      UnsafeMutableRawBufferPointer(rebasing: part[(sample * sampleBytes + first)...]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: page[sample * byteCount..<(sample + 1) * byteCount]))
    }
  }
}
