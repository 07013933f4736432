/// A predicted label map beside the one that is taken for true: measured once, and each score is read from it.
///
///     let comparison = try LabelComparison(reference: VolumeInMemory(truth), prediction: VolumeInMemory(labels))
///     for label in comparison.labels {
///       print(label, comparison.overlap(of: label).dice)
///       let distances = try comparison.surfaceDistances(of: label)
///       print(distances.hausdorffMillimeters(percent: 95), distances.surfaceDice(toleranceMillimeters: 1))
///     }
public struct LabelComparison: Sendable {
  /// The size of both maps.
  public let extent: Extent
  /// The size of a voxel in mm, from the reference.
  public let spacing: PerAxis<Double>
  /// Whether they are 2D images: surfaces are then lines.
  public let isPlanar: Bool
  /// The labels found in either map, but for 0, in ascending order.
  public let labels: [Int]
  private let tallies: [Int: OverlapCounter.Tally]
  private let rows: (reference: LabelRows, prediction: LabelRows)?

  /// Compares two label maps, in one pass over both, slab by slab.
  ///
  /// - Parameters:
  ///   - reference: the map that is taken for true, of one channel.
  ///   - prediction: the map that is judged, of the same size.
  ///   - labels: the labels that count; `nil` for every one but 0.
  ///   - keepsVoxels: whether surfaces and lesions will be asked for: both maps are then held, as runs of equal labels.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where sizes differ or a map has several channels,
  ///   `VoxtileError.Code.typeMismatch` where a value is no whole number, and what reading throws. Whether both lie in the same place is
  ///   for the caller to check.
  /// - Complexity: O(voxels) time; memory for a slab of each map, the labels, and 16 bytes for each run where they are held.
  public init(
    reference: some VolumeReader, prediction: some VolumeReader, labels: Set<Int>? = nil,
    keepsVoxels: Bool = true
  ) throws {
    guard reference.info.extent == prediction.info.extent else {
      throw VoxtileError(
        .shapeMismatch,
        "the prediction is \(prediction.info.extent), but the reference is \(reference.info.extent); resample them to one grid",
        context: .init(expected: "\(reference.info.extent)", found: "\(prediction.info.extent)"))
    }
    extent = reference.info.extent
    isPlanar = reference.info.isPlanar
    spacing = try Self.checkedSpacing(of: reference.info)
    var counter = OverlapCounter()
    var rows = (reference: LabelRows(extent: extent), prediction: LabelRows(extent: extent))
    for region in reference.info.slabs(maximumBytes: 4 << 20) {
      let truth = try Self.rows(of: reference, region, labels: labels, named: "reference")
      let judged = try Self.rows(of: prediction, region, labels: labels, named: "prediction")
      for row in truth.indices {
        let (z, y) = row.quotientAndRemainder(dividingBy: region.extent.height)
        counter.add(
          reference: truth[row], prediction: judged[row], y: region.y.lowerBound + y,
          z: region.z.lowerBound + z)
        guard keepsVoxels else { continue }
        rows.reference.append(truth[row])
        rows.prediction.append(judged[row])
      }
    }
    tallies = counter.tallies
    self.labels = counter.tallies.keys.sorted()
    self.rows = keepsVoxels ? rows : nil
  }

  /// The runs of each row of a box; an error says in which of the two maps it is.
  private static func rows(
    of map: some VolumeReader, _ region: Region, labels: Set<Int>?, named name: String
  ) throws -> [[LabelRun]] {
    do {
      return try LabelRun.rows(of: map.readLabels(region), labels: labels)
    } catch var error as VoxtileError where error.context.file == nil {
      error.message = "in the \(name), \(error.message)"
      throw error
    }
  }

