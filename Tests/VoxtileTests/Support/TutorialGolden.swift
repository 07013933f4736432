import Testing
import Voxtile
import VoxtileTestSupport

/// One image of `Fixtures/tutorial.json`, cut and merged by the tutorial's algorithm.
///
/// Lists of sizes are in the order x, y(, z); values lie with x fastest.
struct TutorialGolden: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let size: [Int]
  let patch: [Int]
  let overlap: [Int]
  let order: PatchOrder
  let axisStarts: [[Int]]
  let patchOrigins: [[Int]]
  let imageVoxels: Int
  let coveredVoxels: Int
  let nanVoxels: Int
  let coverHistogram: [String: Int]
  /// The voxels of the image, where the fixture keeps them.
  let image: [Double]?
  /// The merged image, after 16 k was added to each voxel of patch k; `nil` where it is NaN.
  let merged: [Double?]?

  private enum CodingKeys: String, CodingKey {
    case name, size, patch, overlap, order, image
    case axisStarts = "axis_starts"
    case patchOrigins = "patch_origins"
    case imageVoxels = "image_voxels"
    case coveredVoxels = "covered_voxels"
    case nanVoxels = "nan_voxels"
    case coverHistogram = "cover_histogram"
    case merged = "merged_after_adding_16_per_patch_number"
  }

  private struct File: Decodable { let cases: [TutorialGolden] }

  /// Every image of the fixture.
  static func all() throws -> [TutorialGolden] {
    try Fixture.json("tutorial.json", as: File.self).cases
  }

  var testDescription: String { name }

  /// The size of the image, with depth 1 in 2D.
  var extent: Extent { Extent(perAxis(size, missing: 1)) }

  /// Values in the order x, y(, z), with one for the z that a 2D image lacks.
  func perAxis<Value>(_ values: [Value], missing: Value) -> PerAxis<Value> {
    PerAxis(x: values[0], y: values[1], z: values.count > 2 ? values[2] : missing)
  }
}
