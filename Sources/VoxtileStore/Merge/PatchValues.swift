import Synchronization
import Voxtile

/// What a merge found in the values of its patches.
public struct PatchFindings: Sendable {
  /// For each patch with NaN, by its index: how many of its values inside the image are NaN.
  public internal(set) var nanCounts: [Int: Int] = [:]
  /// The largest distance of a label from a whole number. Labels within 0.05 of one were rounded; where a vote was asked for,
  /// others were counted as they are.
  public internal(set) var largestLabelError = 0.0
}

/// Looks at the values of each patch before they are merged: counts NaN, rounds labels, and ends a merge whose blend was
/// guessed and does not fit.
final class PatchValues: Sendable {
  private let choice: BlendChoice
  private let nan: NaNPolicy
  private let found = Mutex(PatchFindings())

  /// The tests of patches of which not all parts have come.
  private let tests = Mutex<[Int: LabelTest]>([:])

  /// How many neighbors show whether the values of a patch are those of a scan.
  private static let enoughPairs = 512
  /// The share of equal neighbors below which a patch among label maps is no label map: in a scan of whole numbers it is a
  /// few hundredths, in speckled labels a third or more.
  private static let fewEqualNeighbors = 0.2

  init(choice: BlendChoice, nan: NaNPolicy) {
    self.choice = choice
    self.nan = nan
  }

  /// What was found so far.
  var findings: PatchFindings { found.withLock { $0 } }

  /// Looks at the values of a patch, or of a part of it. Parts of a patch come in the order of its voxels.
  ///
  /// - Parameters:
  ///   - volume: the values; labels are rounded in place.
  ///   - patch: the patch.
  ///   - origin: the voxel of the patch at which the volume starts.
  /// - Throws: `VoxtileError.Code.malformedFile` for a NaN where none is allowed, `VoxtileError.Code.invalidOption` where
  ///   the values contradict the blend that was guessed.
  func check<Value: VoxelScalar>(
    _ volume: inout Volume<Value>, of patch: Patch, from origin: Position = .zero
  ) throws {
    let part = Region(origin: origin, extent: volume.extent).intersection(patch.validInPatch)
    let region = Region(origin: part.origin - origin, extent: part.extent)
    let nanCount = volume.countNaN(in: region)
    if nanCount > 0 {
      if nan == .error { throw VoxtileError.nanInPatch(patch.index, count: nanCount) }
      found.withLock { $0.nanCounts[patch.index, default: 0] += nanCount }
    }
    if case .classes = choice.reason { try checkUnitInterval(volume, of: patch, in: region) }
    if case .masks(_, let value) = choice.reason {
      try checkMasks(volume, of: patch, in: region, value: Double(value))
    }
    guard choice.blend.isVote else { return }
    switch choice.reason {
    case .regions, .background: try checkNeighbors(volume, of: patch, from: origin, in: part)
    default: break
    }
    guard choice.roundsLabels, !Value.scalarType.isInteger else { return }
    let error = volume.roundNearlyWholeNumbers(within: LabelTest.largestLabelError, in: region)
    guard error <= LabelTest.largestLabelError || !choice.isGuessed else {
      throw contradiction(
        by: patch,
        "has values up to \(Float(error)) from a whole number, so they are not labels, but the values of the patches looked at "
          + "first are")
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

  private func checkMasks(
    _ volume: Volume<some VoxelScalar>, of patch: Patch, in region: Region, value: Double
  ) throws {
    // NaN was counted before.
    let other = volume[region].voxels.first { ![0, value].contains($0.double) && !$0.double.isNaN }
    guard let other else { return }
    let words = Int(exactly: other.double).map(String.init) ?? "\(Float(other.double))"
    throw contradiction(
      by: patch,
      "has a value of \(words), but those of the patches looked at first are 0 and \(Int(value))"
    )
  }

  /// A scan among label maps shows in a few rows: its neighbors differ. They are the same rows, in whatever parts a patch is
  /// read.
  private func checkNeighbors<Value: VoxelScalar>(
    _ volume: Volume<Value>, of patch: Patch, from origin: Position, in part: Region
  ) throws {
    // Rows run along y where patches are one voxel wide, and then a slice has one row.
    let size = patch.region.extent
    let length = size.width > 1 ? size.width : size.height
    let rowsOfSlice = size.width > 1 ? size.height : 1
    let rowsOfPart = size.width > 1 ? volume.extent.height : 1
    let wanted = max(32, 4 * Self.enoughPairs / max(1, length - 1))
    let step = max(1, rowsOfSlice * size.depth * volume.channels / wanted)
    var test = tests.withLock { $0[patch.index] } ?? LabelTest()
    test.add(volume) { row in
      let (plane, y) = row.quotientAndRemainder(dividingBy: rowsOfPart)
      let (channel, z) = plane.quotientAndRemainder(dividingBy: volume.extent.depth)
      let first = (channel * size.depth + z + origin.z) * rowsOfSlice
      return (first + (size.width > 1 ? y + origin.y : 0)) % step == step / 2
    }
    let isComplete =
      part.z.upperBound == patch.validInPatch.z.upperBound
      && part.y.upperBound == patch.validInPatch.y.upperBound
    tests.withLock { $0[patch.index] = isComplete ? nil : test }
    guard isComplete, test.pairs >= Self.enoughPairs, test.equalNeighbors < Self.fewEqualNeighbors else {
      return
    }
    throw contradiction(
      by: patch, "has neighbors that are rarely equal, so it is not a label map, but the first patches were")
  }

  private func contradiction(by patch: Patch, _ what: String) -> VoxtileError {
    VoxtileError(
      .invalidOption, "patch \(patch.index) \(what)", remedy: .chooseBlend,
      context: .init(expected: "\(choice.blend)", found: "other values"))
  }
}
