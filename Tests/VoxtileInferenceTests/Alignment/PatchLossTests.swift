import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// How many labels patches change, predicted from one patch.
@Suite("PatchLoss") struct PatchLossTests {
  private static let reach = NetworkReach(
    stride: PerAxis(x: 4, y: 1, z: 1), radius: PerAxis(x: 8, y: 0, z: 0))

  /// Two classes, the second one where the sum of the neighbors along x is above their mean.
  private static let model: ClosureModel = {
    let sums = StandIn.localNetwork(stride: 4, radius: 5)
    return ClosureModel(signature: sums.signature) { batch in
      let output = try await sums.predict(batch)[0]
      let ones = [Float](repeating: 6.2, count: output.values.count)
      return [PatchTensor(shape: [1, 2] + Array(output.shape.dropFirst(2)), values: ones + output.values)]
    }
  }()

  private func settings(_ patch: Extent, _ overlap: PerAxis<Int>, _ letters: String) -> InferenceSettings {
    var settings = InferenceSettings.patches(patch)
    settings.overlap = overlap.map { .voxels($1) }
    settings.orientation = Orientation(letters)
    return settings
  }

  /// The share of labels that differ, and the exact labels.
  private func real(
    _ patch: Extent, _ overlap: PerAxis<Int>, _ scan: Volume<Float>, _ letters: String, isAligned: Bool
  ) async throws -> Double {
    var plain = settings(patch, overlap, letters)
    plain.alignment = isAligned ? Self.reach.stride : nil
    let labels = try await PatchPipeline(model: Self.model, settings: plain).labels(of: scan)
    let whole = try await PatchPipeline(model: Self.model, settings: exact(letters)).labels(of: scan)
    let either = zip(labels.voxels, whole.voxels).filter { $0 != 0 || $1 != 0 }
    return Double(either.count { $0 != $1 }) / Double(either.count)
  }

  private func exact(_ letters: String) -> InferenceSettings {
    var exact = settings(Extent(width: 40, height: 24, depth: 24), PerAxis(0), letters)
    exact.alignment = Self.reach.stride
    exact.useOnlyVoxels(beyond: Self.reach.radius)
    return exact
  }

  @Test(
    "it is near the share of labels that differ, in any orientation of the scan",
    arguments: ["RAS", "LPS", "LPI"])
  func predicted(letters: String) async throws {
    var random = SplitMix64(seed: 77)
    let scan = try StandIn.scan(Extent(width: 119, height: 24, depth: 20), using: &random)
    let grids: [(patch: Extent, overlap: PerAxis<Int>)] = [
      (Extent(width: 24, height: 24, depth: 20), PerAxis(x: 12, y: 0, z: 0)),
      (Extent(width: 32, height: 24, depth: 20), PerAxis(x: 4, y: 0, z: 0)),
      (Extent(width: 22, height: 24, depth: 20), PerAxis(x: 9, y: 0, z: 0)),
    ]
    let pipeline = PatchPipeline(model: Self.model, settings: settings(Extent(24), PerAxis(12), letters))
    let losses = try await pipeline.losses(
      of: grids, over: [VolumeInMemory(scan)], exact: exact(letters), reach: Self.reach)
    for (grid, loss) in zip(grids, losses) {
      let share = try #require(loss.share)
      let measured = try await real(grid.patch, grid.overlap, scan, letters, isAligned: false)
      #expect(share > 0.6 * measured && share < 1.7 * measured, "\(grid): \(share), measured \(measured)")
      guard grid.patch.width.isMultiple(of: 4) else { continue }
      let aligned = try #require(loss.alignedShare)
      let alignedMeasured = try await real(grid.patch, grid.overlap, scan, letters, isAligned: true)
      #expect(
        aligned > 0.6 * alignedMeasured && aligned < 1.7 * alignedMeasured,
        "\(grid), aligned: \(aligned), measured \(alignedMeasured)")
      #expect(aligned < share)
    }
  }

  @Test("a patch that covers the scan changes nothing, and without labels there is no share")
  func covering() async throws {
    var random = SplitMix64(seed: 78)
    let scan = try StandIn.scan(Extent(width: 30, height: 6, depth: 5), using: &random)
    let pipeline = PatchPipeline(model: Self.model, settings: settings(Extent(32), PerAxis(0), "RAS"))
    let whole = [(patch: Extent(width: 32, height: 6, depth: 5), overlap: PerAxis(0))]
    func loss(of scan: Volume<Float>) async throws -> PatchLoss {
      try await pipeline.losses(
        of: whole, over: [VolumeInMemory(scan)], exact: exact("RAS"), reach: Self.reach)[0]
    }
    #expect(try await loss(of: scan) == PatchLoss(share: 0, alignedShare: 0))
    let empty = try Volume(extent: scan.extent, voxels: [Float](repeating: 0, count: scan.extent.voxelCount))
    #expect(try await loss(of: empty) == PatchLoss(share: nil, alignedShare: nil))
  }
}
