import Voxtile

/// How a plan resamples images, or logits on their way back: a function of nnU-Net, and what it is called with.
struct NnUNetResampling: Hashable {
  /// The system whose rules hold; `nil` where voxels stay as they are.
  let convention: ResamplingConvention?
  let interpolation: Interpolation
  /// Whether slices that are far apart are not interpolated; `nil` for nnU-Net's rule.
  let separatesSlices: Bool?

  /// The functions that are known.
  private static let functions = [
    "resample_data_or_seg_to_shape", "resample_torch_fornnunet", "no_resampling_hack",
  ]

  /// - Parameters:
  ///   - function: its name in the plan.
  ///   - given: what it is called with; what is not there has nnU-Net's default.
  ///   - isOfLogits: whether logits are resampled.
  ///   - path: the folder.
  /// - Throws: `VoxtileError.Code.modelNotUsable` where something else is needed than what is known.
  init(
    _ function: String?, _ given: NnUNetPlans.Configuration.Resampling?, isOfLogits: Bool, path: String
  ) throws(VoxtileError) {
    let given = given ?? .init()
    switch function ?? Self.functions[0] {
    case Self.functions[0]:
      (convention, separatesSlices) = (.nnunet, given.isSeparationGiven ? given.separatesSlices : false)
      let order = given.order ?? 3
      guard let found = Self.interpolation(order), !isOfLogits || found == .linear else {
        throw .notKnown(
          "a resampling of \(isOfLogits ? "logits" : "images") with order \(order)",
          isOfLogits ? "order 1 for logits" : "the orders 0, 1 and 3 for images", path)
      }
      interpolation = found
      if let order = given.orderZ, order != 0, separatesSlices != false {
        throw .notKnown("slices far apart that are resampled with order \(order)", "order 0", path)
      }
    case Self.functions[1]:
      (convention, separatesSlices) = (.nnunetTorch, given.isSeparationGiven ? given.separatesSlices : nil)
      interpolation = .linear
      // Without separate slices, nnU-Net passes both over.
      if separatesSlices != false {
        if let mode = given.mode, mode != "linear" {
          throw .notKnown("a resampling by PyTorch with the mode '\(mode)'", "linear", path)
        }
        if let mode = given.separateMode, mode != "nearest-exact" {
          throw .notKnown("slices far apart that are resampled with '\(mode)'", "nearest-exact", path)
        }
      }
    case Self.functions[2]:
      (convention, interpolation, separatesSlices) = (nil, .linear, false)
    default:
      throw .notKnown(
        "the resampling '\(function ?? "")'", Self.functions.joined(separator: ", "), path)
    }
    if let ratio = given.threshold, ratio != 3, separatesSlices == nil {
      throw .notKnown("slices that are separate from \(ratio) times as large voxels on", "3 times", path)
    }
  }

  /// The interpolation of an order of a spline.
  private static func interpolation(_ order: Int) -> Interpolation? {
    switch order {
    case 0: .nearest
    case 1: .linear
    case 3: .cubic
    default: nil
    }
  }
}
