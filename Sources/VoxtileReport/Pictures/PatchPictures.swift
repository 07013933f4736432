import Voxtile
import VoxtileFormats
import VoxtileStore

extension ReportData.PatchPictures {
  /// The most patches that have pictures.
  private static let mostPatches = 1200
  /// The most pixels of all pictures, which take some 40 bytes of memory each, and the longest side of one.
  private static let (mostPixels, longestSide) = (1_000_000, 96)
  /// What reading one file takes at most, in bytes.
  private static let bytesOfFile = 64 << 20

  /// Whether patches have pictures: there are not too many.
  static func areDrawn(of grid: PatchGrid) -> Bool { grid.count <= mostPatches }

  /// Draws the middle slice across z of each patch file.
  ///
  /// - Parameters:
  ///   - info: the description of the image that was cut.
  ///   - image: the layer of the image.
  ///   - faults: the files that are known to be damaged, perhaps elsewhere than in that slice.
  ///   - open: opens a patch file.
  /// - Returns: `nil` where there is no patch folder, or there are too many patches.
  /// - Throws: what the request's `check` throws. A file that cannot be read is listed instead.
  /// - Complexity: O(voxels of the slices), and of what lies before them in compressed files.
  static func read(
    _ request: ReportRequest, of info: VolumeInfo, beside image: ReportData.Layer, faults: [Unread],
    open: @escaping @Sendable (String) throws -> any VolumeReader
  ) throws -> Self? {
    guard let store = request.store, areDrawn(of: request.grid) else { return nil }
    let size = pictureSize(
      of: request.grid, over: info, pixels: min(mostPixels, request.pictureVoxels / 8))
    let channels = request.channels ?? [0]
    let files = try jobs(request.limits).mapThrowing(request.grid.count) { index in
      try request.check()
      return Result {
        try PatchFile(request.grid[index], in: store, size: size, channels: channels, of: info, open: open)
      }
    }
    return Self(
      files, faults: Dictionary(faults.map { ($0.index, $0.fault) }) { first, _ in first }, size: size,
      isLabelMap: request.isLabelMap, beside: image)
  }

  /// As many threads as there is memory for, one at least.
  private static func jobs(_ limits: JobLimits) -> Jobs {
    let limits = limits.onThisMachine
    let free = (limits.memory ?? .max) - ReportRequest.programBytes
    return Jobs(max(1, min(limits.jobs.count, free / bytesOfFile)))
  }

  /// The size of a picture in pixels, whose sides are as long as in the world.
  private static func pictureSize(
    of grid: PatchGrid, over info: VolumeInfo, pixels: Int
  ) -> (width: Int, height: Int) {
    var patch = info
    patch.extent = grid.patch
    let side = Int((Double(pixels) / Double(max(1, grid.count))).squareRoot())
    let most = min(longestSide, side, max(grid.patch.width, grid.patch.height))
    return ThumbnailView.acrossZ.size(of: patch, side: max(1, most))
  }

  private init(
    _ files: [Result<PatchFile, any Error>], faults: [Int: String], size: (width: Int, height: Int),
    isLabelMap: Bool?, beside image: ReportData.Layer
  ) {
    var drawn: [(index: Int, file: PatchFile)] = []
    unread = []
    for (index, file) in files.enumerated() {
      if let fault = faults[index] {
        unread.append(.init(index: index, fault: fault))
        continue
      }
      switch file {
      case .success(let file) where drawn.first.map { $0.file.isLike(file) } ?? true:
        drawn.append((index, file))
      case .success:
        unread.append(.init(index: index, fault: "its channels are not those of the first file"))
      case .failure(let error): unread.append(.init(index: index, fault: "\(error)"))
      }
    }
    indices = drawn.map(\.index)
    hasWindowOfImage = false
    layer = ReportData.Layer(
      name: "patch files", kind: .intensity, role: .base, extent: [size.width, size.height, drawn.count],
      isExact: false, spacing: [1, 1, 1], levels: [], window: [0, 1])
    guard let first = drawn.first?.file else { return }
    competingChannels = first.competingChannels
    let areLabels = !first.isColor && (isLabelMap ?? Self.areLabels(drawn.map(\.file), size: size))
    let planes = first.centers.indices.map { plane in
      drawn.flatMap { areLabels ? $0.file.centers[plane] : $0.file.means[plane] }
    }
    layer.kind = first.isColor ? .color : areLabels ? .labels : .intensity
    if first.isColor {
      layer.window = [0, first.colorScale]
      layer.bytes = planes.flatMap { $0.map { UInt8(nearest: $0 * 255 / first.colorScale) } }
      return
    }
    let levels = areLabels ? PictureLevels(labels: planes[0]) : PictureLevels(of: planes[0])
    layer.levels = levels.values
    layer.window = [levels.window.lowerBound, levels.window.upperBound]
    layer.bytes = levels.bytes(of: planes[0])
    guard !areLabels, image.kind == .intensity else { return }
    hasWindowOfImage = Self.areAlike(layer.window, image.window)
    if hasWindowOfImage { layer.window = image.window }
  }

