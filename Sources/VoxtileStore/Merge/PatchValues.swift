import Synchronization
import Voxtile

/// What a merge found in the values of its patches.
public struct PatchFindings: Sendable {
  /// For each patch with NaN, by its index: how many of its values inside the image are NaN.
  public internal(set) var nanCounts: [Int: Int] = [:]
  /// The largest distance of a label from a whole number; it was rounded away.
  public internal(set) var largestLabelError = 0.0
}

/// Looks at the values of each patch before they are merged: counts NaN, rounds labels, and ends a merge whose blend was
/// guessed and does not fit.
final class PatchValues: Sendable {
  private let choice: BlendChoice
  private let nan: NaNPolicy
  private let found = Mutex(PatchFindings())

  /// How many rows of a patch show whether its values are those of a scan.
  private static let testedRows = 32
  /// How many neighbors such rows need to count.
  private static let enoughPairs = 512

  init(choice: BlendChoice, nan: NaNPolicy) {
    self.choice = choice
    self.nan = nan
  }

  /// What was found so far.
  var findings: PatchFindings { found.withLock { $0 } }

  /// Looks at the values of a patch, or of a part of it.
  ///
  /// - Parameters:
  ///   - volume: the values; labels are rounded in place.
  ///   - patch: the patch.
  ///   - region: the box of the volume that lies inside the image.
  /// - Throws: `VoxtileError.Code.malformedFile` for a NaN where none is allowed, `VoxtileError.Code.invalidOption` where
  ///   the values contradict the blend that was guessed.
  func check<Value: VoxelScalar>(_ volume: inout Volume<Value>, of patch: Patch, in region: Region) throws {
    let nanCount = volume.countNaN(in: region)
    if nanCount > 0 {
      if nan == .error { throw VoxtileError.nanInPatch(patch.index, count: nanCount) }
      found.withLock { $0.nanCounts[patch.index, default: 0] += nanCount }
    }
    if case .classes = choice.reason { try checkUnitInterval(volume, of: patch, in: region) }
    guard choice.blend.isVote else { return }
    if choice.isGuessed, choice.reason != .declaredLabels { try checkNeighbors(volume, of: patch) }
    guard choice.roundsLabels, !Value.scalarType.isInteger else { return }
    let error = volume.roundToWholeNumbers(in: region)
    guard error <= LabelTest.largestLabelError else {
      throw contradiction(
        by: patch,
        "has values up to \(Float(error)) from a whole number, which are not labels, but the values of the "
          + "patches looked at first are")
    }
    found.withLock { $0.largestLabelError = max($0.largestLabelError, error) }
  }

  private func checkUnitInterval<Value: VoxelScalar>(
    _ volume: Volume<Value>, of patch: Patch, in region: Region
  ) throws {
    guard let range = volume.range(in: region),
      !LabelTest.isWithinUnitInterval(lowest: range.lowerBound, highest: range.upperBound)
    else { return }
    throw contradiction(
      by: patch,
      "has values from \(Float(range.lowerBound)) to \(Float(range.upperBound)), but those of the patches "
        + "looked at first are from 0 to 1")
  }

  /// A scan among label maps shows in a few rows: its neighbors differ.
  private func checkNeighbors<Value: VoxelScalar>(_ volume: Volume<Value>, of patch: Patch) throws {
    var test = LabelTest()
    test.add(volume, rows: Self.testedRows)
    guard test.pairs >= Self.enoughPairs, !test.hasFractions, !test.looksLikeLabels else { return }
    throw contradiction(
      by: patch,
      "has neighbors that are rarely equal, so that it is no label map, but the patches looked at first are")
  }

  private func contradiction(by patch: Patch, _ what: String) -> VoxtileError {
    VoxtileError(
      .invalidOption, "patch \(patch.index) \(what)", remedy: .chooseBlend,
      context: .init(expected: "\(choice.blend)", found: "other values"))
  }
}
