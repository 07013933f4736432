import Voxtile
import VoxtileFormats

/// The types of values on the way from the patches to the merged file.
struct MergedValueType {
  /// The scalar type of the merged file.
  let scalarType: ScalarType
  /// The number of values of each voxel of the merged file.
  let channels: Int
  /// The scaling of the merged file: the patches' own where that is kept.
  let scaling: VolumeInfo.Scaling?
  /// The type in which real values are read; `nil` where stored ones are merged.
  let realType: ScalarType?
  /// The type in which patches are merged. It differs from that of the file where values may be outside of its range, or
  /// where labels are made of channels.
  let mergedType: ScalarType

  /// - Parameters:
  ///   - headers: the patches.
  ///   - choice: how they are blended.
  ///   - options: the scalar type that was asked for, and what the file is to hold.
  /// - Throws: `VoxtileError.Code.invalidOption` where labels are asked for, but the patches have one channel.
  init(
    of headers: PatchFileHeaders, choice: BlendChoice, options: PatchStore.MergeOptions
  ) throws(VoxtileError) {
    let asked = options.scalarType
    let makesLabels = options.outputKind == .labels
    if makesLabels, headers.channels == 1 {
      throw VoxtileError(
        .invalidOption,
        "labels are made of several channels, but the patches have one; merge them as they are",
        context: .init(expected: "at least 2 channels", found: "1"))
    }
    // A vote counts rounded real values, since each patch may have a slope of its own.
    let isReal =
      !headers.hasOneType
      || headers.isScaled && (asked != nil || makesLabels || !headers.hasOneScaling || choice.roundsLabels)
    // A `Float` has 24 bits: enough to show a 16-bit integer times a slope, though not exactly.
    let isNarrow = headers.scalarTypes.allSatisfy { $0.exactFloatType == .float32 }
    let stored = headers.scalarType
    let isMeanOfClasses =
      switch choice.reason {
      case .classes, .masks: choice.blend.isMean && stored.isInteger
      default: false
      }
    let labelType: ScalarType? = choice.roundsLabels && isReal && stored.isInteger ? stored : nil
    scalarType =
      asked ?? (makesLabels ? (headers.channels <= 256 ? .uint8 : .uint16) : labelType)
      ?? (isReal || isMeanOfClasses ? (isNarrow ? .float32 : .float64) : stored)
    channels = makesLabels ? 1 : headers.channels
    scaling = isReal || asked != nil || makesLabels ? nil : headers.scaling
    let isSingle = isNarrow && (scalarType == .float32 || makesLabels || choice.roundsLabels)
    let realType: ScalarType? = isReal ? (isSingle ? .float32 : .float64) : nil
    self.realType = realType
    let values = realType ?? stored
    mergedType =
      if makesLabels {
        values.exactFloatType
      } else if scalarType.isInteger, !scalarType.holdsAllValues(of: values) {
        // Means of 64-bit values have no larger type to be merged in.
        choice.blend.isMean && values.byteCount < 8 ? .float64 : values
      } else if choice.blend.isVote, !scalarType.isInteger, values.exactFloatType == .float64 {
        // Labels are voted as they are; one that the file's type cannot hold is an error then.
        values
      } else {
        scalarType
      }
  }

  /// The stored value of a voxel that no patch holds.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where there are such voxels and the scalar type cannot hold it.
  func storedFill(_ fill: Double, isNeeded: Bool, uncoveredVoxels: Int) throws -> Double {
    let stored = scaling.map { (fill - $0.intercept) / $0.slope } ?? fill
    func isInRange<Scalar: VoxelScalar>(_ type: Scalar.Type) -> Bool {
      let rounded = stored.rounded(.toNearestOrEven)
      return !Scalar.scalarType.isInteger || Scalar(nearest: rounded).double == rounded
    }
    guard isNeeded, !isInRange(scalarType.type) else { return stored }
    let asStored = scaling == nil ? "" : " (stored as \(stored))"
    let which =
      uncoveredVoxels > 0 ? "\(uncoveredVoxels) voxels are in no patch" : "voxels may be NaN in all patches"
    throw VoxtileError(
      .invalidOption,
      "\(which), and \(scalarType.rawValue) cannot hold their fill value \(fill)\(asStored)",
      remedy: .chooseFillOrScalarType,
      context: .init(expected: scalarType.rawValue, found: "\(fill)"))
  }
}

extension ScalarType {
  /// The lowest and the highest value of an integer type; infinite for floating point.
  var range: ClosedRange<Double> {
    func limits<Scalar: VoxelScalar>(_ type: Scalar.Type) -> ClosedRange<Double> {
      Scalar(nearest: -.infinity).double...Scalar(nearest: .infinity).double
    }
    let values: any VoxelScalar.Type = type
    return limits(values)
  }

  /// Whether every value of another type, rounded to a whole number, is one of this type.
  func holdsAllValues(of other: ScalarType) -> Bool {
    range.lowerBound <= other.range.lowerBound && other.range.upperBound <= range.upperBound
  }
}
