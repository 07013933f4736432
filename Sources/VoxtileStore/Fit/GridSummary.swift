import Voxtile
import VoxtileFormats

/// What a grid over an image costs and loses: the numbers of `voxtile plan`, with `--json` too, and of a report.
public struct GridSummary: Codable, Sendable {
  /// What one end of an axis, or a gap in it, loses.
  public struct Loss: Codable, Sendable {
    /// The axis.
    public var axis: Axis
    /// The first coordinate that no patch holds.
    public var from: Int
    /// The coordinate behind the last one that no patch holds.
    public var to: Int
    /// The length of the run in mm.
    public var millimetres: Double
    /// The overlap nearest to the one asked for with which nothing is lost along the axis.
    public var losslessOverlap: Int?
  }

  /// The image, as it was named.
  public var input: String
  /// The size of the image in voxels, x first, as all sizes here.
  public var extent: [Int]
  /// Values a voxel.
  public var channels: Int
  /// The type of the stored values.
  public var scalarType: ScalarType
  /// The size of a voxel in mm.
  public var spacing: [Double]
  /// The size of a patch in voxels.
  public var patch: [Int]
  /// What regular neighbours share, in voxels.
  public var overlap: [Int]
  /// Voxels from one regular patch to the next.
  public var stride: [Int]
  /// The edge policy of each axis.
  public var edge: [String]
  /// How missing voxels are made.
  public var padding: String
  /// How patches are numbered.
  public var order: PatchOrder
  /// Patches along each axis.
  public var counts: [Int]
  /// The first voxel of each patch along each axis.
  public var starts: [String: [Int]]
  /// The number of patches.
  public var patches: Int
  /// Voxels of the image.
  public var imageVoxels: Int
  /// Voxels that at least one patch holds.
  public var coveredVoxels: Int
  /// Voxels that no patch holds.
  public var lostVoxels: Int
  /// Where they are.
  public var lost: [Loss]
  /// How many times the image the patches are together.
  public var redundancy: Double
  /// Bytes of all patches before compression.
  public var outputBytes: Int
  /// What cutting will need; where that was asked for.
  public var cropMemory: MemoryPlan<CropStep>?
  /// What merging patches of the same type will need; where that was asked for.
  public var mergeMemory: MemoryPlan<MergeStep>?

  /// Counts what a grid over an image costs and loses.
  ///
  /// - Throws: `VoxtileError.Code.invalidGrid` where the patches have more bytes than can be counted.
  public init(of grid: PatchGrid, over info: VolumeInfo, input: String) throws {
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
}

extension GridSummary {
  /// Adds what cutting will need.
  ///
  /// - Parameters:
  ///   - grid: the grid.
  ///   - info: what the image is.
  ///   - isRandomAccess: whether a box of the image costs only its own bytes.
  ///   - limits: how much of the machine may be used.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low.
  public mutating func planCrop(
    of grid: PatchGrid, over info: VolumeInfo, isRandomAccess: Bool, limits: JobLimits
  ) throws {
    cropMemory = try MemoryPlan.crop(grid, of: info, isRandomAccess: isRandomAccess, limits: limits)
  }

  /// Adds what merging will need, where patches have the type of the image still.
  ///
  /// - Parameters:
  ///   - grid: the grid.
  ///   - info: what the image is.
  ///   - isRandomAccess: whether a box of a patch file costs only its own bytes.
  ///   - limits: how much of the machine may be used.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low.
  public mutating func planMerge(
    of grid: PatchGrid, over info: VolumeInfo, isRandomAccess: Bool, limits: JobLimits
  ) throws {
    mergeMemory = try MemoryPlan.merge(
      grid, of: info, isRandomAccess: isRandomAccess, limits: limits)
  }
}
