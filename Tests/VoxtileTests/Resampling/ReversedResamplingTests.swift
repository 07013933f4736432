import Testing
import Voxtile
import VoxtileTestSupport

/// Axes that the system sees from their other end.
@Suite("Resampling: reversed") struct ReversedResamplingTests {
  private func flipped(_ volume: Volume<Float>, along isFlipped: PerAxis<Bool>) throws -> Volume<Float> {
    let extent = volume.extent
    let voxels = extent.positions.map { place in
      func index(_ axis: Axis) -> Int { isFlipped[axis] ? extent[axis] - 1 - place[axis] : place[axis] }
      return volume.voxels[(index(.z) * extent.height + index(.y)) * extent.width + index(.x)]
    }
    return try Volume(extent: extent, voxels: voxels)
  }

  @Test(
    "what comes out is that of the flipped image, flipped back",
    arguments: [ResamplingConvention.nnunet, .nnunetTorch], [Interpolation.nearest, .linear, .cubic])
  func flips(convention: ResamplingConvention, interpolation: Interpolation) throws {
    guard convention.has(interpolation) else { return }
    var changed = 0
    for var random in SplitMix64.cases(12, from: 77) {
      // Lengths of which many are multiples, so that new voxels lie in the middle between two old ones.
      let lengths = [4, 5, 6, 9, 10, 12, 20]
      func extent() -> Extent {
        Extent(PerAxis(0).map { _, _ in lengths.randomElement(using: &random) ?? 4 })
      }
      let (old, new) = (extent(), extent())
      let isFlipped = PerAxis(false).map { _, _ in Bool.random(using: &random) }
      let volume = try Volume(
        extent: old, voxels: (0..<old.voxelCount).map { _ in Float.random(in: -2...2, using: &random) })
      let plain = try Resampling(of: old, to: new, convention: convention, interpolation: interpolation)
      let found = try volume.resampled(plain.reversed(along: isFlipped), as: Float.self)
      let expected = try flipped(
        try flipped(volume, along: isFlipped)
          .resampled(plain, as: Float.self), along: isFlipped)
      let largest = zip(found.voxels, expected.voxels).map { ($0 - $1).magnitude }.max() ?? .infinity
      #expect(largest <= (interpolation == .nearest ? 0 : 1e-6), "\(old) to \(new) \(isFlipped) \(random)")
      if try found.voxels != volume.resampled(plain, as: Float.self).voxels { changed += 1 }
    }
    #expect(interpolation != .nearest || changed > 2)
  }
}
