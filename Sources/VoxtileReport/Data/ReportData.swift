import Voxtile
import VoxtileStore

/// Everything that a report shows: what the page embeds as JSON, and its pictures.
///
/// A served page can use the same value, and fetch finer slices than ``layers`` have.
public struct ReportData: Codable, Sendable {
  /// What the report is about, in a few words: the name of the scan or folder.
  public var title: String
  /// The numbers of `voxtile plan --json`.
  public var summary: GridSummary
  /// Where the image lies in the world.
  public var place: Place
  /// How many patches hold each voxel.
  public var coverage: CoverageCounts
  /// The patches.
  public var patches: Patches
  /// The pictures, the image first.
  public var layers: [Layer]
  /// What a merge gave; `nil` before one.
  public var merge: Merge?
  /// What a model predicted; `nil` without one.
  public var prediction: Prediction?
  /// How the report was made.
  public var origin: Origin

  /// Where an image lies in the world.
  public struct Place: Codable, Sendable {
    /// Where each voxel axis points, such as `RAS`; `nil` for a picture. Of a NIfTI file that does not say, it is what
    /// nibabel takes it for, `LAS`.
    public var orientation: String?
    /// The map from voxels to mm, three rows of four.
    public var affine: [[Double]]
  }

  /// The number of patches over each coordinate. That of a voxel is the product along the three axes.
  public struct CoverageCounts: Codable, Sendable {
    /// One number for each coordinate along x.
    public var x: [Int]
    /// One number for each coordinate along y.
    public var y: [Int]
    /// One number for each coordinate along z.
    public var z: [Int]
    /// Pairs of a number of patches and the voxels that lie in so many, ascending.
    public var histogram: [[Int]]
  }

  /// Where patches lie, and their files.
  public struct Patches: Codable, Sendable {
    /// The half-open range of each patch along x, in the order of the grid.
    public var x: [[Int]]
    /// The same along y.
    public var y: [[Int]]
    /// The same along z.
    public var z: [[Int]]
    /// The folder with the files, as it was named; `nil` where nothing has been cut.
    public var folder: String?
    /// The file names in the order of the grid; `nil` where nothing has been cut, or there are too many for a page.
    public var files: [String]?
  }

  /// How a report was made.
  public struct Origin: Codable, Sendable {
    /// A step that took time.
    public struct Step: Codable, Sendable {
      /// What was done, such as `crop`.
      public var name: String
      /// How long it took.
      public var seconds: Double

      /// Creates a step.
      public init(name: String, seconds: Double) {
        self.name = name
        self.seconds = seconds
      }
    }

    /// The command that made it, as it was typed.
    public var command: String?
    /// The version of Voxtile.
    public var version: String
    /// When, as `2026-01-31T12:00:00Z`; `nil` to leave it out.
    public var date: String?
    /// What took time.
    public var steps: [Step]

    /// Creates an origin.
    public init(
      command: String? = nil, version: String, date: String? = nil, steps: [Step] = []
    ) {
      self.command = command
      self.version = version
      self.date = date
      self.steps = steps
    }
  }
}

extension ReportData.CoverageCounts {
  init(_ coverage: Coverage) {
    self.init(
      x: coverage.counts.x, y: coverage.counts.y, z: coverage.counts.z,
      histogram: coverage.histogram.sorted { $0.key < $1.key }.map { [$0.key, $0.value] })
  }
}

extension ReportData.Patches {
  /// More names than anyone looks up in a page.
  static let mostFiles = 20_000

  init(of grid: PatchGrid, folder: String?, files: [String]?) {
    func ranges(_ tiling: AxisTiling) -> [[Int]] {
      tiling.starts.indices.map { index in
        let range = tiling.range(at: index)
        return [range.lowerBound, range.upperBound]
      }
    }
    x = ranges(grid.axes.x)
    y = ranges(grid.axes.y)
    z = ranges(grid.axes.z)
    self.folder = folder
    self.files = files.flatMap { $0.count <= Self.mostFiles ? $0 : nil }
  }
}
