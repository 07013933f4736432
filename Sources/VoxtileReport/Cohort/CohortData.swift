import Voxtile
import VoxtileCases

/// What the page of many cases shows. Encoded as JSON, it is what the page's script reads.
public struct CohortData: Encodable, Sendable {
  /// A label that cases have, and its usual volume.
  public struct Label: Encodable, Sendable {
    /// Its number.
    public var label: Int
    /// What it stands for, where that is known.
    public var name: String?
    /// Its color in the pictures, as CSS writes it.
    public var color: String
    /// The median of its volumes over the cases; none where there is no case.
    public var median: Double?
    /// The usual spread of its volumes; none where they are not compared.
    public var spread: Double?
  }

  /// Why a case stands out.
  public struct Reason: Encodable, Sendable, Equatable {
    /// The index of the label whose volume it is; none where it is the disagreement.
    public var label: Int?
    /// How many times the usual spread it lies above the median; below it, less than 0.
    public var times: Double
  }

  /// A case.
  public struct Row: Encodable, Sendable {
    /// The case's name.
    public var name: String
    /// `done`, `skipped`, `failed` or `unfinished`.
    public var status: String
    /// The size of the scan in voxels, x first; none where nothing was found.
    public var extent: [Int]?
    /// The size of a voxel in mm, x first.
    public var spacing: [Double]?
    /// Patches that were worked on.
    public var patches: Int?
    /// Patches that were skipped.
    public var skippedPatches: Int?
    /// What the case took, in seconds.
    public var seconds: Double?
    /// The volume of each label, in the order of the page's labels; `nil` where it is not known.
    public var volumes: [Double?] = []
    /// The mean probability of the labels, 0...1.
    public var confidence: Double?
    /// The share of voxels in which overlapping patches disagree, 0...1.
    public var disagreement: Double?
    /// The mean Dice coefficient with the true labels, 0...1; none where there are none.
    public var dice: Double?
    /// What a person should know.
    public var warnings: [String] = []
    /// What went wrong.
    public var message: String?
    /// The case's own page, below the folder of the results.
    public var page: String?
    /// A PNG in base64.
    public var picture: String?
    /// How far it is from the other cases, in usual spreads; 0 where that is not known.
    public var score = 0.0
    /// Why it stands out, the strongest reason first.
    public var reasons: [Reason] = []
  }

  /// The name of the folder.
  public var title: String
  /// How the page was made.
  public var origin: ReportData.Origin
  /// The unit of the volumes: `ml`, or `voxels` (`pixels`) where no case says how large one is.
  public var unit: String
  /// The labels, in order.
  public var labels: [Label]
  /// How many labels more the cases have, which the page does not show.
  public var labelsLeftOut: Int
  /// The median of the disagreement, 0...1; none where it is not compared.
  public var disagreementMedian: Double?
  /// The usual spread of the disagreement; none where it is not compared.
  public var disagreementSpread: Double?
  /// From how many spreads on a case stands out.
  public var threshold = Self.threshold
  /// The fewest cases that are compared.
  public var fewestCases = RobustScale.fewestValues
  /// How many pictures were left out because the page would be too large.
  public var picturesLeftOut = 0
  /// The cases, the one that stands out most first, and those that failed last.
  public var rows: [Row]

  /// From how many usual spreads on a case stands out; the customary limit for robust distances.
  static let threshold = 3.5
}
