/// How objects that each patch numbered on its own become one numbering.
public struct InstanceSettings: Sendable {
  /// The least intersection over union, from 0 to 1, at which an object of one patch and one of another are the same.
  ///
  /// Both are counted only where the two patches overlap, since neither patch sees more of the other's. With 0, all objects
  /// that share a voxel are one, so that one object may join several of another patch: right for connected components.
  public var leastIoU: Double
  /// The indices of patches that will not come.
  public var absentPatches: Set<Int>
  /// How many threads count. The result does not depend on it.
  public var jobs: Jobs
  /// The most memory, in bytes, that the tables of objects may take; `nil` for no limit.
  public var tableBytes: Int?

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - leastIoU: the least intersection over union of what becomes one object, from 0 to 1.
  ///   - absentPatches: the indices of patches of the grid that will not come.
  ///   - jobs: how many threads count.
  ///   - tableBytes: the most memory that the tables of objects may take, in bytes.
  public init(
    leastIoU: Double = 0.5, absentPatches: Set<Int> = [], jobs: Jobs = .all, tableBytes: Int? = nil
  ) {
    self.leastIoU = leastIoU
    self.absentPatches = absentPatches
    self.jobs = jobs
    self.tableBytes = tableBytes
  }

  /// Throws unless the settings can be used with a grid.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidOption`` where the IoU is not from 0 to 1, or no two patches share a
  ///   voxel, so that nothing could be joined.
  package func check(for grid: PatchGrid) throws(VoxtileError) {
    guard (0...1).contains(leastIoU) else {
      throw VoxtileError(
        .invalidOption, "the least IoU of an instance is \(leastIoU); it must be from 0 to 1",
        context: .init(expected: "0 to 1", found: "\(leastIoU)"))
    }
    guard grid.count == 1 || grid.axes.all.contains(where: { $0.hasSharedVoxels }) else {
      throw VoxtileError(
        .invalidOption,
        "no two patches share a voxel, so no object of one can be found in another; cut patches that overlap",
        context: .init(expected: "an overlap", found: "none"))
    }
  }
}

extension PatchGrid {
  /// The axes along which some neighbors share no voxel, so that objects cannot be followed from one to the other.
  ///
  /// - Complexity: O(patches along the three axes).
  package var axesWithoutOverlap: [Axis] { Axis.allCases.filter { axes[$0].hasSeparateNeighbors } }
}

extension AxisTiling {
  /// Whether two neighbors hold the same voxel of the image.
  fileprivate var hasSharedVoxels: Bool { sharesOfNeighbors.contains(true) }

  /// Whether two neighbors hold no voxel of the image together.
  fileprivate var hasSeparateNeighbors: Bool { sharesOfNeighbors.contains(false) }

  private var sharesOfNeighbors: some Sequence<Bool> {
    (1..<Swift.max(1, count)).lazy.map { validRange(at: $0).overlaps(validRange(at: $0 - 1)) }
  }
}
