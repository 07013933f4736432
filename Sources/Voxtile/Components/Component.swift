/// Voxels of a label map that touch each other, such as one lesion.
public struct Component: Hashable, Sendable {
  /// The label of its first voxel; of all of them, unless different labels were joined.
  public let value: Int
  /// The number of its voxels.
  public let voxelCount: Int
  /// The smallest box that holds it.
  public let region: Region
  /// Its first voxel in the order in which voxels lie in memory: lowest z, then y, then x.
  public let first: Position
}

/// Which voxels of a label map make components.
public struct ComponentSettings: Hashable, Sendable {
  /// The labels that count; `nil` for every label but 0.
  public var values: Set<Int>?
  /// Whether voxels of different labels make one component where they touch.
  public var joinsValues: Bool
  /// Which neighbors of a voxel touch it.
  public var connectivity: Connectivity

  /// Creates settings. By default every label but 0 counts, each for itself, and corners touch.
  public init(values: Set<Int>? = nil, joinsValues: Bool = false, connectivity: Connectivity = .corners) {
    self.values = values
    self.joinsValues = joinsValues
    self.connectivity = connectivity
  }

  /// Whether voxels of 0 make components too.
  var includesZero: Bool { values?.contains(0) ?? false }

  /// The runs that count, in ascending order; where labels are joined, runs that follow each other are one.
  func selection(of runs: some Sequence<LabelRun>) -> [LabelRun] {
    var chosen: [LabelRun] = []
    for run in runs {
      guard values?.contains(run.value) ?? (run.value != 0) else { continue }
      if joinsValues, let last = chosen.indices.last, chosen[last].upper == run.lower {
        chosen[last].upper = run.upper
      } else {
        chosen.append(run)
      }
    }
    return chosen
  }
}
