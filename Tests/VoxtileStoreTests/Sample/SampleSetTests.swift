import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Sample set") struct SampleSetTests {
  /// Writes a scan of two images and labels with lesions.
  static func makeScan(_ name: String, in folder: String, seed: UInt64, extent: Extent = Extent(24)) throws
    -> SampledScan
  {
    var random = SplitMix64(seed: seed)
    var labels = TestImage(extent, .uint8).volumeOfZeros()
    for _ in 0..<5 {
      let start = Position(
        x: .random(in: 0..<extent.width - 2, using: &random),
        y: .random(in: 0..<extent.height - 2, using: &random),
        z: .random(in: 0..<max(1, extent.depth - 2), using: &random))
      let label = UInt8.random(in: 1...2, using: &random)
      for position in Extent(width: 2, height: 2, depth: min(2, extent.depth)).positions {
        labels[x: start.x + position.x, y: start.y + position.y, z: start.z + position.z] = label
      }
    }
    let scan = SampledScan(
      name, images: ["\(folder)/\(name)_a.nii", "\(folder)/\(name)_b.nii.gz"],
      labels: "\(folder)/\(name)_seg.nii.gz")
    try TestImage(extent, .int16).write(to: scan.images[0], seed: seed)
    try TestImage(extent, .float32).write(to: scan.images[1], seed: seed + 1)
    try labels.write(to: scan.labels)
    return scan
  }

  static func options(count: SamplingPlan.Count = 12) -> SampleOptions {
    var plan = SamplingPlan(count: count, seed: 4, cover: .init(margin: 1), negatives: .fraction(0.25))
    plan.maximumOverlap = .all
    return SampleOptions(patch: Extent(8), plan: plan)
  }

  @Test("patches are the boxes of their scans, in every channel and the labels, and lie where these do")
  func patches() throws {
    try withTemporaryFolder { folder in
      let scans = try ["one", "two/three"].enumerated().map { number, name in
        try FileManager.default.createDirectory(atPath: "\(folder)/two", withIntermediateDirectories: true)
        return try Self.makeScan(name, in: folder, seed: UInt64(number))
      }
      let set = try SampleSet(of: scans, options: Self.options())
      #expect(set.failures.isEmpty && set.cases.allSatisfy { $0.uncovered.isEmpty && $0.patches.count == 12 })
      let manifest = try set.write(to: "\(folder)/set", options: Self.options())
      #expect(manifest.patches.count == 24)
      #expect(manifest.scans[1].labels.path == "../two/three_seg.nii.gz")
      for patch in manifest.patches {
        let scan = try #require(scans.first { $0.name == patch.scan })
        let region = Region(
          origin: Position(x: patch.start[0], y: patch.start[1], z: patch.start[2]), extent: Extent(8))
        let sources = scan.images + [scan.labels]
        let files = try #require(patch.images) + [#require(patch.labels)]
        #expect(files.count == 3)
        for (source, file) in zip(sources, files) {
          let (whole, part) = try (ImageFormats.open(source), ImageFormats.open("\(folder)/set/\(file)"))
          #expect(
            part.info.metadata.affine.largestDistance(
              to: TestImage.affine.moved(to: region.origin), over: Extent(8)) < 1e-3)
          #expect(try bytes(part.readAny()) == bytes(whole.readAny(region)))
          #expect(part.info.scalarType == whole.info.scalarType)
        }
        let number = "000\(patch.number)".suffix(4)
        #expect(patch.labels == "labels/\(scan.name.replacing("/", with: "_"))_\(number).nii.gz")
        let labels = try Volume<UInt8>(contentsOf: "\(folder)/set/\(#require(patch.labels))")
        let counts = Dictionary(grouping: labels.voxels) { "\($0)" }.mapValues(\.count)
        #expect(patch.voxels == counts)
        #expect(patch.reason.kind != "negative" || counts.keys.allSatisfy { $0 == "0" })
        #expect(try Checksum(ofFile: "\(folder)/set/\(files[0])").description == patch.imageChecksums?[0])
      }
      let read = try SampleManifest(contentsOf: "\(folder)/set/\(SampleManifest.fileName)")
      #expect(read.patches == manifest.patches && read.scans == manifest.scans)
      #expect(read.settings.cover == .init(times: 1, margin: 1, minLesion: 1))
      for (scan, one) in zip(read.scans, set.cases) {
        #expect(scan.components.map(\.patches) == one.holders)
        #expect(scan.components.allSatisfy { $0.coverage == .whole })
      }
    }
  }

  private func bytes(_ volume: any AnyVolume) -> [UInt8] {
    func bytes(_ volume: some AnyVolume) -> [UInt8] { volume.typed.voxels.withUnsafeBytes { Array($0) } }
    return bytes(volume)
  }

  @Test("what is written of a scan depends on no other scan, and not on threads")
  func independent() throws {
    try withTemporaryFolder { folder in
      let scans = try (0..<4).map { try Self.makeScan("case\($0)", in: folder, seed: UInt64($0) + 9) }
      var (all, few) = (Self.options(), Self.options())
      (all.limits.jobs, few.limits.jobs) = (Jobs(3), Jobs(1))
      let large = try SampleSet(of: scans, options: all).write(to: "\(folder)/all", options: all)
      let small = try SampleSet(of: [scans[2], scans[0]], options: few).write(
        to: "\(folder)/few", options: few)
      for name in ["case0", "case2"] {
        let own = { (manifest: SampleManifest) in manifest.patches.filter { $0.scan == name } }
        #expect(own(large) == own(small))
        for patch in own(small) {
          for file in (patch.images ?? []) + [patch.labels ?? ""] {
            #expect(try fileBytes("\(folder)/all/\(file)") == fileBytes("\(folder)/few/\(file)"))
          }
        }
      }
      #expect(throws: VoxtileError.self) {
        try SampleSet(of: scans, options: all).write(to: "\(folder)/all", options: all)
      }
      all.isReplacing = true
      try SampleSet(of: scans, options: all).write(to: "\(folder)/all", options: all)
      try writeFile([], to: "\(folder)/all/labels/mine.txt")
      #expect {
        try SampleSet(of: scans, options: all).write(to: "\(folder)/all", options: all)
      } throws: { "\($0)".contains("labels/mine.txt") }
    }
  }

  @Test("a scan that cannot be covered is named with the number that is needed, and nothing is written")
  func failure() throws {
    try withTemporaryFolder { folder in
      let scan = try Self.makeScan("one", in: folder, seed: 3)
      let set = try SampleSet(of: [scan], options: Self.options(count: 1))
      let failure = try #require(set.failures.first)
      #expect(set.failures.count == 1 && failure.error.description.contains("patches are needed to cover"))
      #expect(failure.error.context.file == scan.labels)
      #expect(throws: VoxtileError.self) {
        try set.write(to: "\(folder)/set", options: Self.options(count: 1))
      }
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/set"))
    }
  }

  @Test("labels on another grid, and two scans of one name, are refused")
  func refused() throws {
    try withTemporaryFolder { folder in
      var scan = try Self.makeScan("one", in: folder, seed: 3)
      let other = Affine(rows: TestImage.affine.rows.map { $0.dropLast() + [$0[3] + 5] })
      try TestImage(Extent(24), .uint8, affine: other, content: .regions).write(
        to: "\(folder)/moved.nii", seed: 1)
      scan.labels = "\(folder)/moved.nii"
      let set = try SampleSet(of: [scan], options: Self.options())
      #expect(set.failures[0].error.description.contains("the label map lies elsewhere than the scan"))
      let names = [
        SampledScan("a/b", images: ["x"], labels: "y"), SampledScan("a_b", images: ["x"], labels: "y"),
      ]
      #expect { _ = try SampleSet(of: names, options: Self.options()) } throws: {
        "\($0)".contains("would both be called 'a_b'")
      }
    }
  }

  @Test("a plan that contradicts itself is refused once, and a map of weights is named where it is wrong")
  func plansAndWeights() throws {
    try withTemporaryFolder { folder in
      var scan = try Self.makeScan("a", in: folder, seed: 1)
      var wrong = Self.options()
      (wrong.plan.negatives, wrong.plan.hard) = (.fraction(0.6), .fraction(0.4))
      #expect { _ = try SampleSet(of: [scan], options: wrong) } throws: {
        "\($0)".contains("which leaves nothing")
      }
      var low = Self.options()
      low.limits.memory = 1 << 20
      #expect { _ = try SampleSet(of: [scan], options: low) } throws: {
        ($0 as? VoxtileError)?.code == .memoryTooLow
      }
      let weights = "\(folder)/weights.nii"
      scan.weights = weights
      var map = Volume<Float>(extent: Extent(24))
      map.metadata = TestImage(Extent(24), .uint8).info.metadata
      try map.write(to: weights)
      var hard = Self.options()
      hard.plan.hard = .fraction(0.5)
      let zero = try SampleSet(of: [scan], options: hard)
      #expect(zero.failures.isEmpty && zero.cases[0].hasOnlyZeroWeights, "\(zero.failures)")
      map[x: 3, y: 3, z: 3] = -1
      try FileManager.default.removeItem(atPath: weights)
      try map.write(to: weights)
      let negative = try SampleSet(of: [scan], options: hard).failures
      #expect(negative.first?.error.context.file == weights)
      scan.weights = "\(folder)/two.nii"
      try TestImage(Extent(24), channels: 2, .uint8).write(to: "\(folder)/two.nii", seed: 1)
      let two = try SampleSet(of: [scan], options: hard).failures
      #expect(two.first?.error.message.contains("a map of weights has one channel, not 2") == true, "\(two)")
    }
  }

  @Test("the list alone has the same patches and no files")
  func listOnly() throws {
    try withTemporaryFolder { folder in
      let scan = try Self.makeScan("one", in: folder, seed: 5)
      var options = Self.options()
      let files = try SampleSet(of: [scan], options: options).write(to: "\(folder)/files", options: options)
      options.writesPatches = false
      let list = try SampleSet(of: [scan], options: options).write(to: "\(folder)/list", options: options)
      #expect(list.patches.map(\.start) == files.patches.map(\.start) && list.patches[0].images == nil)
      #expect(try fileNames(in: "\(folder)/list") == [SampleManifest.fileName])
    }
  }

  @Test("a scan shorter than the patch is padded with the values asked for")
  func padded() throws {
    try withTemporaryFolder { folder in
      let scan = try Self.makeScan(
        "one", in: folder, seed: 6, extent: Extent(width: 20, height: 20, depth: 5))
      var options = Self.options(count: 3)
      options.plan.cover = nil
      options.plan.padsSmallScans = true
      (options.padding, options.labelPadding) = (.constant(-9), 200)
      let set = try SampleSet(of: [scan], options: options).write(to: "\(folder)/set", options: options)
      for patch in set.patches {
        #expect(patch.start[2] == -1)
        let image = try Volume<Int16>(contentsOf: "\(folder)/set/\(#require(patch.images)[0])")
        let labels = try Volume<UInt8>(contentsOf: "\(folder)/set/\(#require(patch.labels))")
        for z in [0, 6, 7] { #expect(image[x: 3, y: 3, z: z] == -9 && labels[x: 3, y: 3, z: z] == 200) }
        let whole = try Volume<Int16>(contentsOf: scan.images[0])
        #expect(image[x: 1, y: 2, z: 1] == whole[x: patch.start[0] + 1, y: patch.start[1] + 2, z: 0])
        let origin = Position(x: patch.start[0], y: patch.start[1], z: -1)
        #expect(
          image.metadata.affine.largestDistance(to: TestImage.affine.moved(to: origin), over: Extent(8))
            < 1e-3)
      }
    }
  }

  @Test("labels are padded with -1 in a type that holds it, and the list alone gives the same")
  func ignoredLabels() throws {
    try withTemporaryFolder { folder in
      let scan = try Self.makeScan(
        "one", in: folder, seed: 6, extent: Extent(width: 20, height: 20, depth: 5))
      var options = Self.options(count: 3)
      options.plan.cover = nil
      options.plan.padsSmallScans = true
      options.labelPadding = -1
      let set = try SampleSet(of: [scan], options: options)
      let written = try set.write(to: "\(folder)/set", options: options)
      options.writesPatches = false
      try set.write(to: "\(folder)/list", options: options)
      let whole = try Volume<UInt8>(contentsOf: scan.labels)
      for (place, patch) in written.patches.enumerated() {
        let file = try ImageFormats.open("\(folder)/set/\(#require(patch.labels))")
        #expect(file.info.scalarType == .int16)
        let labels: Volume<Int16> = try file.read()
        #expect([0, 6, 7].allSatisfy { labels[x: 3, y: 3, z: $0] == -1 })
        let own = whole[x: patch.start[0] + 3, y: patch.start[1] + 3, z: 2]
        #expect(labels[x: 3, y: 3, z: 3] == Int16(own))
        let files = try SampleSetFiles(contentsOf: "\(folder)/list")
        try files.forEachPair(of: files.manifest.scans[0], at: [place]) { _, _, cut in
          let voxels = try bytes(cut.readAny())
          #expect(voxels == bytes(labels))
        }
      }
      let report = try SampleVerification(of: "\(folder)/set", against: scan.labels)
      #expect(report.findings.isEmpty && report.partlyComparedScans == 1)
    }
  }
}

extension TestImage {
  /// The image with 0 everywhere.
  func volumeOfZeros() -> Volume<UInt8> {
    var volume = Volume<UInt8>(extent: info.extent, repeating: 0)
    volume.metadata = info.metadata
    return volume
  }
}
