import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Sample repetition") struct SampleRepetitionTests {
  @Test(
    "patches that were not chosen by the settings of the list are found, and components that are not in the labels"
  )
  func chosenAgain() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/scans", withIntermediateDirectories: true)
      var scan = try SampleSetTests.makeScan("one", in: "\(folder)/scans", seed: 41)
      scan.weights = "\(folder)/scans/weights.nii"
      try TestImage(Extent(24), .uint8).write(to: "\(folder)/scans/weights.nii", seed: 3)
      var options = SampleOptions(patch: Extent(8), plan: SamplingPlan(count: 8, seed: 4))
      options.plan.hard = .fraction(0.5)
      options.writesPatches = false
      let set = "\(folder)/set"
      let manifest = try SampleSet(of: [scan], options: options).write(to: set, options: options)
      let changes: [(String?, (inout SampleManifest) -> Void)] = [
        (nil, { _ in }),
        ("patch 2 of one: starts at", { $0.patches[2].start = [0, 0, 1] }),
        ("patch 5 of one: its tries are not as chosen again", { $0.patches[5].tries += 1 }),
        ("starts at", { $0.settings.seed = 5 }),
        ("starts at", { $0.settings.hard = 0.25 }),
        ("8 patches are chosen of one, the list has 7", { $0.patches.removeLast() }),
        ("cannot be chosen again: a scan of 24x24x24 has", { $0.settings.count = 100_000 }),
        ("component 2 of one is not as the list says: voxels", { $0.scans[0].components[1].voxels += 1 }),
        ("component 1 of one is not as the list says: label", { $0.scans[0].components[0].label = 7 }),
        ("components, the list says", { $0.scans[0].components.removeLast() }),
        (
          "other numbers of voxels",
          {
            $0.scans[0].voxels["1"]? += 1; $0.scans[0].voxels["0"]? -= 1
          }
        ),
        ("8 patches are chosen of one, the list has 0", { $0.patches = [] }),
        ("another size or place", { $0.scans[0].affine[0][3] += 1 }),
      ]
      for (message, change) in changes {
        var wrong = manifest
        change(&wrong)
        try writeFile([UInt8](wrong.json()), to: "\(set)/\(SampleManifest.fileName)")
        let findings = try SampleVerification(of: set, against: "\(folder)/scans").findings
        if let message {
          #expect(findings.contains { $0.message.contains(message) }, "\(message): \(findings)")
        } else {
          #expect(findings.isEmpty, "\(findings)")
        }
      }
      // Without the weights the choice cannot be repeated, which is no finding.
      try writeFile([UInt8](manifest.json()), to: "\(set)/\(SampleManifest.fileName)")
      try FileManager.default.removeItem(atPath: "\(folder)/scans/weights.nii")
      let partial = try SampleVerification(of: set, against: "\(folder)/scans")
      #expect(partial.findings.isEmpty && partial.comparedScans == 0 && partial.partlyComparedScans == 1)
    }
  }

  @Test(
    "scans that are a header beside its voxels, or a folder, are known by all their bytes, also behind a link"
  )
  func scansOfSeveralFiles() throws {
    try withTemporaryFolder { folder in
      let extent = Extent(width: 12, height: 10, depth: 8)
      var scans: [SampledScan] = []
      for (number, ending) in ["hdr", "hdr", "mhd", "mhd", "ome.zarr"].enumerated() {
        let place = "\(folder)/scans/\(number)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        var random = SplitMix64(seed: UInt64(number))
        func volume(below most: UInt8) throws -> Volume<UInt8> {
          let voxels = (0..<extent.voxelCount).map { _ in UInt8(truncatingIfNeeded: random.next()) % most }
          return try Volume(extent: extent, voxels: voxels)
        }
        // All are called alike, so that headers of one format have the same bytes.
        let scan = SampledScan(
          "case\(number)", images: ["\(place)/scan.\(ending)"], labels: "\(place)/labels.\(ending)")
        try volume(below: 200).write(to: scan.images[0])
        try volume(below: 2).write(to: scan.labels)
        scans.append(scan)
      }
      var options = SampleOptions(patch: Extent(4), plan: SamplingPlan(count: 3))
      options.writesPatches = false
      try SampleSet(of: scans, options: options).write(to: "\(folder)/set", options: options)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "\(folder)/scans")
      for against in ["\(folder)/scans", "\(folder)/link"] {
        let report = try SampleVerification(of: "\(folder)/set", against: against)
        #expect(report.findings.isEmpty && report.comparedScans == 5, "\(report.findings)")
      }
      let voxels = "\(folder)/scans/2/labels.raw"
      let byteCount = try fileBytes(voxels).count
      try writeFile([UInt8](repeating: 0, count: byteCount), to: voxels)
      #expect(try SampleVerification(of: "\(folder)/set", against: "\(folder)/scans").comparedScans == 4)
    }
  }

  @Test("too little memory is an error, and no finding")
  func lowMemory() throws {
    try withTemporaryFolder { folder in
      try SampleVerificationTests.makeSet(in: folder)
      #expect {
        _ = try SampleVerification(
          of: "\(folder)/set", against: "\(folder)/scans", limits: JobLimits(memory: 10 << 20))
      } throws: { ($0 as? VoxtileError)?.code == .memoryTooLow }
    }
  }

  @Test("all settings that patches depend on are in the list, and come back from it")
  func settings() throws {
    for var random in SplitMix64.cases(200, from: 77) {
      let seed = random
      func share() -> Share { .fraction(Double(Int.random(in: 0...400_000, using: &random)) / 1_000_000) }
      let balances: [SamplingPlan.Balance] = [.classes(), .classes([0: 1, 2: 3]), .voxels, .components]
      let placements: [SamplingPlan.Placement] = [.anywhere, .center, .inner(share())]
      var plan = SamplingPlan(
        count: [.automatic, 7].randomElement(using: &random) ?? 7,
        seed: .random(in: 0 ... .max, using: &random),
        cover: [nil, .init(times: 2, margin: 3, leastVoxels: 4)].randomElement(using: &random) ?? nil,
        balance: balances.randomElement(using: &random) ?? .voxels,
        placement: placements.randomElement(using: &random) ?? .center, negatives: share())
      (plan.hard, plan.minimumForeground) = (share(), share())
      (plan.minimumTissue, plan.maximumOverlap) = (share(), share())
      plan.padsSmallScans = .random(using: &random)
      if plan.count != .automatic {
        plan.convention = [nil, .monai, .nnunet].randomElement(using: &random) ?? nil
      }
      var options = SampleOptions(patch: Extent(width: 3, height: 4, depth: 5), plan: plan)
      options.lesions = [nil, [2, 9]].randomElement(using: &random) ?? nil
      options.connectivity = Connectivity.allCases.randomElement(using: &random) ?? .faces
      options.tissueThreshold = [nil, -0.125].randomElement(using: &random) ?? nil
      options.labelMap = [[:], [3: 1, -2: 0]].randomElement(using: &random) ?? [:]
      options.trainingShare = share()
      options.layout = SampleLayout.allCases.randomElement(using: &random) ?? .msd
      options.padding = [.constant(-1000.5), .reflect].randomElement(using: &random) ?? .edge
      options.labelPadding = .random(in: -1...3, using: &random)
      let settings = SampleManifest.Settings(options)
      let json = try JSONEncoder().encode(settings)
      let read = try JSONDecoder().decode(SampleManifest.Settings.self, from: json)
      let back = try #require(read.options, "\(seed)")
      #expect(read == settings && SampleManifest.Settings(back) == settings, "\(seed)")
      #expect(
        back.plan == plan && back.lesions == options.lesions && back.labelMap == options.labelMap, "\(seed)")
    }
  }
}
