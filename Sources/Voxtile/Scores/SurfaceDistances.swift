/// How far two surfaces are from each other, measured once; scores are read from it.
public struct SurfaceDistances: Hashable, Sendable {
  /// Distances from one surface to the other, and how much of the surface has each of them.
  public struct Distribution: Hashable, Sendable {
    /// A distance, and the surface that has it.
    public struct Step: Hashable, Sendable {
      /// In mm.
      public let distanceMillimeters: Double
      /// In mm² (in a 2D image, the length in mm), or the number of voxels for ``SurfaceDefinition/voxel``.
      public let area: Double
    }

    /// Each distance once, from the nearest to the farthest.
    public let steps: [Step]
    /// The area of the whole surface.
    public let area: Double

    /// Takes distances in any order, each once.
    init(_ steps: [Step]) {
      self.steps = steps.sorted { $0.distanceMillimeters < $1.distanceMillimeters }
      area = self.steps.reduce(0) { $0 + $1.area }
    }
  }

  /// What counts as surface.
  public let definition: SurfaceDefinition
  /// From each place of the reference's surface to the prediction's; empty where either has none.
  public let fromReference: Distribution
  /// From each place of the prediction's surface to the reference's.
  public let fromPrediction: Distribution
  /// Which masks are empty; `nil` where none is.
  public let emptiness: Score.Reason?

  /// The distances of masks of which at least one is empty.
  init(_ definition: SurfaceDefinition, emptiness: Score.Reason) {
    self.definition = definition
    (fromReference, fromPrediction) = (Distribution([]), Distribution([]))
    self.emptiness = emptiness
  }

  init(_ definition: SurfaceDefinition, fromReference: Distribution, fromPrediction: Distribution) {
    self.definition = definition
    self.fromReference = fromReference
    self.fromPrediction = fromPrediction
    emptiness = nil
  }
}

extension SurfaceDistances {
  /// The distance in mm that a part of each surface is within, the larger of both; undefined where a mask is empty.
  ///
  /// For a mesh it is the smallest distance that at least that part of the area has; for voxels, distances are interpolated, as
  /// `numpy.percentile` does.
  ///
  /// - Parameter percent: 0 to 100; 100 gives the Hausdorff distance, 95 what is known as HD95.
  /// - Precondition: `percent` is 0 to 100.
  public func hausdorffMillimeters(percent: Double = 100) -> Score {
    precondition((0...100).contains(percent), "\(percent) is not a percentage from 0 to 100")
    return score { max(percentile(percent, of: fromReference), percentile(percent, of: fromPrediction)) }
  }

  /// The mean distance in mm over both surfaces, by area; undefined where a mask is empty.
  public var averageMillimeters: Score {
    score {
      (fromReference.weightedSum + fromPrediction.weightedSum) / (fromReference.area + fromPrediction.area)
    }
  }

  /// The mean distance in mm from the reference's surface to the prediction's, by area.
  public var averageMillimetersFromReference: Score {
    score { fromReference.weightedSum / fromReference.area }
  }

  /// The mean distance in mm from the prediction's surface to the reference's, by area.
  public var averageMillimetersFromPrediction: Score {
    score { fromPrediction.weightedSum / fromPrediction.area }
  }

  /// Which part of both surfaces is no farther from the other one than a tolerance, 0 to 1.
  ///
  /// Undefined where the reference is empty; 0 where only the prediction is.
  ///
  /// - Parameter toleranceMillimeters: the tolerance in mm.
  public func surfaceDice(toleranceMillimeters: Double) -> Score {
    if emptiness == .predictionEmpty { return .value(0) }
    return score {
      (fromReference.area(within: toleranceMillimeters) + fromPrediction.area(within: toleranceMillimeters))
        / (fromReference.area + fromPrediction.area)
    }
  }

  private func score(_ value: () -> Double) -> Score { emptiness.map { .undefined($0) } ?? .value(value()) }

  private func percentile(_ percent: Double, of distribution: Distribution) -> Double {
    switch definition {
    case .mesh: distribution.distance(coveringPercent: percent)
    case .voxel: distribution.interpolatedPercentile(percent)
    }
  }
}

extension SurfaceDistances.Distribution {
  var weightedSum: Double { steps.reduce(0) { $0 + $1.distanceMillimeters * $1.area } }

  func area(within distanceMillimeters: Double) -> Double {
    steps.reduce(0) { $1.distanceMillimeters <= distanceMillimeters ? $0 + $1.area : $0 }
  }

  /// The smallest distance that at least a part of the area has.
  func distance(coveringPercent percent: Double) -> Double {
    // Areas are rounded sums: exactly 95 of 100 equal ones must count as 95 %.
    let needed = percent / 100 * area * (1 - 1e-12)
    var sum = 0.0
    for step in steps {
      sum += step.area
      if sum >= needed { return step.distanceMillimeters }
    }
    return steps.last?.distanceMillimeters ?? 0
  }

  /// The percentile between the two nearest ranks, where each area is a number of elements.
  func interpolatedPercentile(_ percent: Double) -> Double {
    let rank = percent / 100 * (area - 1)
    let (low, part) = (rank.rounded(.down), rank - rank.rounded(.down))
    let (first, second) = (distance(ofRank: low), distance(ofRank: low + 1))
    return first + (second - first) * part
  }

  /// The distance of an element, counted from 0 for the nearest; the farthest where there are fewer.
  private func distance(ofRank rank: Double) -> Double {
    var sum = 0.0
    for step in steps {
      sum += step.area
      if rank < sum { return step.distanceMillimeters }
    }
    return steps.last?.distanceMillimeters ?? 0
  }
}
