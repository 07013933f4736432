import Voxtile
import VoxtileFormats

/// A search for the best patch and overlap for one scan or for several.
///
/// The ranking: of all grids that fit the memory, the one that loses fewest voxels is best; of equally good ones the one whose patch
/// is nearest to the patch asked for or, where none was, whose shortest side in mm is longest, then the next side, then
/// the last; of these the one whose overlap is nearest to the preferred one, and finally the one with fewest patch voxels.
///
///     var fit = GridFit(scans: [.init(info)], overlap: PerAxis(.fraction(0.25)))
///     fit.patch = Extent(96)
///     let best = try fit.proposals(memory: GridFit.cropAndMerge([info], limits: JobLimits(memory: 64 << 20))).first
///
/// Distances are sums of differences in voxels over the axes. Of several scans the worst one counts. What is still equal
/// is decided by the larger patch (its volume, then x, y and z) and the smaller overlap (x, then y and z), so there is
/// always one best grid.
public struct GridFit: Sendable {
  /// The properties of a scan that decide how it is cut.
  public struct Scan: Hashable, Sendable {
    /// The size in voxels.
    public var extent: Extent
    /// The size of a voxel in mm; of several scans the mean.
    public var spacing: PerAxis<Double>
    /// The number of such scans. Evenness in mm is judged by the mean spacing of all scans.
    public var count: Int

    /// Describes a scan, or several that are cut alike.
    public init(extent: Extent, spacing: PerAxis<Double> = PerAxis(1), count: Int = 1) {
      self.extent = extent
      self.spacing = spacing
      self.count = count
    }

    /// Describes the scan of a file.
    public init(_ info: VolumeInfo) {
      self.init(extent: info.extent, spacing: info.metadata.spacing)
    }
  }

  /// A patch and an overlap that hold for all scans.
  public struct Proposal: Hashable, Sendable {
    /// The patch in voxels.
    public let patch: Extent
    /// What neighbors share, in voxels.
    public let overlap: PerAxis<Int>
    /// The number of patches, of the scan that has most.
    public let patches: Int
    /// Voxels in no patch, of the scan that loses most.
    public let lostVoxels: Int
    /// The voxels of all patches divided by the voxels of the scan; the largest ratio of all scans.
    public let redundancy: Double
    /// The most memory that a job needs, in bytes.
    public let peakBytes: Int
    /// Why it has this rank, in a few words.
    public internal(set) var reason: String
  }

  /// The most memory that a job over one of the scans needs, in bytes.
  ///
  /// It gives `nil` where that does not fit, or throws `VoxtileError.Code.memoryTooLow`, which says what would.
  public typealias Memory = (_ grid: PatchGrid, _ scan: Int) throws -> Int?

  /// The scans; at least one.
  public var scans: [Scan]
  /// The patch asked for, such as that of a training; `nil` for the largest that fits.
  public var patch: Extent?
  /// Whether the patch size is fixed.
  public var keepsPatch = false
  /// The preferred overlap.
  public var overlap: PerAxis<Overlap>
  /// Whether the overlap is fixed.
  public var keepsOverlap = false
  /// What the size of a patch is a multiple of, at least 1.
  public var multiple = PerAxis(16)
  /// What happens where the patches do not fit.
  public var edge = PerAxis(EdgePolicy.shift)
  /// How missing voxels are made.
  public var padding = Padding.constant(0)
  /// How patches are numbered.
  public var order = PatchOrder.xFastest
  /// Whether a scan that is smaller than the patch is padded whatever the edge policy, as predictions do it.
  package var padsSmallScans = false
  /// Whether patches are single slices, as those of a 2D network.
  package var isPlanar = false

  /// Creates a search.
  ///
  /// - Parameters:
  ///   - scans: the scans; at least one.
  ///   - overlap: the preferred overlap.
  public init(scans: [Scan], overlap: PerAxis<Overlap>) {
    precondition(!scans.isEmpty, "the search was given no scan")
    self.scans = scans
    self.overlap = overlap
  }

  /// What cutting scans and merging patches of the same type need.
  ///
  /// - Parameters:
  ///   - infos: the scans, in the order of ``scans``.
  ///   - isRandomAccess: whether a box of a file costs only its own bytes.
  ///   - limits: how much of the machine may be used.
  public static func cropAndMerge(
    _ infos: [VolumeInfo], isRandomAccess: Bool = false, limits: JobLimits
  ) -> Memory {
    { grid, scan in
      func needed(_ peakBytes: (VolumeInfo) throws -> Int) throws -> (bytes: Int, error: VoxtileError?) {
        do {
          return (try peakBytes(infos[scan]), nil)
        } catch let error as VoxtileError where error.code == .memoryTooLow {
          return (error.context.neededBytes ?? 0, error)
        }
      }
      let crop = try needed {
        try MemoryPlan.crop(grid, of: $0, isRandomAccess: isRandomAccess, limits: limits).peakBytes
      }
      // Where cutting does not fit, all that matters of merging is the least that it needs.
      let mergeLimits = crop.error == nil ? limits : JobLimits(jobs: .one, memory: limits.memory)
      let merge = try needed {
        try MemoryPlan.merge(grid, of: $0, isRandomAccess: isRandomAccess, limits: mergeLimits)
          .peakBytes
      }
      let most = crop.bytes > merge.bytes ? crop : merge
      if let error = most.error { throw error }
      return most.bytes
    }
  }

