import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// What is said of a size that a model refuses.
@Suite("Sizes that a model takes") struct SizesTakenTests {
  private func message(
    _ patch: Extent, input: TensorShape = StandIn.volume, takes: @escaping @Sendable (Int) -> Bool
  ) async throws -> String {
    let model = StandIn.model(input: input) { patch in
      guard patch.spatial.allSatisfy(takes) else {
        throw VoxtileError(.predictionFailed, "sizes do not match")
      }
      return patch
    }
    let error = try await OnnxTestModels.error {
      try await PatchPipeline(model: model, settings: .patches(patch)).plan([
        VolumeInMemory(Volume<Float>(extent: Extent(40)))
      ])
    }
    #expect(error.code == .predictionFailed)
    return error.message
  }

  @Test("a multiple is named with the sizes on both sides, which were tried")
  func multiples() async throws {
    let cube = try await message(Extent(20)) { $0.isMultiple(of: 8) }
    #expect(
      cube
        == "the network does not take patches of 20x20x20; use a multiple of 8: 16x16x16 or 24x24x24 (both were tried)"
    )
    let box = try await message(Extent(width: 20, height: 32, depth: 9)) { $0.isMultiple(of: 16) }
    #expect(box.contains("a multiple of 16: 32x32x16 or 48x48x32"), "\(box)")
    // 48 is a multiple of 4, 8 and 16, but not each of those will do.
    #expect(
      try await message(Extent(50)) { $0.isMultiple(of: 16) }.contains(
        "a multiple of 16: 48x48x48 or 64x64x64"))
    #expect(try await message(Extent(3)) { $0.isMultiple(of: 4) }.contains("a multiple of 4: 4x4x4 or 8x8x8"))
  }

  @Test("a size nearby is named where multiples do not help")
  func nearby() async throws {
    #expect(try await message(Extent(11)) { $0 % 8 == 5 }.contains("use 13x13x13 (which was tried)"))
  }

  @Test("what no size helps against stays as the model said it")
  func hopeless() async throws {
    #expect(try await message(Extent(6)) { _ in false } == "sizes do not match")
    let fixed = TensorShape(name: "image", spatial: [6, 6, 6])
    #expect(try await message(Extent(6), input: fixed) { _ in false } == "sizes do not match")
  }
}
