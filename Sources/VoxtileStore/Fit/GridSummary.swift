import Voxtile
import VoxtileFormats

/// What a grid over an image costs and loses: the numbers of `voxtile plan`, with `--json` too, and of a report.
package struct GridSummary: Codable, Sendable {
  /// What one end of an axis, or a gap in it, loses.
  package struct Loss: Codable, Sendable {
    /// The axis.
    package var axis: Axis
    /// The first coordinate that no patch holds.
    package var from: Int
    /// The coordinate after the last one that no patch holds.
    package var to: Int
    /// The length of the run in mm.
    package var millimeters: Double
    /// The overlap nearest to the one asked for with which nothing is lost along the axis.
    package var losslessOverlap: Int?
  }

  /// The image, as it was named.
  package var input: String
  /// The size of the image in voxels, x first, as all sizes here.
  package var extent: [Int]
  /// The number of values of each voxel.
  package var channels: Int
  /// The type of the stored values.
  package var scalarType: ScalarType
  /// The size of a voxel in mm.
  package var spacing: [Double]
  /// Whether ``spacing`` is known; a PNG, or a size without a file, has none.
  package var hasSpacing: Bool
  /// Whether it is a 2D image, which has pixels.
  package var isPlanar: Bool
  /// The size of a patch in voxels.
  package var patch: [Int]
  /// What regular neighbors share, in voxels.
  package var overlap: [Int]
  /// Voxels from one regular patch to the next.
  package var stride: [Int]
  /// The edge policy of each axis.
  package var edge: [String]
  /// How missing voxels are made.
  package var padding: String
  /// How patches are numbered.
  package var order: PatchOrder
  /// Patches along each axis.
  package var counts: [Int]
  /// The first voxel of each patch along each axis.
  package var starts: [String: [Int]]
  /// The number of patches.
  package var patches: Int
  /// Voxels of the image.
  package var imageVoxels: Int
  /// Voxels that at least one patch holds.
  package var coveredVoxels: Int
  /// Voxels that no patch holds.
  package var lostVoxels: Int
  /// Where the lost voxels are.
  package var lost: [Loss]
  /// How many times the image the patches are together.
  package var redundancy: Double
  /// Bytes of all patches before compression.
  package var outputBytes: Int
  /// What cutting will need; where that was asked for.
  package var cropMemory: MemoryPlan<CropStep>?
  /// What merging patches of the same type will need; where that was asked for.
  package var mergeMemory: MemoryPlan<MergeStep>?

  /// Counts what a grid over an image costs and loses.
  ///
  /// - Throws: `VoxtileError.Code.invalidGrid` where the patches have more bytes than can be counted.
  package init(of grid: PatchGrid, over info: VolumeInfo, input: String) throws {
    let coverage = grid.coverage
    let spacing = info.metadata.spacing
    self.input = input
    extent = grid.extent.sizes.all
    channels = info.channels
    scalarType = info.scalarType
    self.spacing = spacing.all
    hasSpacing = info.metadata.place != .unknown
    isPlanar = info.isPlanar
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
          millimeters: Double(run.count) * spacing[axis],
          losslessOverlap: grid.axes[axis].nearestLosslessOverlap)
      }
    }
  }
}

extension GridSummary {
  /// Adds what cutting will need.
  ///
  /// - Parameters:
  ///   - grid: the grid.
  ///   - info: what the image is.
  ///   - isRandomAccess: whether a box of the image costs only its own bytes.
  ///   - bufferBytes: what the reader of the image holds itself.
  ///   - limits: how much of the machine may be used.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low.
  package mutating func planCrop(
    of grid: PatchGrid, over info: VolumeInfo, isRandomAccess: Bool, bufferBytes: Int = 0,
    limits: JobLimits
  ) throws {
    cropMemory = try MemoryPlan.crop(
      grid, of: info, isRandomAccess: isRandomAccess, bufferBytes: bufferBytes, limits: limits)
  }

  /// Adds what merging will need, where patches have the type of the image still.
  ///
  /// - Parameters:
  ///   - grid: the grid.
  ///   - info: what the image is.
  ///   - isRandomAccess: whether a box of a patch file costs only its own bytes.
  ///   - writesRows: whether the merged file can be written row by row.
  ///   - bufferBytes: what the writer of the merged file holds itself.
  ///   - limits: how much of the machine may be used.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low.
  package mutating func planMerge(
    of grid: PatchGrid, over info: VolumeInfo, isRandomAccess: Bool, writesRows: Bool,
    bufferBytes: Int = 0, limits: JobLimits
  ) throws {
    mergeMemory = try MemoryPlan.merge(
      grid, of: info, isRandomAccess: isRandomAccess, writesRows: writesRows,
      bufferBytes: bufferBytes, limits: limits)
  }
}
