/// The connected components of a label map, in the order of their first voxels.
///
/// The component at place `k` has the number `k + 1` in a map of components, where 0 is none.
public struct Components: Sendable {
  /// The size of the label map.
  public let extent: Extent
  private let components: [Component]
  /// The runs of all components with their numbers; `nil` where no map was asked for.
  package let runs: ComponentRuns?

  /// Finds the components of an image file or a volume, in one pass.
  ///
  /// - Parameters:
  ///   - labels: the label map, of one channel.
  ///   - settings: which voxels make components.
  ///   - keepsMap: whether a map of the numbers will be asked for; all runs are then kept.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where there are several channels, `VoxtileError.Code.typeMismatch` where a
  ///   value is no whole number, and what reading throws.
  /// - Complexity: O(voxels) time; memory for a slab of 16 MiB, the runs of two slices, and the components.
  public init(
    of labels: some VolumeReader, settings: ComponentSettings = ComponentSettings(), keepsMap: Bool = false
  ) throws {
    var finder = ComponentFinder(extent: labels.info.extent, settings: settings, keepsMap: keepsMap)
    func add(_ slab: some AnyVolume) throws { try finder.add(slab.typed) }
    try labels.forEachLabelSlab { try add($0) }
    self = try finder.finish()
  }

  /// Sorts finished components.
  init(extent: Extent, parts: [PartialComponents.Part]) {
    self.extent = extent
    components = parts.sorted { $0.first < $1.first }.map { $0.component(of: extent) }
    runs = nil
  }

  /// Numbers components and their runs.
  init(extent: Extent, partial: PartialComponents, runs: RunsOfSlice) {
    self.extent = extent
    var partial = partial
    let roots = (0..<partial.count).filter { partial.isRoot($0) }.sorted {
      partial.parts[$0].first < partial.parts[$1].first
    }
    var numbers = [UInt32](repeating: 0, count: partial.count)
    for (index, root) in roots.enumerated() { numbers[root] = UInt32(index + 1) }
    components = roots.map { partial.parts[$0].component(of: extent) }
    var runs = runs
    for index in runs.numbers.indices {
      runs.numbers[index] = numbers[Int(partial.root(of: runs.numbers[index]))]
    }
    self.runs = ComponentRuns(runs)
  }

  /// The map of the components: 0 where there is none, and `k + 1` in the component at place `k`.
  ///
  /// - Parameters:
  ///   - slices: which slices of the map; `nil` for all.
  ///   - type: an integer type.
  /// - Throws: ``VoxtileError/Code-swift.struct/typeMismatch`` where the type does not hold as many numbers.
  /// - Precondition: the runs were kept.
  /// - Complexity: O(voxels of the slices).
  public func map<Scalar: VoxelScalar & FixedWidthInteger>(
    slices: Range<Int>? = nil, as type: Scalar.Type = Scalar.self
  ) throws(VoxtileError) -> Volume<Scalar> {
    guard let runs else { preconditionFailure("the finder of these components kept no map") }
    guard Scalar(exactly: count) != nil else {
      throw VoxtileError(
        .typeMismatch, "\(count) components do not fit \(Scalar.scalarType.rawValue); use a wider type",
        context: .init(expected: "<= \(Scalar.max)", found: "\(count)"))
    }
    let slices = slices ?? 0..<extent.depth
    var map = Volume<Scalar>(
      extent: Extent(width: extent.width, height: extent.height, depth: slices.count), repeating: 0)
    let first = slices.lowerBound * extent.height
    for row in first..<slices.upperBound * extent.height {
      let start = (row - first) * extent.width
      runs.forEach(inRow: row) { run, number in
        var span = map.voxels.mutableSpan
        fill(start + run.x.lowerBound..<start + run.x.upperBound, of: &span, with: Scalar(number))
      }
    }
    return map
  }
}

extension Components: RandomAccessCollection {
  /// The place of the first component.
  public var startIndex: Int { 0 }
  /// The number of components.
  public var endIndex: Int { components.count }
  /// The component at a place.
  public subscript(place: Int) -> Component { components[place] }
}

extension PartialComponents.Part {
  func component(of extent: Extent) -> Component {
    let (row, x) = first.quotientAndRemainder(dividingBy: max(1, extent.width))
    let (z, y) = row.quotientAndRemainder(dividingBy: max(1, extent.height))
    return Component(
      value: value, voxelCount: voxelCount,
      region: Region(
        x: lowest.x..<highest.x + 1, y: lowest.y..<highest.y + 1, z: lowest.z..<highest.z + 1),
      first: Position(x: x, y: y, z: z))
  }
}
