import Voxtile

/// From where a scan is seen: axial where its file says where that is, across the last axis otherwise.
struct ThumbnailView {
  /// The axis that a slice lies across.
  let axis: Axis
  /// The axes of the picture, from left to right and from top to bottom.
  let across: Axis
  let down: Axis
  /// Whether the picture begins with the last voxel of an axis: as in the page of a case, the front and the head are on top, and the right
  /// side of the patient is on the right.
  let isAcrossReversed: Bool
  let isDownReversed: Bool

  /// The fewest voxels along an axis of a picture that shows something.
  private static let fewestVoxels = 8

  init(of info: VolumeInfo) {
    let letters = Array(info.metadata.affine.orientation)
    let hasPlace = info.metadata.place == .world && !letters.contains("?")
    func rank(_ axis: Axis) -> Int {
      guard hasPlace, let at = Array("SIAPRL").firstIndex(of: letters[Self.index(of: axis)]) else {
        return 2 - Self.index(of: axis)
      }
      return at / 2
    }
    // The feet are seen first: the axis of head and feet has rank 0.
    var ranked = Axis.allCases.sorted { rank($0) < rank($1) }
    if ranked.dropFirst().contains(where: { info.extent[$0] < Self.fewestVoxels }) {
      // A scan that is thin along another axis is seen across that.
      let thin = ranked.min { info.extent[$0] < info.extent[$1] } ?? ranked[0]
      ranked = [thin] + ranked.filter { $0 != thin }
    }
    (axis, down, across) = (ranked[0], ranked[1], ranked[2])
    isAcrossReversed = hasPlace && "LPI".contains(letters[Self.index(of: across)])
    isDownReversed = hasPlace && "RAS".contains(letters[Self.index(of: down)])
  }

  private static func index(of axis: Axis) -> Int {
    switch axis {
    case .x: 0
    case .y: 1
    case .z: 2
    }
  }

  /// The size of a picture in pixels, whose sides are as long as in the world.
  ///
  /// - Parameter side: the longer one.
  func size(of info: VolumeInfo, side: Int) -> (width: Int, height: Int) {
    func length(_ axis: Axis) -> Double {
      let length = Double(info.extent[axis]) * info.metadata.spacing[axis].magnitude
      return length.isFinite && length > 0 ? length : Double(info.extent[axis])
    }
    let (width, height) = (length(across), length(down))
    func pixels(_ length: Double) -> Int {
      min(side, max(side / 8, Int((Double(side) * length / max(width, height)).rounded())))
    }
    return (pixels(width), pixels(height))
  }
}
