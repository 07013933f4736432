import ArgumentParser
import Voxtile

/// The size of a voxel in mm, as in `1.5` or `0.8x0.8x1.5`.
struct SpacingArgument: ExpressibleByArgument {
  let size: SizeArgument<Double>

  init?(argument: String) {
    let size = SizeArgument(argument, separators: ["x", "X", "×", ","]) { part -> Double? in
      let text = part.lowercased().hasSuffix("mm") ? part.dropLast(2) : part
      return Double(text).flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
    }
    guard let size else { return nil }
    self.size = size
  }

  /// The size along each axis of an image; a 2D image keeps the thickness that it has.
  func spacing(over info: VolumeInfo) throws -> PerAxis<Double> {
    try spacing(over: ImageSize(info), planar: info.metadata.spacing.z)
  }

  /// The voxel size along each axis of the given image; a 2D image gets the thickness `planar`.
  func spacing(over image: ImageSize, planar: Double) throws -> PerAxis<Double> {
    try size.expanded(over: image, planar: planar, option: "--spacing")
  }
}

extension SpacingArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    let parts = argument.split(omittingEmptySubsequences: false) { "xX×,".contains($0) }
    if parts.count > 3 { return "a voxel has one, two or three sizes, x first" }
    if parts.contains(where: { Double($0).map { !($0 > 0 && $0.isFinite) } ?? false }) {
      return "the size of a voxel is above 0 mm"
    }
    return "the size of a voxel is one number of mm, or one for each axis, as in 1.5 or 0.8x0.8x1.5"
  }
}
