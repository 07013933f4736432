import Voxtile
import VoxtileStore

/// What the page of a set of training patches shows. Encoded as JSON, it is what the page's script reads.
public struct SampleData: Encodable, Sendable {
  /// A label, in the scans and in the patches.
  struct Label: Encodable, Sendable {
    var value: Int
    /// What it stands for, where that is known.
    var name: String?
    /// Its color in the pictures, as CSS writes it.
    var color: String
    /// The number of its voxels in all scans.
    var scanVoxels: Int
    /// The number of its voxels in all patches; a voxel of several patches counts in each.
    var patchVoxels: Int
    /// How many patches hold a voxel of it.
    var patches: Int
  }

  /// How many components were seen so often.
  struct Times: Encodable, Sendable, Equatable {
    /// How many patches hold each whole.
    var times: Int
    var components: Int
    /// How many of them are in no patch whole, but in several.
    var tiled: Int
  }

  /// A scan from one side.
  struct View: Encodable, Sendable {
    /// What radiologists call it; none where it is not known how the scan lies.
    var plane: String?
    /// The axis that is looked along: 0, 1, 2 for x, y, z.
    var axis: Int
    /// The axes from left to right and from top to bottom.
    var across: Int
    var down: Int
    var isAcrossReversed: Bool
    var isDownReversed: Bool
    /// The mean of the image along the axis, as a PNG in base64.
    var picture: String?
  }

  /// A scan.
  struct Scan: Encodable, Sendable {
    var name: String
    var isForTraining: Bool
    /// Its size in voxels, x first.
    var extent: [Int]
    /// The size of a voxel in mm, x first.
    var spacing: [Double]
    var patches: Int
    /// How many of its components lie whole in a patch, how many in several only, and how many that had to be covered are not.
    var whole: Int
    var tiled: Int
    var uncovered: Int
    var views: [View]
  }

  /// A component of a scan.
  struct Component: Encodable, Sendable {
    /// The place of its scan.
    var scan: Int
    var id: Int
    var label: Int
    var voxels: Int
    /// Its box, x first.
    var start: [Int]
    var extent: [Int]
    /// How many patches hold it whole.
    var patches: Int
    var coverage: SampleManifest.Coverage
    /// Whether it is smaller than those that had to be covered.
    var isTooSmall: Bool
  }

  /// A patch.
  struct Patch: Encodable, Sendable {
    /// Its place in the list.
    var place: Int
    /// The place of its scan.
    var scan: Int
    /// Its number in the scan.
    var number: Int
    /// The voxel at which it starts, x first.
    var start: [Int]
    /// Why it was chosen: `cover`, `label` and so on.
    var kind: String
    var component: Int?
    var label: Int?
    /// The number of its voxels that are not background.
    var foreground: Int
    var relaxed: [String]?
    /// A slice with the outlines of the labels, as a PNG in base64.
    var picture: String?
  }

  /// The name of the folder.
  var title: String
  /// How the page was made.
  var origin: ReportData.Origin
  /// The size of a patch, x first.
  var patch: [Int]
  var seed: UInt64
  /// The plan in words.
  var plan: String
  var layout: String
  /// Which components had to be covered; none where none had to.
  var cover: SampleManifest.Cover?
  var hasFiles: Bool
  /// How many patches, and how many for each reason and each rule that they do not keep.
  var patchCount: Int
  var reasons: [String: Int]
  var relaxed: [String: Int]
  var labels: [Label]
  /// Components by how often they are seen, from 0 on.
  var times: [Times]
  var componentCount: Int
  /// Components that had to be covered, and have voxels in no patch.
  var uncoveredCount: Int
  /// Components with voxels in no patch that are smaller than those that had to be covered.
  var tooSmallCount: Int
  /// How many scans there are, and how many of them are for training.
  var scanCount: Int
  var trainingCount: Int
  var scans: [Scan]
  /// The components seen least, smaller ones first.
  var components: [Component]
  var patches: [Patch]
  /// What is wrong with the files of the set, the first findings; none where each is as the list says.
  var findings: [String] = []
  var findingCount = 0
  /// What a person should know, such as scans that were not found.
  var remarks: [String] = []

  /// The most of each that a page shows.
  static let mostScans = 2_000
  static let mostPatches = 20_000
  static let mostComponents = 5_000
  static let mostFindings = 20
}
