import Voxtile
import VoxtileFormats

/// What a grid over an image costs and loses, for a person and as JSON.
struct GridSummary: Encodable {
  /// What one end of an axis, or a gap in it, loses.
  struct Loss: Encodable {
    var axis: Axis
    /// The coordinates that no patch holds, half-open.
    var from: Int
    var to: Int
    var millimetres: Double
    /// The overlap nearest to the one asked for with which nothing is lost along the axis.
    var losslessOverlap: Int?
  }

  var input: String
  var extent: [Int]
  var channels: Int
  var scalarType: ScalarType
  var spacing: [Double]
  var patch: [Int]
  var overlap: [Int]
  var stride: [Int]
  var edge: [String]
  var padding: String
  var order: PatchOrder
  var counts: [Int]
  var starts: [String: [Int]]
  var patches: Int
  var imageVoxels: Int
  var coveredVoxels: Int
  var lostVoxels: Int
  var lost: [Loss]
  var redundancy: Double
  var outputBytes: Int
  /// What cutting, and merging patches of the same type, will need; where that was asked for.
  var cropMemory: MemorySummary?
  var mergeMemory: MemorySummary?

  /// - Throws: `VoxtileError` where the patches have more bytes than can be counted.
  init(of grid: PatchGrid, over info: VolumeInfo, input: String) throws {
    let coverage = grid.coverage
    let spacing = info.metadata.spacing
    self.input = input
    extent = grid.extent.sizes.all
    channels = info.channels
    scalarType = info.scalarType
    self.spacing = spacing.all
    patch = grid.patch.sizes.all
    overlap = grid.axes.all.map(\.overlap)
    stride = grid.stride.all
    edge = grid.settings.edge.all.map(\.description)
    padding = grid.settings.padding.description
    order = grid.settings.order
    counts = grid.counts.all
    starts = Dictionary(
      uniqueKeysWithValues: Axis.allCases.map { ($0.rawValue, grid.axes[$0].starts) })
    patches = grid.count
    imageVoxels = coverage.imageVoxels
    coveredVoxels = coverage.coveredVoxels
    lostVoxels = coverage.lostVoxels
    redundancy = coverage.redundancy
    let (bytes, isHuge) = coverage.patchVoxels.multipliedReportingOverflow(
      by: info.channels * info.scalarType.byteCount)
    guard !isHuge else {
      throw VoxtileError(
        .invalidGrid,
        "\(grid.count) patches of \(grid.patch) have more bytes than can be counted; use a smaller patch or overlap",
        context: .init(file: input))
    }
    outputBytes = bytes
    lost = Axis.allCases.flatMap { axis in
      coverage.uncovered[axis].map { run in
        Loss(
          axis: axis, from: run.lowerBound, to: run.upperBound,
          millimetres: Double(run.count) * spacing[axis],
          losslessOverlap: grid.axes[axis].nearestLosslessOverlap)
      }
    }
  }

  /// Three numbers as sizes are written, without the depth of a 2D image and its patches.
  func size(_ sizes: [Int]) -> String {
    sizes.prefix(extent[2] == 1 && patch[2] == 1 ? 2 : 3).map(String.init).joined(separator: "x")
  }

  /// The summary as lines of text.
  var lines: [String] {
    let size = self.size
    let policies = Set(edge).count == 1 ? edge[0] : edge.joined(separator: ",")
    var lines = [
      "image       \(size(extent)) voxels, \(scalarType.rawValue)"
        + (channels == 1 ? "" : ", \(channels) channels")
        + ", \(spacing.map { Console.rounded($0) }.joined(separator: " x ")) mm",
      "patch       \(size(patch)), overlap \(size(overlap)), stride \(size(stride)), edge \(policies)",
      "patches     \(size(counts)) = \(Console.grouped(patches)), \(order.rawValue) fastest",
    ]
    for axis in Axis.allCases where axis != .z || extent[2] > 1 {
      let values = starts[axis.rawValue] ?? []
      let shown =
        values.count > 16
        ? "\(Self.joined(values.prefix(8))) ... \(Self.joined(values.suffix(4)))" : Self.joined(values[...])
      lines.append("starts \(axis)    \(shown)")
    }
    lines.append(
      "coverage    \(Console.grouped(coveredVoxels)) of \(Console.grouped(imageVoxels)) voxels; "
        + (lostVoxels == 0
          ? "nothing is lost" : "\(Console.grouped(lostVoxels)) \(lostVoxels == 1 ? "is" : "are") lost"))
    lines.append(
      "redundancy  \(Console.rounded(redundancy, decimals: 2)) times the image, "
        + "\(Console.bytes(outputBytes)) before compression")
    if let cropMemory, let mergeMemory {
      lines.append("memory      crop \(cropMemory.text), merge \(mergeMemory.text)")
    }
    return lines
  }

  /// What is lost, where, and how not to lose it; empty where nothing is.
  var warnings: [String] {
    guard lostVoxels > 0 else { return [] }
    let percent = Console.rounded(100 * Double(lostVoxels) / Double(imageVoxels), decimals: 2)
    let places = lost.map { loss in
      "\(Console.count(loss.to - loss.from, "voxel")) (\(Console.rounded(loss.millimetres)) mm) at \(loss.axis) = "
        + (loss.to - loss.from == 1 ? "\(loss.from)" : "\(loss.from) to \(loss.to - 1)")
    }
    var better = self.overlap
    for loss in lost {
      guard let overlap = loss.losslessOverlap, let index = Axis.allCases.firstIndex(of: loss.axis)
      else { continue }
      better[index] = overlap
    }
    return [
      "\(Console.count(lostVoxels, "voxel")) (\(percent)%) \(lostVoxels == 1 ? "is" : "are") in no patch: "
        + "\(places.joined(separator: ", "))",
      "to lose nothing use --edge shift, or --overlap \(size(better))",
    ]
  }

  private static func joined(_ values: ArraySlice<Int>) -> String {
    values.map(String.init).joined(separator: " ")
  }
}
