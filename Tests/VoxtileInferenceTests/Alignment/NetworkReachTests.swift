import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// Whether ONNX Runtime is found.
private let canRun = (try? OnnxRuntime.open()) != nil

/// Patches that begin at multiples of a network's stride, and of which only what lies beyond its radius is used, give the values of the
/// whole scan.
@Suite("NetworkReach") struct NetworkReachTests {
  private func pipeline(_ model: any PatchModel, axes: AxisOrder = .zyx) -> PatchPipeline {
    var settings = InferenceSettings()
    settings.axes = axes
    return PatchPipeline(model: model, settings: settings)
  }

  @Test(
    "stride and radius are found, along the axis that they are of",
    arguments: [(1, 0), (2, 3), (3, 5)])
  func measured(stride: Int, radius: Int) async throws {
    let farthest = (radius + stride - 1) / stride * stride
    for axes in AxisOrder.allCases {
      let found = try await pipeline(
        StandIn.localNetwork(stride: stride, radius: radius, size: [28, 28, 60]), axes: axes
      ).measureReach()
      let axis: Axis = axes == .zyx ? .x : .z
      for other in Axis.allCases {
        #expect(found.stride[other] == (other == axis ? stride : 1))
        #expect(found.radius[other] == (other == axis ? farthest : 0))
      }
    }
  }

  @Test(
    "a network of which no radius can be told is refused, and why",
    arguments: [
      ("mean", "its values change however far away the image does"),
      ("largest", "its values change however far"),
      ("wide", "its values change however far"),
      ("labels", "nearly the same everywhere for noise, or labels"),
      ("dead", "nearly the same everywhere"), ("infinite", "not finite numbers"),
      (
        "smaller",
        "it gives [1, 1, 14, 14, 14] for a batch of shape [1, 1, 28, 28, 28], not a value for each voxel"
      ),
    ])
  func refused(kind: String, words: String) async throws {
    let fixed = TensorShape(name: "image", spatial: [28, 28, 28])
    let model =
      kind == "wide"
      ? StandIn.localNetwork(stride: 1, radius: 12, size: [28, 28, 28])
      : StandIn.model(input: fixed, output: fixed) { patch in
        let values = patch.values
        let largest = values.reduce(-.infinity, max)
        let mean = values.reduce(0, +) / Float(values.count)
        let results: [Float] =
          switch kind {
          case "mean": values.map { $0 - mean }
          case "largest": values.map { $0 / largest }
          case "labels": values.map { $0 > 0.5 ? 1 : 0 }
          case "dead": values.map { max(0, $0 - 100) }
          case "infinite": values.map { 1 / ($0 - $0) }
          default: Array(values.prefix(14 * 14 * 14))
          }
        let size = results.count < values.count ? 14 : 28
        return NetworkPatch(channels: 1, spatial: [size, size, size], values: results)
      }
    let error = try await OnnxTestModels.error { try await pipeline(model).measureReach() }
    #expect(error.code == .modelNotUsable && error.message.contains(words), "\(error.message)")
    #expect(error.remedy == .giveReach)
  }

