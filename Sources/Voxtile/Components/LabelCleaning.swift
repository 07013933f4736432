/// What a label map is freed of after a network: specks, all but the largest component, and holes.
///
/// The steps are done in the order of the properties. Components are made of voxels that share a corner (26 neighbors); a hole is what no path
/// over faces (6 neighbors) leads out of. In a 2D image these are 8 and 4 neighbors.
public struct LabelCleaning: Hashable, Sendable {
  /// Which labels a step works on, each for itself.
  public enum Labels: Hashable, Sendable {
    /// Every label but 0.
    case all
    /// These labels.
    case some(Set<Int>)

    /// Whether a step works on a label.
    func contains(_ label: Int) -> Bool {
      switch self {
      case .all: label != 0
      case .some(let labels): labels.contains(label)
      }
    }

    fileprivate var settings: ComponentSettings {
      if case .some(let labels) = self { ComponentSettings(values: labels) } else { ComponentSettings() }
    }
  }

  /// The fewest voxels of a component; smaller ones become 0. 0 where all stay.
  public var minimumVoxelCount = 0
  /// The labels whose small components become 0.
  public var labelsWithoutSmall = Labels.all
  /// The labels of which only the largest component stays, the first of equal ones; `nil` for none.
  public var labelsKeptLargest: Labels?
  /// The labels whose holes are filled, the lowest label first; `nil` for none. Voxels of another label in a hole stay.
  public var labelsFilled: Labels?

  /// Creates a cleaning that changes nothing.
  public init() {}
}

extension LabelCleaning {
  /// How many times the bytes of a map's runs are in memory while it is cleaned, at most (measured with maps of noise).
  static let copiesWhileCleaned = 8

  /// Cleans a label map.
  ///
  /// - Parameters:
  ///   - map: the map.
  ///   - isPlanar: whether it has no third axis, so that its one slice does not touch the border everywhere.
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where there are more runs than can be numbered.
  /// - Complexity: nearly O(runs) time and memory, and O(runs and rows) for each label that is filled.
  package func applied(to map: LabelRows, isPlanar: Bool) throws(VoxtileError) -> LabelRows {
    var map = map
    if minimumVoxelCount > 1 {
      let components = try map.components(labelsWithoutSmall.settings)
      map = map.replacing(
        labelsWithoutSmall, by: components, where: components.map { $0.voxelCount >= minimumVoxelCount })
    }
    if let labelsKeptLargest {
      let components = try map.components(labelsKeptLargest.settings)
      var largest: [Int: Int] = [:]
      for (place, component) in components.enumerated() {
        let other = largest[component.value].map { components[$0].voxelCount } ?? 0
        if component.voxelCount > other { largest[component.value] = place }
      }
      map = map.replacing(
        labelsKeptLargest, by: components,
        where: components.indices.map { largest[components[$0].value] == $0 })
    }
    if let labelsFilled {
      for label in map.labels.sorted() where labelsFilled.contains(label) {
        map = try map.fillingHoles(of: label, isPlanar: isPlanar)
      }
    }
    return map
  }
}

extension LabelRows {
  /// All labels but 0.
  fileprivate var labels: Set<Int> {
    var labels: Set<Int> = []
    forEachRow { runs in for run in runs { labels.insert(run.value) } }
    return labels
  }

  /// The connected components of some labels.
  package func components(_ settings: ComponentSettings) throws(VoxtileError) -> Components {
    var finder = ComponentFinder(extent: extent, settings: settings, keepsMap: true)
    for z in 0..<extent.depth {
      for y in 0..<extent.height { try finder.add(rowOf: runs(y: y, z: z)) }
    }
    return try finder.finish()
  }

  private func forEachRow(_ body: (ArraySlice<LabelRun>) -> Void) {
    for z in 0..<extent.depth {
      for y in 0..<extent.height { body(runs(y: y, z: z)) }
    }
  }

  /// The map with only some of the components of some labels, and all other labels.
  fileprivate func replacing(_ labels: LabelCleaning.Labels, by components: Components, where isKept: [Bool])
    -> LabelRows
  {
    var cleaned = LabelRows(extent: extent)
    var row = 0
    forEachRow { runs in
      var left = runs.filter { !labels.contains($0.value) }
      components.runs?.forEach(inRow: row) { run, number in
        if isKept[Int(number) - 1] { left.append(run) }
      }
      cleaned.append(LabelRun.joined(left))
      row += 1
    }
    return cleaned
  }

  /// The map with the holes of a label filled, where they are 0.
  fileprivate func fillingHoles(of label: Int, isPlanar: Bool) throws(VoxtileError) -> LabelRows {
    var outside = LabelRows(extent: extent)
    forEachRow { runs in
      outside.append(LabelRun.gaps(between: runs.filter { $0.value == label }, width: extent.width))
    }
    let components = try outside.components(ComponentSettings(values: [1], connectivity: .faces))
    let isHole = components.map { component in
      Axis.allCases.allSatisfy { axis in
        (isPlanar && axis == .z)
          || (component.region[axis].lowerBound > 0 && component.region[axis].upperBound < extent[axis])
      }
    }
    var filled = LabelRows(extent: extent)
    var row = 0
    forEachRow { runs in
      var holes: [LabelRun] = []
      components.runs?.forEach(inRow: row) { run, number in
        if isHole[Int(number) - 1] { holes.append(run) }
      }
      var all = Array(runs)
      LabelRun.forEachCommonPart(of: holes, and: LabelRun.gaps(between: runs, width: extent.width)) {
        _, _, x in
        all.append(LabelRun(lower: UInt32(x.lowerBound), upper: UInt32(x.upperBound), value: label))
      }
      filled.append(LabelRun.joined(all))
      row += 1
    }
    return filled
  }
}

extension LabelRun {
  /// The columns between runs of a row, as runs of 1.
  fileprivate static func gaps(between runs: some Sequence<LabelRun>, width: Int) -> [LabelRun] {
    var gaps: [LabelRun] = []
    var end: UInt32 = 0
    for run in runs {
      if run.lower > end { gaps.append(LabelRun(lower: end, upper: run.lower, value: 1)) }
      end = run.upper
    }
    if end < width { gaps.append(LabelRun(lower: end, upper: UInt32(width), value: 1)) }
    return gaps
  }

  /// Runs of a row in ascending order, those of one label that follow each other as one.
  fileprivate static func joined(_ runs: [LabelRun]) -> [LabelRun] {
    var joined: [LabelRun] = []
    for run in runs.sorted(by: { $0.lower < $1.lower }) {
      if let last = joined.indices.last, joined[last].upper == run.lower, joined[last].value == run.value {
        joined[last].upper = run.upper
      } else {
        joined.append(run)
      }
    }
    return joined
  }
}
