import Voxtile

/// A number that says how good a prediction is. Lengths are in mm, or in pixels where an image has no place.
public enum Measure: String, CaseIterable, Hashable, Sendable {
  /// Twice the common voxels over those of both.
  case dice
  /// The common voxels over those of either.
  case jaccard
  /// Which part of the prediction is right.
  case precision
  /// Which part of the truth was found.
  case recall
  /// The volume of the prediction less that of the truth, as a part of the truth's.
  case relativeVolumeDifference
  /// The distance that 95 % of both surfaces are within.
  case hausdorff95Millimeters
  /// The mean distance of the surfaces.
  case averageSurfaceMillimeters
  /// Which part of the surfaces is within the tolerance.
  case surfaceDice
  /// How well lesions were found, whatever their size.
  case lesionF1

  /// What it is called in a table for people.
  public var title: String {
    switch self {
    case .dice: "Dice"
    case .jaccard: "Jaccard"
    case .precision: "precision"
    case .recall: "recall"
    case .relativeVolumeDifference: "volume diff"
    case .hausdorff95Millimeters: "HD95 mm"
    case .averageSurfaceMillimeters: "ASD mm"
    case .surfaceDice: "surface Dice"
    case .lesionF1: "lesion F1"
    }
  }

  /// Whether a larger value is worse.
  public var isDistance: Bool { self == .hausdorff95Millimeters || self == .averageSurfaceMillimeters }
}

/// What is measured, and how.
public struct EvaluationSettings: Hashable, Sendable {
  /// How far surfaces may be apart and still count as the same, in mm.
  public var toleranceMillimeters = 1.0
  /// What counts as surface.
  public var surface = SurfaceDefinition.mesh
  /// The labels that are measured; `nil` for every one but 0.
  public var labels: Set<Int>?
  /// The labels whose components are lesions.
  public var lesions = Lesions.none
  /// Which voxels of a lesion touch each other.
  public var connectivity = Connectivity.corners
  /// How many threads work; the result is the same for any number.
  public var jobs = Jobs.all

  /// Which labels have lesions.
  public enum Lesions: Hashable, Sendable {
    /// None.
    case none
    /// All that are measured.
    case all
    /// These.
    case labels(Set<Int>)

    func contains(_ label: Int) -> Bool {
      switch self {
      case .none: false
      case .all: true
      case .labels(let labels): labels.contains(label)
      }
    }
  }

  /// Creates settings: all labels, meshes, a tolerance of 1 mm, no lesions.
  public init() {}
}
