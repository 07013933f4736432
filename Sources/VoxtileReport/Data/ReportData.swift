import Voxtile
import VoxtileStore

/// Everything that a report shows: the JSON embedded in the page, and its pictures.
public struct ReportData: Codable, Sendable {
  /// The title of the page: the file name of the image, before or after it was cut.
  package var title: String
  /// The numbers of the grid, the same as in `voxtile plan --json`.
  package var summary: GridSummary
  /// Where the image lies in the world.
  package var place: Place
  /// How many patches contain each voxel.
  package var coverage: CoverageCounts
  /// Where the patches lie, and their files.
  package var patches: Patches
  /// The pictures; the first one shows the image.
  package var layers: [Layer]
  /// Pictures of the patch files; `nil` if there are none, or more than a page should show.
  package var patchPictures: PatchPictures?
  /// The result of a merge; `nil` if there is none.
  package var merge: Merge?
  /// The result of a prediction; `nil` if there is none.
  package var prediction: Prediction?
  /// How the report was made.
  package var origin: Origin

  /// Where an image lies in the world.
  package struct Place: Codable, Sendable {
    /// The directions of the voxel axes, such as `RAS`; `nil` for a file that does not say them, such as a PNG.
    package var orientation: String?
    /// The first three rows of the 4x4 matrix from voxels to mm.
    package var affine: [[Double]]
  }

  /// The number of patches at each coordinate. The coverage of a voxel is the product of its three counts.
  package struct CoverageCounts: Codable, Sendable {
    /// The counts along x.
    package var x: [Int]
    /// The counts along y.
    package var y: [Int]
    /// The counts along z.
    package var z: [Int]
    /// Pairs `[coverage, number of voxels with that coverage]`, ascending.
    package var histogram: [[Int]]
  }

  /// Where the patches lie, and their files.
  package struct Patches: Codable, Sendable {
    /// The half-open range of each column of patches along x, in grid order.
    package var x: [[Int]]
    /// The half-open ranges along y.
    package var y: [[Int]]
    /// The half-open ranges along z.
    package var z: [[Int]]
    /// The path of the patch folder, as given in the request; `nil` if there is none.
    package var folder: String?
    /// The file names in grid order; `nil` if there are none, or more than a page should list.
    package var files: [String]?
  }

  /// How a report was made.
  public struct Origin: Codable, Sendable {
    /// A timed step.
    public struct Step: Codable, Sendable {
      /// The name of the step, such as `crop`.
      public var name: String
      /// Its duration in seconds.
      public var seconds: Double

      /// Creates a timed step.
      public init(name: String, seconds: Double) {
        self.name = name
        self.seconds = seconds
      }
    }

    /// The command line that made the report; `nil` to omit it.
    public var command: String?
    /// The version of Voxtile.
    public var version: String
    /// The time in UTC, such as `2026-01-31T12:00:00Z`; `nil` to omit it.
    public var date: String?
    /// The timed steps.
    public var steps: [Step]

    /// Creates a description of how a report was made.
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
  /// The maximum number of file names in a page.
  static let maxFiles = 20_000

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
    self.files = files.flatMap { $0.count <= Self.maxFiles ? $0 : nil }
  }
}