  /// The best proposals, best first.
  ///
  /// The first one is the best of all patches that are multiples of ``multiple`` and all overlaps. Those that follow are
  /// other choices: where one patch is possible, the best overlap for each other number of patches; else the best overlap
  /// for each other patch.
  ///
  /// - Parameters:
  ///   - count: the most proposals, at least 1.
  ///   - memory: what a job needs. For each patch, the smallest overlap is assumed to need the least memory.
  /// - Throws: `VoxtileError.Code.invalidGrid` where no patch can be laid over all scans,
  ///   `VoxtileError.Code.invalidOption` where none fits the memory or too many would have to be tried, and what
  ///   `memory` throws.
  /// - Complexity: one call of `memory` for each patch that does not fit, and a few for those that are proposed.
  public func proposals(count: Int = 5, memory: @escaping Memory) throws -> [Proposal] {
    precondition(count >= 1, "count is \(count), not at least 1")
    var search = try GridFitSearch(self, memory: memory)
    return try search.proposals(count: count)
  }
}

extension GridFit {
  /// A patch with which a network can be tried before the search: the nearest to the one asked for, or the smallest.
  ///
  /// - Throws: `VoxtileError.Code.invalidGrid` where no patch can be laid over all scans.
  package func patchToTry() throws(VoxtileError) -> Extent {
    Extent(
      try edge.map { axis, _ throws(VoxtileError) in
        let lengths = try lengths(along: axis)
        guard let step = lengths.first, let asked = patch?[axis] else { return lengths.first ?? 1 }
        // There may be billions of them; the nearest one is this one or the next.
        let index = min(max(asked / step - 1, 0), lengths.count - 1)
        return lengths[index...].prefix(2).min { abs($0 - asked) < abs($1 - asked) } ?? 1
      })
  }

  /// The lengths that a patch may have along an axis, ascending.
  func lengths(along axis: Axis) throws(VoxtileError) -> Lengths {
    let extents = scans.map { $0.extent[axis] }
    guard let shortest = extents.min(), let longest = extents.max() else {
      return Self.multiples(of: 1, count: 0)
    }
    if let patch, keepsPatch { return Self.multiples(of: patch[axis], count: 1) }
    if longest == 1 || (isPlanar && axis == .z) { return Self.multiples(of: 1, count: 1) }
    let step = multiple[axis]
    guard step >= 1 else { throw .noMultiple(step, along: axis, of: shortest) }
    var mayExceed = padsSmallScans
    if case .pad = edge[axis] { mayExceed = true }
    let end = mayExceed ? (longest + step - 1) / step * step : shortest
    guard end >= step else { throw .noMultiple(step, along: axis, of: shortest) }
    return Self.multiples(of: step, count: end / step)
  }

  /// Lengths that are made when they are looked at, since an image may be billions of voxels long.
  typealias Lengths = LazyMapCollection<Range<Int>, Int>

  private static func multiples(of step: Int, count: Int) -> Lengths {
    (0..<count).lazy.map { ($0 + 1) * step }
  }

  /// The preferred overlap in voxels for a patch of some length; `nil` where it is kept and the patch is too short.
  func preferredOverlap(_ length: Int, along axis: Axis) throws(VoxtileError) -> Int? {
    if length == 1 { return 0 }
    if case .voxels(let count) = overlap[axis], count >= length { return keepsOverlap ? nil : length - 1 }
    return try overlap[axis].voxels(patch: length, axis: axis)
  }

  /// The policy along an axis of a scan.
  func edge(along axis: Axis, of scan: Scan, patch: Int) -> EdgePolicy {
    // As predictions do it: a network cannot be given less than its patch.
    let policy = edge[axis]
    let isMadeUp = padsSmallScans && scan.extent[axis] < patch && policy != .partial && policy != .pad(.both)
    return isMadeUp ? .pad(.end) : policy
  }

  /// The grid over one of the scans.
  func grid(_ patch: Extent, _ overlap: PerAxis<Int>, over scan: Scan) throws(VoxtileError) -> PatchGrid {
    try PatchGrid(
      over: scan.extent,
      settings: GridSettings(
        patch: patch, overlap: overlap.map { .voxels($1) },
        edge: edge.map { axis, _ in self.edge(along: axis, of: scan, patch: patch[axis]) }, padding: padding,
        order: order))
  }
}

extension VoxtileError {
  fileprivate static func noMultiple(_ multiple: Int, along axis: Axis, of length: Int) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "no multiple of \(multiple) fits the \(axis.sizeName) of \(length) voxels",
      remedy: .useSmallerMultiple(axis: axis),
      context: .init(axis: axis, expected: "1...\(length)", found: "\(multiple)"))
  }
}
