/// What was found in a case, and what it took: a row of the summary.
public struct CaseFindings: Codable, Hashable, Sendable {
  /// A label of the result.
  public struct Label: Codable, Hashable, Sendable {
    /// Its number.
    public var label: Int
    /// What it stands for, where that is known.
    public var name: String?
    /// How many voxels have it.
    public var voxels: Int
    /// Its volume in ml; none where the size of a voxel is not known.
    public var milliliters: Double?
    /// The Dice coefficient with the true labels, 0...1; none where there are no true labels, or these lack the label.
    public var dice: Double?

    /// Creates a label.
    public init(label: Int, name: String?, voxels: Int, milliliters: Double?) {
      self.label = label
      self.name = name
      self.voxels = voxels
      self.milliliters = milliliters
    }
  }

  /// The size of the scan in voxels, x first.
  public var extent: [Int]
  /// The size of a voxel in mm; none where it is not known.
  public var spacing: [Double]?
  /// Patches that were worked on.
  public var patches: Int
  /// Patches that were skipped, since they hold background only.
  public var skippedPatches: Int
  /// What the case took, in seconds.
  public var seconds: Double
  /// How much of that the network took, in seconds.
  public var networkSeconds: Double?
  /// The most memory that the program has taken until then, in bytes.
  public var peakMemoryBytes: Int?
  /// The labels that were found, without the background; in order.
  public var labels: [Label]
  /// The mean probability of the labels that won, over the voxels with a label.
  public var meanConfidence: Double?
  /// The share of the voxels under several patches in which single patches disagree.
  public var disagreement: Double?
  /// The mean Dice coefficient of the labels that have one; none where the result was not compared with true labels.
  public var meanDice: Double? {
    let all = labels.compactMap(\.dice)
    return all.isEmpty ? nil : all.reduce(0, +) / Double(all.count)
  }
  /// What a person should know.
  public var warnings: [String]
  /// The page that shows the case, below the folder of results, where one was written.
  public var page: String?

  /// Creates findings.
  public init(extent: [Int], spacing: [Double]?, patches: Int, seconds: Double) {
    self.extent = extent
    self.spacing = spacing
    self.patches = patches
    self.seconds = seconds
    skippedPatches = 0
    labels = []
    warnings = []
  }
}
