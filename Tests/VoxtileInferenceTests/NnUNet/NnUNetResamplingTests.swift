import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("NnUNetResampling") struct NnUNetResamplingTests {
  private func resampling(
    _ function: String?, _ arguments: String = "{}", ofLogits isOfLogits: Bool = false
  ) throws -> NnUNetResampling {
    let given = try JSONDecoder().decode(
      NnUNetPlans.Configuration.Resampling.self, from: Data(arguments.utf8))
    return try NnUNetResampling(function, given, isOfLogits: isOfLogits, path: "folder")
  }

  @Test("what a plan does not say has the default of the function, and null asks for the rule")
  func defaults() throws {
    let plain = try resampling("resample_data_or_seg_to_shape")
    #expect(
      plain.convention == .nnunet && plain.interpolation == .cubic && plain.separatesSlices == false)
    let ruled = try resampling(nil, #"{"order": 1, "order_z": 0, "force_separate_z": null}"#, ofLogits: true)
    #expect(ruled.convention == .nnunet && ruled.interpolation == .linear && ruled.separatesSlices == nil)
    let torch = try resampling("resample_torch_fornnunet", ofLogits: true)
    #expect(
      torch.convention == .nnunetTorch && torch.interpolation == .linear && torch.separatesSlices == nil)
    let forced = try resampling("resample_torch_fornnunet", #"{"force_separate_z": true}"#)
    #expect(forced.separatesSlices == true)
    #expect(try resampling("no_resampling_hack").convention == nil)
    #expect(try resampling(nil, #"{"order": 0}"#).interpolation == .nearest)
  }

  /// A function, what it is called with, whether it is of logits, and what the refusal names.
  private static let refused: [(function: String, arguments: String, isOfLogits: Bool, named: String)] = [
    ("my_resampling", "{}", false, "my_resampling"),
    ("resample_data_or_seg_to_shape", #"{"order": 2}"#, false, "images with order 2"),
    // nnU-Net's default for logits, too.
    ("resample_data_or_seg_to_shape", "{}", true, "logits with order 3"),
    ("resample_data_or_seg_to_shape", #"{"order": 0}"#, true, "logits with order 0"),
    ("resample_data_or_seg_to_shape", #"{"order_z": 1, "force_separate_z": null}"#, false, "order 1"),
    ("resample_torch_fornnunet", #"{"mode": "nearest"}"#, false, "'nearest'"),
    ("resample_torch_fornnunet", #"{"aniso_axis_mode": "linear"}"#, true, "'linear'"),
    ("resample_torch_fornnunet", #"{"separate_z_anisotropy_threshold": 5}"#, false, "5.0 times"),
  ]

  @Test("what is not known is refused by its name, with what is known", arguments: refused.indices)
  func refusals(number: Int) throws {
    let (function, arguments, isOfLogits, named) = Self.refused[number]
    let error = #expect(throws: VoxtileError.self) {
      try resampling(function, arguments, ofLogits: isOfLogits)
    }
    #expect(error?.message.contains(named) == true && error?.context.file == "folder")
    #expect(error?.message.contains("predict with nnU-Net itself") == true)
  }

  @Test("what nnU-Net passes over is no reason to refuse a plan")
  func passedOver() throws {
    _ = try resampling(nil, #"{"order_z": 1, "force_separate_z": false}"#)
    _ = try resampling("resample_torch_fornnunet", #"{"mode": "nearest", "force_separate_z": false}"#)
    _ = try resampling(nil, #"{"separate_z_anisotropy_threshold": 5, "force_separate_z": true}"#)
  }

  @Test("logits come back by the rules of their own function")
  func back() throws {
    let info = VolumeInfo(
      extent: Extent(width: 20, height: 20, depth: 6), scalarType: .float32,
      metadata: VolumeMetadata(affine: Affine(spacing: PerAxis(x: 1, y: 1, z: 4))))
    var rule = ScanResampling(to: PerAxis(x: 1.3, y: 1.1, z: 5))
    rule.separatesSlices = false
    rule.back = .init(convention: .nnunetTorch, separatesSlices: nil)
    let way = try WayBack(
      Region(info.extent), of: info, by: rule, to: rule.spacing, isFlipped: PerAxis(false))
    #expect(way.there.convention == .nnunet && way.there.separateAxis == nil)
    #expect(way.back.convention == .nnunetTorch && way.separateAxis == .z)
    #expect(way.back.axes.x.interpolation == .linear && way.back.axes.z.interpolation == .nearest)
    #expect(way.back.axes.x.places == .singleFaces && way.nearest.convention == .nnunetTorch)
  }
}