  /// The size of a voxel; the third side of a pixel, which may be 0, counts as 1 mm.
  private static func checkedSpacing(of info: VolumeInfo) throws(VoxtileError) -> PerAxis<Double> {
    let spacing = info.metadata.spacing.map { axis, side in
      info.isPlanar && axis == .z && side == 0 ? 1 : side
    }
    guard spacing.all.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw VoxtileError(
        .malformedFile,
        "has voxels of \(info.metadata.spacing.all) mm, so nothing can be measured in it; repair its header",
        context: .init(expected: "> 0 mm", found: "\(info.metadata.spacing.all)"))
    }
    return spacing
  }

  /// The volume of a voxel in ml, which is 1,000 mm³.
  public var voxelMilliliters: Double { spacing.x * spacing.y * spacing.z / 1000 }
}

extension LabelComparison {
  /// How many voxels a label has in both maps; none where neither has it.
  public func overlap(of label: Int) -> OverlapCounts { tallies[label]?.counts ?? OverlapCounts() }

  /// The smallest box that holds a label in either map; `nil` where neither has it.
  public func box(of label: Int) -> Region? { tallies[label]?.box }

  /// How far the surfaces of a label are from each other.
  ///
  /// - Parameters:
  ///   - label: the label.
  ///   - definition: what counts as surface.
  ///   - jobs: how many threads work; the result is the same for any number.
  /// - Throws: ``VoxtileError/Code-swift.struct/unsupportedFormat`` where the label's box has a side of 65,535 voxels or more.
  /// - Precondition: the comparison keeps voxels.
  /// - Complexity: O(voxels) of the label's box in time, and five bytes for each in memory, but no more than about 420 MiB.
  public func surfaceDistances(
    of label: Int, surface definition: SurfaceDefinition = .mesh, jobs: Jobs = .all
  ) throws(VoxtileError) -> SurfaceDistances {
    guard let rows else { preconditionFailure("this comparison keeps no voxels") }
    if let emptiness = overlap(of: label).emptiness {
      return SurfaceDistances(definition, emptiness: emptiness)
    }
    guard let box = box(of: label) else { return SurfaceDistances(definition, emptiness: .bothEmpty) }
    guard box.extent.sizes.all.allSatisfy({ $0 < PlaneDistances.maximumSide }) else {
      throw VoxtileError(
        .unsupportedFormat,
        "label \(label) lies in a box of \(box.extent); surfaces are measured in boxes with sides below "
          + "\(PlaneDistances.maximumSide)",
        context: .init(expected: "< \(PlaneDistances.maximumSide)", found: "\(box.extent)"))
    }
    func layers(_ map: LabelRows) -> SurfaceLayers {
      SurfaceLayers(map: map, label: label, box: box, definition: definition, isPlanar: isPlanar)
    }
    let areas =
      switch definition {
      case .mesh where isPlanar: SurfaceElements.inImage(spacing: spacing).areas
      case .mesh: SurfaceElements.inVolume(spacing: spacing).areas
      case .voxel: [0, 1.0]
      }
    func distances(from source: LabelRows, to target: LabelRows) -> SurfaceDistances.Distribution {
      SurfaceMeasurement(
        source: layers(source), target: layers(target), spacing: spacing, areas: areas, jobs: jobs
      ).distances()
    }
    return SurfaceDistances(
      definition, fromReference: distances(from: rows.reference, to: rows.prediction),
      fromPrediction: distances(from: rows.prediction, to: rows.reference))
  }

  /// How many lesions of a label were found: components of the reference that have a voxel in common with the prediction.
  ///
  /// - Parameters:
  ///   - label: the label.
  ///   - connectivity: which voxels touch each other.
  /// - Throws: ``VoxtileError/Code-swift.struct/unsupportedFormat`` where there are more runs than can be numbered.
  /// - Precondition: the comparison keeps voxels.
  public func lesions(
    of label: Int, connectivity: Connectivity = .corners
  ) throws(VoxtileError) -> LesionCounts {
    guard let rows else { preconditionFailure("this comparison keeps no voxels") }
    return try LesionCounts(
      of: label, reference: rows.reference, prediction: rows.prediction, connectivity: connectivity)
  }
}
