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

  /// The view that shows most.
  init(of info: VolumeInfo) {
    let ranked = Self.ranked(info)
    // A scan that is thin along another axis than the first is seen across that.
    let isThin = ranked.dropFirst().contains { info.extent[$0] < Self.fewestVoxels }
    let thin = ranked.min { info.extent[$0] < info.extent[$1] } ?? ranked[0]
    self.init(of: info, along: isThin ? thin : ranked[0])
  }

  /// The views along all axes, the axial one first; only that of the plane where there is one slice.
  static func all(of info: VolumeInfo) -> [ThumbnailView] {
    let ranked = Self.ranked(info)
    if let flat = ranked.first(where: { info.extent[$0] == 1 }) {
      return [ThumbnailView(of: info, along: flat)]
    }
    return ranked.map { ThumbnailView(of: info, along: $0) }
  }

  /// What radiologists call the plane; `nil` where it is not known how the scan lies.
  func plane(of info: VolumeInfo) -> String? {
    guard let letter = Self.letters(info)?[Self.index(of: axis)] else { return nil }
    return "SI".contains(letter) ? "axial" : "AP".contains(letter) ? "coronal" : "sagittal"
  }

  private init(of info: VolumeInfo, along axis: Axis) {
    let others = Self.ranked(info).filter { $0 != axis }
    (self.axis, down, across) = (axis, others[0], others[1])
    func letter(_ axis: Axis) -> Character? { Self.letters(info)?[Self.index(of: axis)] }
    isAcrossReversed = letter(across).map { "LPI".contains($0) } ?? false
    isDownReversed = letter(down).map { "RAS".contains($0) } ?? false
  }

  /// The axes in the order of head to feet, front to back, and left to right; from z on where that is not known.
  private static func ranked(_ info: VolumeInfo) -> [Axis] {
    let letters = letters(info)
    func rank(_ axis: Axis) -> Int {
      letters.flatMap { Array("SIAPRL").firstIndex(of: $0[index(of: axis)]) }.map { $0 / 2 }
        ?? 2 - index(of: axis)
    }
    return Axis.allCases.sorted { rank($0) < rank($1) }
  }

  /// To where each axis points; `nil` where the file does not say.
  private static func letters(_ info: VolumeInfo) -> [Character]? {
    let letters = Array(info.metadata.affine.orientation)
    return info.metadata.place == .world && !letters.contains("?") ? letters : nil
  }

  static func index(of axis: Axis) -> Int {
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
