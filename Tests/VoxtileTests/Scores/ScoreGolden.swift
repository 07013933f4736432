import Testing
import VoxtileTestSupport

@testable import Voxtile

/// Two masks with the scores of other libraries.
struct ScoreGolden: Decodable, Sendable {
  /// Numbers of one definition of a surface; `nil` where the other library gives none.
  struct Scores: Decodable, Sendable {
    /// At 50, 95 and 100 %.
    let hausdorff: [Double?]
    /// From the reference, and from the prediction.
    let average: [Double?]
    /// At 0.5, 1 and 2.5 mm.
    let dice: [Double?]
  }

  /// Outermost axis first, as in numpy.
  let shape: [Int]
  /// In mm, in the order of the shape.
  let spacing: [Double]
  /// One bit for each voxel, the lowest of a byte first, in hexadecimal digits.
  let reference: String
  /// The same.
  let prediction: String
  /// By surface-distance.
  let mesh: Scores
  /// By MONAI's formulas.
  let voxel: Scores

  static func all() throws -> [ScoreGolden] { try Fixture.json("scores.json", as: [ScoreGolden].self) }

  var extent: Extent {
    Extent(
      width: shape[shape.count - 1], height: shape[shape.count - 2], depth: shape.count == 3 ? shape[0] : 1)
  }

  /// A mask as a label map.
  func volume(_ mask: String, label: UInt8 = 1) throws -> Volume<UInt8> {
    let digits = Array(mask.utf8)
    let bytes = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
    }
    let voxels = (0..<extent.voxelCount).map { bytes[$0 / 8] >> UInt8($0 % 8) & 1 }
    let sides = Array(spacing.reversed()) + [1]
    return try Volume(
      extent: extent, voxels: voxels.map { $0 * label },
      metadata: VolumeMetadata(
        affine: Affine(spacing: PerAxis(x: sides[0], y: sides[1], z: sides[2])), spatialRank: shape.count))
  }

  func comparison() throws -> LabelComparison {
    try LabelComparison(
      reference: VolumeInMemory(volume(reference)), prediction: VolumeInMemory(volume(prediction)))
  }
}
