import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// What nnU-Net does to a scan before its sliding window, and after it: written out voxel by voxel.
@Suite("Compatibility: nnU-Net's crop to what is not 0") struct NnUNetBoxTests {
  /// A head in an empty margin: values of both signs, and some zeros inside.
  private func scan() throws -> (scan: Volume<Float>, box: Region) {
    let extent = Extent(width: 30, height: 26, depth: 22)
    let box = Region(x: 5..<24, y: 3..<22, z: 6..<19)
    var random = SplitMix64(seed: 600)
    var scan = Volume<Float>(extent: extent)
    for at in extent.positions where box.contains(at) {
      let value = Float.random(in: -40...120, using: &random).rounded()
      scan[x: at.x, y: at.y, z: at.z] = value == 0 && at != box.origin ? 0 : value
    }
    for corner in [box.origin, Position(x: 23, y: 21, z: 18)] {
      scan[x: corner.x, y: corner.y, z: corner.z] = -7
    }
    return (scan, box)
  }

  private func settings() -> InferenceSettings {
    var settings = InferenceSettings()
    settings.patch = Extent(width: 12, height: 10, depth: 16)
    settings.compatibility = .nnUNet
    return settings
  }

  /// Labels of the box, background around it.
  private func reference(
    _ scan: Volume<Float>, _ box: Region, _ normalized: (Volume<Float>) -> [Float]
  ) throws -> [Int32] {
    let cropped = scan[box]
    let inside = try Volume<Float>(extent: box.extent, voxels: normalized(cropped))
    let logits = try NaiveInference(settings: settings()) { StandIn.byPlace($0) }.merged(inside)
    let count = box.voxelCount
    return scan.extent.positions.map { at in
      guard box.contains(at) else { return 0 }
      let place = at - box.origin
      let index = (place.z * box.extent.height + place.y) * box.extent.width + place.x
      return logits[count + index] > logits[index] ? 1 : 0
    }
  }

  /// The part of the foreground whose label differs.
  private func difference(
    _ settings: InferenceSettings, _ scan: Volume<Float>, _ expected: [Int32]
  ) async throws -> Double {
    let found = try await PatchPipeline(model: StandIn.placed(), settings: settings).labels(of: scan).voxels
    let differing = zip(found, expected).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
    return Double(differing) / Double(expected.reduce(0) { $0 + Int($1) })
  }

  @Test(
    "with the box of what is not 0 and its statistics, labels are nnU-Net's to 0.01 %; without them they are not"
  )
  func zScore() async throws {
    let (scan, box) = try scan()
    let expected = try reference(scan, box) { cropped in
      let values = cropped.voxels.map(Double.init)
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return values.map { Float(($0 - mean) / max(variance.squareRoot(), 1e-8)) }
    }
    var settings = settings()
    settings.foreground = .nonZero
    settings.normalization = .zScore(of: .box)
    #expect(try await difference(settings, scan, expected) <= 1e-4)
    settings.normalization = .zScore(of: .all)
    #expect(try await difference(settings, scan, expected) > 0.01)
    settings.foreground = nil
    #expect(try await difference(settings, scan, expected) > 0.01)
  }

  @Test("CT is clipped, and a mean and a deviation of the training set are taken, as nnU-Net does")
  func ct() async throws {
    let (scan, box) = try scan()
    let (low, high, mean, deviation): (Float, Float, Float, Float) = (-20, 90, 31.5, 27.25)
    let expected = try reference(scan, box) { cropped in
      cropped.voxels.map { (min(max($0, low), high) - mean) / max(deviation, 1e-8) }
    }
    var settings = settings()
    settings.foreground = .nonZero
    settings.normalization = try #require(Normalization("ct:-20,90,31.5,27.25"))
    #expect(try await difference(settings, scan, expected) <= 1e-4)
    settings.normalization = .window(low: -20, high: 90)
    #expect(try await difference(settings, scan, expected) > 0.01)
  }

  @Test("statistics of the box are those of its voxels alone, wherever the mask puts it")
  func masked() async throws {
    let extent = Extent(width: 6, height: 5, depth: 4)
    var random = SplitMix64(seed: 610)
    let scan = try StandIn.scan(extent, using: &random)
    var mask = Volume<UInt8>(extent: extent)
    mask[x: 1, y: 1, z: 1] = 1
    mask[x: 4, y: 3, z: 2] = 1
    let box = Region(x: 1..<5, y: 1..<4, z: 1..<3)
    var settings = InferenceSettings.patches(Extent(width: 4, height: 3, depth: 2), overlap: .voxels(0))
    for normalization in ["zscore:box", "percentiles:5,95:box"] {
      settings.normalization = try #require(Normalization(normalization))
      let pipeline = PatchPipeline(model: StandIn.identity, settings: settings)
      let plan = try await pipeline.plan([VolumeInMemory(scan)], mask: VolumeInMemory(mask), kinds: [.logits])
      let collector = try VolumeCollector<Float>(plan.info(of: .logits))
      try await pipeline.run(plan, to: [.logits: collector])
      let found = try collector.volume[box].voxels
      settings.normalization = try #require(Normalization(normalization.replacing(":box", with: "")))
      let alone = try await PatchPipeline(model: StandIn.identity, settings: settings).values(
        .logits, of: scan[box])
      let isSame = found == alone.voxels
      #expect(isSame, "\(normalization)")
    }
  }
}
