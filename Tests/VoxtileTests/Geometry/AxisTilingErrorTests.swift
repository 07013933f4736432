import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Axis tiling errors") struct AxisTilingErrorTests {
  private func failure(
    length: Int, patch: Int, overlap: Overlap = .voxels(0), edge: EdgePolicy = .shift, axis: Axis = .x
  ) throws -> VoxtileError {
    let error = #expect(throws: VoxtileError.self) {
      try AxisTiling(length: length, patch: patch, overlap: overlap, edge: edge, axis: axis)
    }
    let found = try #require(error)
    #expect(found.code == .invalidGrid)
    #expect(found.context.axis == axis)
    return found
  }

  @Test(
    "a patch larger than the image names both sizes and the largest patch",
    arguments: [EdgePolicy.shift, .discard, .balance])
  func patchExceedsImage(edge: EdgePolicy) throws {
    for axis in Axis.allCases {
      let error = try failure(length: 64, patch: 96, overlap: .voxels(32), edge: edge, axis: axis)
      #expect(error.message.contains("patch \(axis.sizeName) 96 exceeds image \(axis.sizeName) 64"))
      #expect(error.remedy == .padOrShrinkPatch(axis: axis, largest: 64))
      #expect(error.description.hasSuffix("or a patch \(axis.sizeName) of at most 64"))
      #expect(error.context.expected == "<= 64" && error.context.found == "96")
    }
  }

  @Test("an overlap that leaves no stride names the largest overlap", arguments: EdgePolicy.allCases)
  func overlapTooLarge(edge: EdgePolicy) throws {
    for overlap in [8, 9, 1000, Int.max] {
      let error = try failure(length: 20, patch: 8, overlap: .voxels(overlap), edge: edge, axis: .y)
      #expect(error.message.contains("overlap \(overlap) along y"))
      #expect(error.message.contains("patch height 8"))
      #expect(error.message.contains("at most 7"))
    }
  }

  @Test("a negative overlap is refused", arguments: EdgePolicy.allCases)
  func negativeOverlap(edge: EdgePolicy) throws {
    for overlap in [-1, Int.min] {
      let error = try failure(length: 20, patch: 8, overlap: .voxels(overlap), edge: edge)
      #expect(error.message.contains("overlap \(overlap) along x must be at least 0"))
    }
  }

  @Test("sizes below 1 are refused by name", arguments: EdgePolicy.allCases)
  func emptySizes(edge: EdgePolicy) throws {
    for size in [0, -1, Int.min] {
      let image = try failure(length: size, patch: 1, edge: edge, axis: .z)
      #expect(image.message == "image depth is \(size); it must be at least 1")
      let patch = try failure(length: 8, patch: size, edge: edge, axis: .y)
      #expect(patch.message == "patch height is \(size); it must be at least 1")
    }
  }

  @Test("sizes that no image has are refused instead of running out of memory or numbers")
  func absurdSizes() throws {
    for edge in EdgePolicy.allCases {
      for length in [Int.max, Int.max - 1, 1 << 40] {
        _ = try failure(length: length, patch: 1, edge: edge)
        _ = try failure(length: length, patch: length / 2 + 1, overlap: .fraction(0.5), edge: edge)
        _ = try failure(length: 7, patch: length, overlap: .fraction(0.99), edge: edge)
      }
    }
  }

  @Test("more patches along an axis than memory is made for are refused")
  func tooManyPatches() throws {
    let error = try failure(length: 1 << 30, patch: 8, overlap: .voxels(7), edge: .shift, axis: .z)
    #expect(error.message.contains("patches along z"))
  }

  @Test("one patch more than 16,777,216 along an axis is refused before any is laid")
  func onePatchTooMany() throws {
    let error = try failure(length: 16_777_217, patch: 1, overlap: .voxels(0), edge: .shift, axis: .y)
    #expect(error.context.expected == "<= 16777216" && error.context.found == "16777217")
  }
}
