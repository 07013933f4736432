import Voxtile

/// Pages whose samples lie in the file one after another, uncompressed, so that a box costs only its own bytes.
struct TIFFRawPages: Sendable {
  private enum Places: Sendable {
    /// Where each page of the stack begins, in the order of ``TIFFStack/pages``.
    case pages([Int])
    /// Where the first image begins, and how many bytes each has: channels run fastest, time points slowest.
    case images(offset: Int, byteCount: Int)
  }

  private let places: Places
  private let depth: Int
  private let channels: Int
  private let file: InputFile
  private let order: VoxelOrder
  /// What one page is.
  private let info: VolumeInfo

  /// Finds where pages lie.
  ///
  /// - Returns: `nil` where one of them has to be decoded.
  /// - Throws: `VoxtileError.Code.malformedFile` where images that should follow each other do not, or do not fit in the file.
  init?(_ stack: TIFFStack, in pages: TIFFPages, _ pixels: TIFFPixels, file: InputFile) throws(VoxtileError) {
    let offsets = stack.pages.compactMap { pages.all[$0]?.rawOffset }
    guard offsets.count == stack.pages.count, let first = offsets.first else {
      if stack.imagesInPage == 1 { return nil }
      throw .tiff(
        "its ImageJ text says that \(stack.imagesInPage) images follow each other in one page, which they do not"
      )
    }
    order = VoxelOrder(
      scalarType: pixels.scalarType, components: pixels.samples, byteOrder: pages.isBigEndian ? .big : .little
    )
    info = VolumeInfo(
      extent: Extent(width: pixels.width, height: pixels.height), channels: pixels.samples,
      scalarType: pixels.scalarType)
    (depth, channels, self.file) = (stack.depth, stack.channels, file)
    guard stack.imagesInPage > 1 else {
      places = .pages(offsets)
      return
    }
    // A page is no larger than the file.
    let byteCount = pixels.width * pixels.height * order.voxelByteCount
    let (total, overflowed) = byteCount.multipliedReportingOverflow(by: stack.imagesInPage)
    // The fields of the page come before or after all images.
    let fields = stack.pages.first.flatMap { pages.all[$0]?.offset } ?? 0
    guard !overflowed, total <= file.byteCount - first,
      !(first..<first + total).contains(Int(clamping: fields))
    else {
      throw VoxtileError(
        .malformedFile,
        "says in its ImageJ text that it has \(stack.imagesInPage) images of \(byteCount) bytes, but has no room for "
          + "them in its \(file.byteCount) bytes; it is truncated or damaged",
        context: .init(expected: "\(stack.imagesInPage) images", found: "\(file.byteCount) bytes"))
    }
    places = .images(offset: first, byteCount: byteCount)
  }

  /// Reads a box of one page.
  ///
  /// - Parameters:
  ///   - plane: the channel and time point, counted as in ``TIFFStack/pages``.
  ///   - region: a box of one slice.
  ///   - destination: room for all samples of the box, which come one sample after another.
  func read(
    plane: Int, _ region: Region, into destination: UnsafeMutableRawBufferPointer
  ) throws {
    let slice = region.origin.z
    let offset =
      switch places {
      case .pages(let offsets): offsets[plane * depth + slice]
      case .images(let offset, let byteCount):
        offset + ((plane / channels * depth + slice) * channels + plane % channels) * byteCount
      }
    let page = try RawVoxelReader(info, source: .plain(file), offset: offset, planes: 1, order: order)
    try page.read(Region(x: region.x, y: region.y, z: 0..<1), into: destination)
  }
}
