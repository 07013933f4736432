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
    let letters = Self.letters(info)
    let ranked = Self.ranked(letters)
    // A scan that is thin along another axis than the first is seen across that.
    let isThin = ranked.dropFirst().contains { info.extent[$0] < Self.fewestVoxels }
    let thin = ranked.min { info.extent[$0] < info.extent[$1] } ?? ranked[0]
    self.init(along: isThin ? thin : ranked[0], letters: letters)
  }

  /// The views along all axes, the axial one first; only that of the plane where there is one slice.
  static func all(of info: VolumeInfo) -> [ThumbnailView] {
    all(extent: info.extent.sizes, letters: letters(info))
  }

  /// The views along all axes, the axial one first; only that of the plane where there is one slice.
  ///
  /// - Parameters:
  ///   - extent: the size of the image in voxels.
  ///   - letters: to where each axis points, such as `RAS`; `nil` where that is not known.
  static func all(extent: PerAxis<Int>, letters: [Character]?) -> [ThumbnailView] {
    let ranked = Self.ranked(letters)
    if let flat = ranked.first(where: { extent[$0] == 1 }) {
      return [ThumbnailView(along: flat, letters: letters)]
    }
    return ranked.map { ThumbnailView(along: $0, letters: letters) }
  }

  /// The view across z, with the first voxels of a file on the left and on top.
  static let acrossZ = ThumbnailView(along: .z, letters: nil)

  /// What radiologists call the plane; `nil` where it is not known how the scan lies.
  func plane(of info: VolumeInfo) -> String? {
    guard let letter = Self.letters(info)?[axis.index] else { return nil }
    return "SI".contains(letter) ? "axial" : "AP".contains(letter) ? "coronal" : "sagittal"
  }

  private init(along axis: Axis, letters: [Character]?) {
    let others = Self.ranked(letters).filter { $0 != axis }
    (self.axis, down, across) = (axis, others[0], others[1])
    func letter(_ axis: Axis) -> Character? { letters?[axis.index] }
    isAcrossReversed = letter(across).map { "LPI".contains($0) } ?? false
    isDownReversed = letter(down).map { "RAS".contains($0) } ?? false
  }

  /// The axes in the order of head to feet, front to back, and left to right; from z on where that is not known.
  private static func ranked(_ letters: [Character]?) -> [Axis] {
    func rank(_ axis: Axis) -> Int {
      letters.flatMap { Array("SIAPRL").firstIndex(of: $0[axis.index]) }.map { $0 / 2 } ?? 2 - axis.index
    }
    return Axis.allCases.sorted { rank($0) < rank($1) }
  }

  /// To where each axis points; `nil` where the file does not say.
  private static func letters(_ info: VolumeInfo) -> [Character]? {
    let letters = Array(info.metadata.affine.orientation)
    return info.metadata.place == .world && !letters.contains("?") ? letters : nil
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
