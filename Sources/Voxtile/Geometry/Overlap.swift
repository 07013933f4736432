/// How much two neighboring patches share along one axis.
public enum Overlap: Hashable, Sendable {
  /// A number of voxels, at least 0 and less than the patch.
  case voxels(Int)
  /// A part of the patch, `0 ..< 1`.
  ///
  /// The overlap is the smallest whole number of voxels that is at least this part of the patch, but
  /// never the whole patch: `.fraction(0.25)` of 96 is 24, `.fraction(0.5)` of 5 is 3, and
  /// `.fraction(0.5)` of 1 is 0.
  case fraction(Double)

  /// The overlap in voxels for a patch of the given length.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidGrid`` where the overlap is negative, not less than the patch, or
  ///   not a number.
  public func voxels(patch: Int, axis: Axis) throws(VoxtileError) -> Int {
    switch self {
    case .voxels(let count):
      guard count >= 0, count < patch else {
        throw .overlapOutOfRange(count, patch: patch, axis: axis)
      }
      return count
    case .fraction(let part):
      guard part >= 0, part < 1 else { throw .overlapFractionOutOfRange(part, axis: axis) }
      // 0.1 * 30 is 3.0000000000000004 in floating point; a billionth of a voxel is no voxel.
      return min(Int((Double(patch) * part - 1e-9).rounded(.up)), max(patch - 1, 0))
    }
  }
}

extension Overlap: CustomStringConvertible {
  /// `32` for voxels, `25%` for a fraction.
  public var description: String {
    switch self {
    case .voxels(let count): "\(count)"
    case .fraction(let part):
      Self.percent(part)
    }
  }

  private static func percent(_ part: Double) -> String {
    // 0.07 * 100 is 7.000000000000001 in floating point, which nobody wrote.
    let percent = (part * 1e8).rounded() / 1e6
    return Int(exactly: percent).map { "\($0)%" } ?? "\(percent)%"
  }
}

extension PerAxis where Value == Overlap {
  /// The same overlap for every axis along which the patch is longer than one voxel.
  ///
  /// A patch that is one voxel thick has nothing to share, so `.voxels(32)` on a 96x96x1 patch
  /// means 32 voxels in the plane and none across it.
  public init(_ overlap: Overlap, patch: Extent) {
    self = patch.sizes.map { _, length in length == 1 ? .voxels(0) : overlap }
  }
}

extension VoxtileError {
  static func overlapOutOfRange(_ overlap: Int, patch: Int, axis: Axis) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "overlap \(overlap) along \(axis) must be at least 0 and less than the patch \(axis.sizeName) "
        + "\(patch); use an overlap of at most \(max(patch - 1, 0)) or a larger patch",
      context: .init(axis: axis, expected: "0..<\(patch)", found: "\(overlap)"))
  }

  static func overlapFractionOutOfRange(_ part: Double, axis: Axis) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "overlap fraction \(part) along \(axis) must be at least 0 and less than 1; "
        + "use for example 0.25 (25%) or 0.5 (50%)",
      context: .init(axis: axis, expected: "0..<1", found: "\(part)"))
  }
}
