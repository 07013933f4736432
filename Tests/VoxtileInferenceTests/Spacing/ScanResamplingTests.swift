import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// A prediction with other voxels than the scan's is that of the whole volumes, resampled one after another.
@Suite("ScanResampling") struct ScanResamplingTests {
  private static let extent = Extent(width: 13, height: 11, depth: 17)
  private static let spacing = PerAxis(x: 0.8, y: 0.9, z: 1.5)

  private func settings(
    _ rule: ScanResampling?, _ change: (inout InferenceSettings) -> Void = { _ in }
  ) -> InferenceSettings {
    var settings = InferenceSettings.patches(Extent(width: 6, height: 5, depth: 7), overlap: .voxels(2))
    settings.resampling = rule
    change(&settings)
    return settings
  }

  private func scan(channels: Int = 1, spacing: PerAxis<Double> = spacing) throws -> Volume<Float> {
    var random = SplitMix64(seed: 7)
    return try StandIn.scan(
      Self.extent, channels: channels, affine: Affine(spacing: spacing), using: &random)
  }

  private static let rules = [
    ScanResampling(to: PerAxis(1.1)), ScanResampling(to: PerAxis(0.6), convention: .nnunetTorch),
    ScanResampling(to: PerAxis(x: 1, y: 1, z: 4), interpolation: .linear),
    ScanResampling(to: PerAxis(1.1), convention: .monai),
    ScanResampling(to: PerAxis(1.1), convention: .torchio, interpolation: .cubic),
    ScanResampling(to: PerAxis(1.1), convention: .totalsegmentator),
  ]

  @Test("values that come back are those of the whole volumes, to the bit", arguments: rules)
  func wholeVolumes(rule: ScanResampling) async throws {
    for channels in [1, 2] {
      let scan = try scan(channels: channels)
      let expected = try await WholeResampling(rule: rule).values(
        of: scan, model: StandIn.placed(), settings: settings(nil))
      let found = try await PatchPipeline(model: StandIn.placed(), settings: settings(rule)).values(
        .logits, of: scan)
      #expect(found.extent == scan.extent && found.metadata.affine == scan.metadata.affine)
      let isSame = found.voxels == expected.voxels
      #expect(isSame)
      #expect(Set(found.voxels).count > 100)
    }
  }

  @Test(
    "labels are those of the largest resampled value, and probabilities and confidence are of these values")
  func labels() async throws {
    let (scan, rule) = (try scan(), Self.rules[0])
    let pipeline = PatchPipeline(model: StandIn.placed(), settings: settings(rule))
    let values = try await pipeline.values(.logits, of: scan).voxels
    let count = scan.extent.voxelCount
    let labels = try await pipeline.labels(of: scan).voxels
    let expected = (0..<count).map { Int32(values[count + $0] > values[$0] ? 1 : 0) }
    #expect(labels == expected && Set(labels) == [0, 1])
    let probabilities = try await pipeline.values(.probabilities, of: scan).voxels
    let confidence = try await pipeline.values(.confidence, of: scan).voxels
    for index in 0..<count {
      #expect(abs(probabilities[index] + probabilities[count + index] - 1) < 1e-6)
      #expect(confidence[index] == max(probabilities[index], probabilities[count + index]))
      #expect((probabilities[count + index] > probabilities[index]) == (labels[index] == 1))
    }
  }

  @Test("one channel with a threshold comes back, too")
  func threshold() async throws {
    let (scan, rule) = (try scan(), Self.rules[0])
    let pipeline = PatchPipeline(model: StandIn.identity, settings: settings(rule))
    let values = try await pipeline.values(.logits, of: scan).voxels
    let labels = try await pipeline.labels(of: scan).voxels
    #expect(labels == values.map { $0 >= 0 ? 1 : 0 } && Set(labels) == [0, 1])
  }

  @Test("the same bits for any threads, any batch and any memory")
  func sameBits() async throws {
    let (scan, rule) = (try scan(channels: 2), Self.rules[0])
    let expected = try await PatchPipeline(model: StandIn.placed(), settings: settings(rule)).values(
      .logits, of: scan
    ).voxels
    for (jobs, batch) in [(2, 1), (3, 4), (1, 3)] {
      let changed = settings(rule) {
        $0.limits.jobs = Jobs(jobs)
        $0.batch = batch
      }
      let pipeline = PatchPipeline(model: StandIn.placed(), settings: changed)
      let isSame = try await pipeline.values(.logits, of: scan).voxels == expected
      #expect(isSame, "\(jobs) jobs, \(batch) at once")
      for step in [CropStep.layer, .row, .patch] {
        var plan = try await pipeline.plan([VolumeInMemory(scan)], kinds: [.logits])
        (plan.memory.holdsScan, plan.memory.step) = (false, step)
        plan.memory.carriesInMemory = false
        let collector = try VolumeCollector<Float>(plan.info(of: .logits))
        try await pipeline.run(plan, to: [.logits: collector])
        let isSame = try collector.volume.voxels == expected
        #expect(isSame, "\(jobs) jobs, \(batch) at once, \(step)")
      }
    }
  }