  @Test("patches that are too short to tell are refused", arguments: [1, 2, 7, 8, 22])
  func tooShort(length: Int) async throws {
    let shape = TensorShape(name: "image", spatial: [28, length, 28])
    let model = StandIn.model(input: shape, output: shape) { $0 }
    let error = try await OnnxTestModels.error { try await pipeline(model).measureReach() }
    #expect(
      error.message.contains("its patches of \(length) voxels are too short, 23 are needed"),
      "\(error.message)")
    let enough = TensorShape(name: "image", spatial: [23, 23, 23])
    let found = try await pipeline(StandIn.model(input: enough, output: enough) { $0 }).measureReach()
    #expect(found == NetworkReach(stride: PerAxis(1), radius: PerAxis(0)))
  }

  @Test("a network of images is measured along both axes")
  func planar() async throws {
    let shape = TensorShape(name: "image", spatial: [48, 48])
    let model = StandIn.model(input: shape, output: shape) { patch in
      let values = patch.values.indices.map { index in
        patch.values[index] + (index % 48 > 1 ? patch.values[index - 2] : 0)
      }
      return NetworkPatch(channels: 1, spatial: patch.spatial, values: values)
    }
    let found = try await pipeline(model).measureReach()
    #expect(found.stride == PerAxis(1) && found.radius == PerAxis(x: 2, y: 0, z: 0))
  }

  @Test("aligned patches with a halo give the bits of the whole scan, in any orientation, and others do not")
  func exact() async throws {
    var random = SplitMix64(seed: 5)
    let model = StandIn.localNetwork(stride: 4, radius: 5)
    for letters in ["RAS", "LPI"] {
      let scan = try StandIn.scan(Extent(width: 61, height: 6, depth: 5), using: &random)
      func values(_ patch: Extent, _ change: (inout InferenceSettings) -> Void) async throws -> [Float] {
        var settings = InferenceSettings.patches(patch, overlap: .voxels(0))
        settings.orientation = Orientation(letters)
        change(&settings)
        return Array(
          try await PatchPipeline(model: model, settings: settings).values(.logits, of: scan).voxels)
      }
      let alignment = PerAxis(x: 4, y: 1, z: 1)
      let whole = try await values(Extent(width: 64, height: 6, depth: 5)) { $0.alignment = alignment }
      let patch = Extent(width: 24, height: 6, depth: 5)
      let halo = PerAxis(x: 8, y: 0, z: 0)
      let exact = try await values(patch) {
        $0.alignment = alignment
        $0.useOnlyVoxels(beyond: halo)
      }
      #expect(exact == whole)
      #expect(try await values(patch) { $0.useOnlyVoxels(beyond: halo) } != whole)
      #expect(
        try await values(patch) {
          $0.alignment = alignment
          $0.useOnlyVoxels(beyond: PerAxis(x: 4, y: 0, z: 0))
        } != whole)
    }
  }

  @Test("a patch that is longer than the padded scan is shortened, where the network takes any size")
  func longPatches() async throws {
    var random = SplitMix64(seed: 6)
    let scan = try StandIn.scan(Extent(width: 22, height: 6, depth: 5), using: &random)
    func values(_ width: Int) async throws -> [Float] {
      var settings = InferenceSettings.patches(Extent(width: width, height: 6, depth: 5), overlap: .voxels(0))
      settings.alignment = PerAxis(x: 4, y: 1, z: 1)
      settings.useOnlyVoxels(beyond: PerAxis(x: 40, y: 0, z: 0))
      let pipeline = PatchPipeline(model: StandIn.localNetwork(stride: 4, radius: 5), settings: settings)
      #expect(try await pipeline.plan([VolumeInMemory(scan)]).grid.patch.width == 24)
      return Array(try await pipeline.values(.logits, of: scan).voxels)
    }
    #expect(try await values(24) == values(64))
  }

  @Test(
    "patches begin at multiples, share at least what is asked, and cover the scan, which is padded at its end"
  )
  func tilings() throws {
    let pipeline = PatchPipeline(model: StandIn.identity)
    for var random in SplitMix64.cases(300, from: 900) {
      let unit = Int.random(in: 1...9, using: &random)
      let size = unit * Int.random(in: 2...8, using: &random)
      let shared = Int.random(in: 0...(size - unit), using: &random)
      let length = Int.random(in: 1...200, using: &random)
      let axes = try pipeline.alignedAxes(
        over: Extent(length), patch: Extent(size), overlap: PerAxis(.voxels(shared)), by: PerAxis(unit))
      let starts = axes.x.starts
      #expect(starts.allSatisfy { $0.isMultiple(of: unit) } && starts[0] == 0)
      #expect(zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 && $0 + size - $1 >= shared })
      let end = (starts.last ?? 0) + size
      #expect(end >= length && (end - length < unit || starts.count == 1))
      // None of them could be left out.
      #expect(starts.count == 1 || starts[starts.count - 2] + size < (length + unit - 1) / unit * unit)
    }
  }

  @Test(
    "a patch that cannot be aligned is an error that names sizes that can",
    arguments: [
      (
        60, 0, 8,
        "a patch of 60 voxels along x cannot begin and end at multiples of 8; use a patch of 56 or 64"
      ),
      (5, 0, 8, "use a patch of 8"),
      (64, 60, 8, "leaves no step of 8 in a patch of 64 along x; use a patch of at least 72"),
      (64, 0, 0, "multiples of 0, which is not at least 1"),
    ])
  func refused(size: Int, shared: Int, unit: Int, words: String) {
    let error = #expect(throws: VoxtileError.self) {
      try PatchPipeline(model: StandIn.identity).alignedAxes(
        over: Extent(100), patch: Extent(size), overlap: PerAxis(.voxels(shared)), by: PerAxis(unit))
    }
    #expect(error?.code == .invalidGrid && error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test(
    "patches of a V-Net give the whole scan's values: the largest difference is 0",
    .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
  func network() async throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "Examples/TissueVNet/brain-tissue.onnx")
    let model = try await EngineRegistry.load(file.path)
    let found = try await pipeline(model, axes: .xyz).measureReach()
    #expect(found.stride == PerAxis(8) && found.radius.all.allSatisfy { (30...48).contains($0) }, "\(found)")
    var random = SplitMix64(seed: 8)
    let scan = try StandIn.scan(Extent(width: 157, height: 31, depth: 32), using: &random)
    func values(_ patch: Extent, _ halo: PerAxis<Int>?) async throws -> [Float] {
      var settings = InferenceSettings.patches(patch, overlap: .voxels(0))
      (settings.axes, settings.alignment) = (.xyz, found.stride)
      if let halo { settings.useOnlyVoxels(beyond: halo) }
      return Array(try await PatchPipeline(model: model, settings: settings).values(.logits, of: scan).voxels)
    }
    let whole = try await values(Extent(width: 160, height: 32, depth: 32), nil)
    let tiled = try await values(
      Extent(width: 112, height: 32, depth: 32), PerAxis(x: found.radius.x, y: 0, z: 0))
    let difference = largestDifference(whole, tiled)
    #expect(difference == 0)
    #expect(try await values(Extent(width: 112, height: 32, depth: 32), PerAxis(x: 8, y: 0, z: 0)) != whole)
  }
}
