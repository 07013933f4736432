/// Finds the connected components of a label map, row by row.
///
/// It holds the runs of two slices and what is known of each component, whatever the size of the image. Where a map of the
/// components is wanted, it also holds all runs.
///
///     var finder = ComponentFinder(extent: labels.extent, settings: ComponentSettings(values: [2, 3]))
///     for slab in slabs { try finder.add(slab) }
///     let components = try finder.finish()
///     components.count
///
/// Components are in the order of their first voxels, so their numbers are those of `scipy.ndimage.label`.
public struct ComponentFinder: Sendable {
  /// The size of the label map.
  public let extent: Extent
  /// Which voxels make components.
  public let settings: ComponentSettings
  /// Whether the runs are kept, so that the result is also a map.
  public let keepsMap: Bool

  private let rowsBefore: [Connectivity.RowBefore]
  private var partial = PartialComponents()
  private var finished: [PartialComponents.Part] = []
  private var slice: RunsOfSlice
  private var sliceBefore: RunsOfSlice
  /// How many rows have come.
  private var rowCount = 0
  /// The runs of the finished slices, with the numbers that they had when they came.
  private var kept: RunsOfSlice
  /// How many numbers there were after the finished components were last put aside.
  private var countAfterRetiring = 0

  /// Creates a finder that has seen nothing yet.
  ///
  /// - Precondition: no side of the extent has 2^32 voxels or more, and its voxels can be counted.
  public init(extent: Extent, settings: ComponentSettings = ComponentSettings(), keepsMap: Bool = false) {
    precondition(
      extent.voxelCountIfRepresentable != nil && extent.sizes.all.allSatisfy { $0 <= UInt32.max },
      "\(extent) is too large")
    self.extent = extent
    self.settings = settings
    self.keepsMap = keepsMap
    rowsBefore = settings.connectivity.rowsBefore
    (slice, sliceBefore, kept) = (RunsOfSlice(), RunsOfSlice(), RunsOfSlice())
  }

  /// Adds the next rows of the label map.
  ///
  /// - Parameter slab: whole rows, one channel, in the order in which they lie in memory: the rest of a slice, whole slices,
  ///   or both.
  /// - Throws: `VoxtileError.Code.typeMismatch` where a value is no whole number.
  /// - Precondition: rows are as long as the extent is wide, and there are no more rows than the extent has.
  /// - Complexity: O(voxels of the slab).
  public mutating func add<Scalar>(_ slab: Volume<Scalar>) throws(VoxtileError) {
    precondition(
      slab.channels == 1 && slab.extent.width == extent.width, "\(slab.extent) is not rows of \(extent)")
    var runs: [LabelRun] = []
    for row in 0..<slab.extent.height * slab.extent.depth {
      runs.removeAll(keepingCapacity: true)
      try LabelRun.append(
        ofRow: slab.voxels.span.extracting(row * extent.width..<(row + 1) * extent.width),
        includesZero: settings.includesZero, to: &runs)
      try add(rowOf: runs)
    }
  }

  /// Adds the next row of the label map.
  ///
  /// - Parameter runs: its runs of all labels, in ascending order; runs of 0 may be left out unless 0 counts.
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where there are more runs than can be numbered.
  package mutating func add(rowOf runs: some Sequence<LabelRun>) throws(VoxtileError) {
    let (z, y) = rowCount.quotientAndRemainder(dividingBy: max(1, extent.height))
    precondition(z < extent.depth, "\(extent) has no row \(rowCount)")
    for run in settings.selection(of: runs) { try add(run, y: y, z: z) }
    slice.endRow()
    rowCount += 1
    if y == extent.height - 1 { endSlice() }
  }

  /// How many numbers are in use: those of the last slices, and of components that ended lately.
  var openCount: Int { partial.count }

  /// How many parts are held, of components that may grow and of those that cannot.
  var heldCount: Int { partial.count + finished.count }

  /// Ends the search.
  ///
  /// - Throws: `VoxtileError.Code.shapeMismatch` where rows are missing.
  /// - Complexity: O(*c* log *c*) for *c* components, and O(runs) where they are kept.
  public consuming func finish() throws(VoxtileError) -> Components {
    let rows = extent.height * extent.depth
    guard rowCount == rows || extent.voxelCount == 0 else {
      throw VoxtileError(
        .shapeMismatch, "\(rowCount) rows of labels came, but an image of \(extent) has \(rows)",
        context: .init(expected: "\(rows)", found: "\(rowCount)"))
    }
    if keepsMap { return Components(extent: extent, partial: partial, runs: kept) }
    let open = (0..<partial.count).filter { partial.isRoot($0) }.map { partial.parts[$0] }
    return Components(extent: extent, parts: finished + open)
  }

  private mutating func add(_ run: LabelRun, y: Int, z: Int) throws(VoxtileError) {
    let part = PartialComponents.Part(run, y: y, z: z, extent: extent)
    var number: UInt32?
    for step in rowsBefore {
      let before = step.slices == 0 ? slice : sliceBefore
      for index in before.touching(run, inRow: y + step.rows, reach: step.reach) {
        guard settings.joinsValues || before.runs[index].value == run.value else { continue }
        let other = before.numbers[index]
        if let number { partial.join(number, other) } else { number = other }
      }
    }
    if let number {
      partial.add(part, to: number)
      slice.append(run, number: number)
    } else {
      slice.append(run, number: try partial.insert(part))
    }
  }

  private mutating func endSlice() {
    if keepsMap {
      kept.append(slice)
    } else if partial.count > 2 * countAfterRetiring + 1024 {
      retireFinished()
    }
    swap(&slice, &sliceBefore)
    slice.removeAll()
  }

  /// Puts components aside that no voxel of the last slice belongs to, so that numbers are as many as that slice needs.
  private mutating func retireFinished() {
    var renumbered = PartialComponents()
    var numbers = [UInt32?](repeating: nil, count: partial.count)
    for index in slice.numbers.indices {
      let root = Int(partial.root(of: slice.numbers[index]))
      // There are fewer numbers than before, so that inserting one cannot fail.
      let number = numbers[root] ?? (try? renumbered.insert(partial.parts[root])) ?? 0
      numbers[root] = number
      slice.numbers[index] = number
    }
    for number in 0..<partial.count where partial.isRoot(number) && numbers[number] == nil {
      finished.append(partial.parts[number])
    }
    partial = renumbered
    countAfterRetiring = partial.count
  }
}