  @Test(
    "in nnU-Net's order the box of the foreground is cut and normalized before, and all around is background")
  func foreground() async throws {
    let rule = Self.rules[0]
    var scan = try scan()
    let box = Region(x: 2..<11, y: 3..<10, z: 4..<15)
    var voxels = [Float](repeating: 0, count: Self.extent.voxelCount)
    for (index, value) in scan.voxels.enumerated() {
      let (x, y, z) = (index % 13, index / 13 % 11, index / 143)
      if box.x.contains(x), box.y.contains(y), box.z.contains(z) { voxels[index] = value }
    }
    scan = try Volume(extent: Self.extent, voxels: voxels, metadata: scan.metadata)
    let inside = scan[box].voxels.map { Double($0) }
    let mean = inside.reduce(0, +) / Double(inside.count)
    let deviation = (inside.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(inside.count)).squareRoot()
    var whole = WholeResampling(rule: rule, box: box)
    whole.map = IntensityMap(offset: mean, divisor: deviation)
    let expected = try await whole.values(of: scan, model: StandIn.placed(), settings: settings(nil))
    let pipeline = PatchPipeline(
      model: StandIn.placed(),
      settings: settings(rule) {
        $0.foreground = .nonZero
        $0.normalization = .zScore(of: .box)
      })
    let found = try await pipeline.values(.logits, of: scan)
    // The mean of the test is rounded in another order.
    #expect(largestDifference(found[box].voxels, expected.voxels) < 1e-5)
    for (index, value) in found.voxels.enumerated() {
      let place = index % Self.extent.voxelCount
      let (x, y, z) = (place % 13, place / 13 % 11, place / 143)
      guard !(box.x.contains(x) && box.y.contains(y) && box.z.contains(z)) else { continue }
      #expect(value == (index < Self.extent.voxelCount ? 0 : -100))
    }
  }

  @Test("MONAI's first voxel is that of the image that the network sees")
  func turned() async throws {
    let rule = ScanResampling(to: PerAxis(1.1), convention: .monai)
    let scan = try scan()
    let turned = settings(rule) { $0.orientation = Orientation("LPI") }
    // The same image, stored as the network sees it, and the result turned back.
    let expected = try await PatchPipeline(model: StandIn.placed(), settings: settings(rule)).values(
      .logits, of: scan.pointReflected())
    let found = try await PatchPipeline(model: StandIn.placed(), settings: turned).values(.logits, of: scan)
    #expect(largestDifference(found.voxels, try expected.pointReflected().voxels) < 1e-4)
  }

  @Test("where patches disagree is told of the nearest voxel that the network sees")
  func disagreement() async throws {
    let scan = try scan()
    let pipeline = PatchPipeline(model: StandIn.placed(), settings: settings(Self.rules[0]))
    let plan = try await pipeline.plan([VolumeInMemory(scan)], kinds: [.labels, .disagreement])
    let labels = try VolumeCollector<UInt8>(plan.info(of: .labels))
    let differing = try VolumeCollector<UInt8>(plan.info(of: .disagreement))
    try await pipeline.run(plan, to: [.labels: labels, .disagreement: differing])
    #expect(Set(try differing.volume.voxels) == [0, 1])
    #expect(try differing.volume.extent == scan.extent)
  }

  @Test("a scan that has the voxels of the network is predicted as it is")
  func identity() async throws {
    let scan = try scan()
    let pipeline = PatchPipeline(
      model: StandIn.placed(), settings: settings(ScanResampling(to: Self.spacing)))
    #expect(try await !pipeline.plan([VolumeInMemory(scan)]).isResampled)
    let flat = PatchPipeline(
      model: StandIn.placed(rank: 2),
      settings: settings(ScanResampling(to: PerAxis(x: 0.8, y: 0.9, z: 5))) {
        $0.patch = Extent(width: 6, height: 5)
        $0.overlap = nil
      })
    #expect(try await !flat.plan([VolumeInMemory(scan)]).isResampled)
  }

  @Test("the plan counts what is held on both ways, and is of the scan's own voxels")
  func plan() async throws {
    let scan = try scan()
    func plan(_ rule: ScanResampling, classes: Int = 2) async throws -> InferencePlan {
      let model = StandIn.constant((0..<classes).map { Float(3 * $0) })
      return try await PatchPipeline(model: model, settings: settings(rule)).plan([VolumeInMemory(scan)])
    }
    let few = try await plan(Self.rules[0])
    let many = try await plan(Self.rules[0], classes: 200)
    #expect(few.isResampled && few.scanExtent == scan.extent && few.outputExtent == scan.extent)
    #expect(few.seenExtent == Extent(width: 9, height: 9, depth: 23))
    let held = try [2, 200].map { classes in
      PlanesBack.byteCount(
        try #require(few.wayBack), channels: classes, outputChannels: 1, jobs: .one)
    }
    #expect(held[1] > 200 * 4 * (2 * 81 + scan.extent.width * scan.extent.height))
    #expect(many.peakBytes - few.peakBytes >= held[1] - held[0])
    let shown = try few.gridOverScan()
    #expect(shown.extent == scan.extent && shown.axes.z.patch == 5 && shown.axes.z.starts.last == 12)
    #expect(shown.coverage.lostVoxels == 0)
    var network = Self.rules[0]
    network.isAskedByNetwork = true
    let remarks = try await plan(network).remarks
    #expect(few.remarks.isEmpty && remarks.count == 1 && remarks[0].remedy == .keepVoxels)
    #expect(remarks[0].message.contains("0.8x0.9x1.5") && remarks[0].message.contains("9x9x23"))
  }
}

extension Volume where Scalar == Float {
  /// The same voxels in the opposite order along all axes of each channel.
  fileprivate func pointReflected() throws -> Volume<Float> {
    let count = extent.voxelCount
    return try Volume(
      extent: extent, channels: channels,
      voxels: (0..<channels).flatMap { voxels[$0 * count..<($0 + 1) * count].reversed() }, metadata: metadata)
  }
}
