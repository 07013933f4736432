import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Rotations in NIfTI headers")
struct NiftiRotationTests {
  private static let spacing = [0.7, 1.25, 3.0]

  /// The rotation by an angle around an axis of unit length (Rodrigues' formula).
  private static func rotation(around axis: [Double], by angle: Double) -> [[Double]] {
    let (x, y, z) = (axis[0], axis[1], axis[2])
    let (c, s) = (cos(angle), sin(angle))
    return [
      [c + x * x * (1 - c), x * y * (1 - c) - z * s, x * z * (1 - c) + y * s],
      [y * x * (1 - c) + z * s, c + y * y * (1 - c), y * z * (1 - c) - x * s],
      [z * x * (1 - c) - y * s, z * y * (1 - c) + x * s, c + z * z * (1 - c)],
    ]
  }

  /// No turn, quarter and half turns around each axis and diagonal, and 40 random rotations.
  private static let rotations: [[[Double]]] = {
    let diagonal = 1 / 2.0.squareRoot()
    let axes: [[Double]] = [
      [1, 0, 0], [0, 1, 0], [0, 0, 1], [diagonal, diagonal, 0], [0, diagonal, diagonal],
      [diagonal, 0, -diagonal],
    ]
    var all = axes.flatMap { axis in (0..<4).map { rotation(around: axis, by: Double($0) * .pi / 2) } }
    for var random in SplitMix64.cases(40, from: 7) {
      let axis = (0..<3).map { _ in Double.random(in: -1...1, using: &random) }
      let length = axis.reduce(0) { $0 + $1 * $1 }.squareRoot()
      all.append(rotation(around: axis.map { $0 / length }, by: .random(in: -3...3, using: &random)))
    }
    return all
  }()

  /// A rotation with voxel sizes and an offset, where one axis may run the other way.
  private static func affine(_ rotation: [[Double]], mirrored: Int?) -> Affine {
    Affine(
      rows: rotation.enumerated().map { row, values in
        values.enumerated().map { column, value in value * spacing[column] * (column == mirrored ? -1 : 1) }
          + [[-90.5, 126, 72.25][row]]
      })
  }

  private static func header(_ affine: Affine) throws -> NiftiHeader {
    try NiftiHeader.make(
      for: VolumeInfo(extent: Extent(4), scalarType: .uint8, metadata: VolumeMetadata(affine: affine))
    ).0
  }

  private static func largestDifference(_ a: Affine, _ b: Affine) -> Double {
    zip(a.rows.joined(), b.rows.joined()).map { abs($0 - $1) }.max() ?? .infinity
  }

  @Test(
    "every rotation is written as a quaternion and as a matrix that place voxels alike",
    arguments: [nil, 0, 1, 2])
  func bothForms(mirrored: Int?) throws {
    #expect(Self.rotations.count == 64)
    for rotation in Self.rotations {
      let affine = Self.affine(rotation, mirrored: mirrored)
      let header = try Self.header(affine)
      #expect(header.hasQform && header.hasSform)
      #expect(Self.largestDifference(header.qform, affine) < 2e-5, "\(affine.rows)")
      #expect(Self.largestDifference(header.sform, affine) < 2e-5, "\(affine.rows)")
    }
  }

  @Test("a sheared image has a matrix only, which no quaternion expresses")
  func sheared() throws {
    var affine = Self.affine(Self.rotations[0], mirrored: nil)
    affine.rows[0][1] += 1e-3
    let header = try Self.header(affine)
    #expect(!header.hasQform && header.hasSform)
    #expect(Self.largestDifference(header.sform, affine) < 1e-5)
  }

  @Test("numbers that a header does not use may be NaN")
  func unusedNumbers() throws {
    let affine = Self.affine(Self.rotations[30], mirrored: nil)
    var header = try Self.header(affine)
    header.set(.sformCode, to: 0)
    header.set(.srow, 5, to: Double.nan)
    #expect(try Self.largestDifference(header.affine(), affine) < 1e-5)
    header.set(.sformCode, to: 1)
    #expect(throws: VoxtileError.self) { try header.affine() }
  }
}
