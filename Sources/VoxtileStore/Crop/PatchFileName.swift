import Voxtile

/// The names of patch files: the number first, so that sorted names are in patch order, and the origin.
///
///     patch_0012_x064_y000_z128.nii.gz
enum PatchFileName {
  /// The name of one patch's file.
  ///
  /// Numbers are padded with zeros to one width; an origin before the image is written `x-016`. A 2D image
  /// has no `z`.
  ///
  /// - Parameter suffix: what follows before the ending, such as `_0000`.
  static func name(
    of patch: Patch, in grid: PatchGrid, suffix: String = "", fileExtension: String
  ) -> String {
    let number = padded(patch.index, to: max(4, String(grid.count - 1).count))
    let axes: [Axis] = grid.extent.isPlanar && grid.patch.isPlanar ? [.x, .y] : Axis.allCases
    let origin = axes.map { axis in
      let starts = grid.axes[axis].starts
      let width = max(
        3, [starts.first, starts.last].compactMap { $0.map { String($0.magnitude).count } }.max() ?? 3)
      let start = patch.region.origin[axis]
      return "\(axis)\(start < 0 ? "-" : "")\(padded(abs(start), to: width))"
    }
    return (["patch", number] + origin).joined(separator: "_") + suffix + "." + fileExtension
  }

  private static func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
