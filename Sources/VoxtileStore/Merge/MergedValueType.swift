import Voxtile
import VoxtileFormats

/// The type of the merged file's values, and whether stored or real values are merged.
struct MergedValueType {
  /// The scalar type of the merged file.
  let scalarType: ScalarType
  /// The scaling of the merged file: the patches' own where that is kept.
  let scaling: VolumeInfo.Scaling?
  /// The type in which real values are computed; `nil` where stored ones are merged.
  let realType: ScalarType?

  /// - Parameters:
  ///   - headers: the patches.
  ///   - asked: the scalar type that was asked for, or `nil`.
  init(of headers: PatchFileHeaders, asked: ScalarType?) {
    let isScaling = headers.isScaled && (asked != nil || !headers.hasOneScaling)
    // A `Float` has 24 bits: enough to show a 16-bit integer times a slope, though not exactly.
    let isNarrow = headers.scalarType == .float32 || headers.scalarType.byteCount <= 2
    scalarType = asked ?? (isScaling ? (isNarrow ? .float32 : .float64) : headers.scalarType)
    scaling = isScaling || asked != nil ? nil : headers.scaling
    realType = isScaling ? (isNarrow && scalarType == .float32 ? .float32 : .float64) : nil
  }

  /// The stored value of a voxel that no patch holds.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where there are such voxels and the scalar type cannot hold it.
  func storedFill(_ fill: Double, uncoveredVoxels: Int) throws -> Double {
    let stored = scaling.map { (fill - $0.intercept) / $0.slope } ?? fill
    func isInRange<Scalar: VoxelScalar>(_ type: Scalar.Type) -> Bool {
      let rounded = stored.rounded(.toNearestOrEven)
      return !Scalar.scalarType.isInteger || Scalar(nearest: rounded).double == rounded
    }
    guard uncoveredVoxels > 0, !isInRange(scalarType.type) else { return stored }
    let asStored = scaling == nil ? "" : " (stored as \(stored))"
    throw VoxtileError(
      .invalidOption,
      "\(uncoveredVoxels) voxels are in no patch, and \(scalarType.rawValue) cannot hold their fill value "
        + "\(fill)\(asStored)",
      remedy: .chooseFillOrScalarType,
      context: .init(expected: scalarType.rawValue, found: "\(fill)"))
  }
}