  private static func areLabels(_ files: [PatchFile], size: (width: Int, height: Int)) -> Bool {
    if files.allSatisfy({ $0.isLabelMap }) { return true }
    var test = LabelTest()
    for file in files where !test.isDecided {
      let extent = Extent(width: size.width, height: size.height)
      if let values = try? Volume(extent: extent, voxels: file.centers[0]) { test.add(values) }
    }
    return test.looksLikeLabels
  }

  /// Whether two ranges of values have most in common.
  private static func areAlike(_ one: [Double], _ other: [Double]) -> Bool {
    let common = min(one[1], other[1]) - max(one[0], other[0])
    return common > 0 && 2 * common >= max(one[1], other[1]) - min(one[0], other[0])
  }
}

/// The middle slice of a patch file, as small as its picture.
private struct PatchFile: Sendable {
  let isColor: Bool
  private let channels: Int
  let colorScale: Double
  let isLabelMap: Bool
  /// Of how many channels the pixels show the largest.
  let competingChannels: Int?
  /// For each shown channel, the value in the middle of what a pixel stands for, and the mean.
  let centers: [[Double]]
  let means: [[Double]]

  /// - Throws: as `PatchStore.checked(_:as:)`, and what reading throws.
  init(
    _ patch: Patch, in store: PatchStore, size: (width: Int, height: Int), channels: [Int],
    of image: VolumeInfo,
    open: (String) throws -> any VolumeReader
  ) throws {
    let reader = try store.checked(open(store.path(of: patch)), as: patch)
    let info = reader.info
    // The slice that the page shows of the image: the middle of what lies inside.
    let inside = patch.region.z.clamped(to: 0..<image.extent.depth)
    let slice =
      (inside.isEmpty ? patch.region.extent.depth / 2 : (inside.lowerBound + inside.upperBound - 1) / 2)
    let wanted = channels.first { $0 < info.channels } ?? 0
    // A network's outputs for the labels.
    let compete = !info.isColor && info.channels > 1 && info.channels > image.channels
    let thumbnail = try ThumbnailSlice(
      of: reader, .acrossZ, at: min(max(0, slice - patch.region.z.lowerBound), info.extent.depth - 1),
      size: size,
      channels: info.isColor ? 3 : compete ? info.channels : wanted + 1)
    isColor = info.isColor
    self.channels = info.channels
    colorScale = info.colorScale
    competingChannels = compete ? info.channels : nil
    isLabelMap = info.isLabelMap || compete
    let means = thumbnail.planes(areLabels: false)
    if compete {
      let winners = means[0].indices.map { pixel in
        Double(means.indices.max { means[$0][pixel] < means[$1][pixel] } ?? 0)
      }
      self.means = [winners]
      centers = [winners]
    } else if info.isColor {
      self.means = means
      centers = means
    } else {
      self.means = [means[wanted]]
      centers = [thumbnail.planes(areLabels: true)[wanted]]
    }
  }

  /// Whether the values of both mean the same.
  func isLike(_ other: PatchFile) -> Bool {
    isColor == other.isColor && channels == other.channels
  }
}
