/// The colors of a picture.
struct Theme: Sendable {
  /// The suffix of the file name, before its extension.
  let suffix: String
  let background: String
  let text: String
  let quietText: String
  let cell: String
  let line: String
  /// The fills of neighboring patches, in turn.
  let patches: [String]
  /// The outlines of neighboring patches, in turn.
  let outlines: [String]
  /// The fills of voxels with coverage 0, 1, 2, ...
  let counts: [String]
  let warning: String

  static let light = Theme(
    suffix: "", background: "#ffffff", text: "#1d1d1f", quietText: "#5f6368", cell: "#eef0f3",
    line: "#b4bac4", patches: ["#cfe0fb", "#cdeedd"], outlines: ["#2b66cf", "#147a50"],
    counts: ["#fbd5d0", "#f3ecfb", "#dfcdf5", "#c7abec", "#ad87e0"], warning: "#b3261e")

  static let dark = Theme(
    suffix: "~dark", background: "#1b1c1e", text: "#f2f2f3", quietText: "#a9adb5", cell: "#2c2e33",
    line: "#5a606b", patches: ["#1f3c70", "#14492f"], outlines: ["#79a7f7", "#5ec796"],
    counts: ["#6d221c", "#2f2740", "#453560", "#5c4486", "#7857ab"], warning: "#ff8a80")

  /// The fill of a voxel with a coverage. All large values share the last color.
  func fill(count: Int) -> String {
    counts[min(count, counts.count - 1)]
  }
}
