import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Sample verification") struct SampleVerificationTests {
  /// Writes a set of two scans into `set`.
  private func makeSet(in folder: String, layout: SampleLayout = .voxtile) throws {
    try FileManager.default.createDirectory(atPath: "\(folder)/scans", withIntermediateDirectories: true)
    let scans = try (0..<2).map {
      try SampleSetTests.makeScan("case\($0)", in: "\(folder)/scans", seed: UInt64($0) + 40)
    }
    var options = SampleOptions(patch: Extent(8), plan: SamplingPlan(count: 8, seed: 4))
    options.labelMap = [2: 1]
    options.layout = layout
    try SampleSet(of: scans, options: options).write(to: "\(folder)/set", options: options)
  }

  @Test("a set is as it was written, and as its scans are", arguments: SampleLayout.allCases)
  func intact(layout: SampleLayout) throws {
    try withTemporaryFolder { folder in
      try makeSet(in: folder, layout: layout)
      for against in [nil, "\(folder)/scans", "\(folder)/scans/case1_a.nii"] {
        let report = try SampleVerification(of: "\(folder)/set", against: against)
        #expect(report.findings.isEmpty && report.unlistedFiles.isEmpty, "\(report.findings)")
        #expect(report.comparedScans == (against == "\(folder)/scans" ? 2 : 0))
        #expect(report.partlyComparedScans == (against?.hasSuffix(".nii") == true ? 1 : 0))
      }
      #expect {
        _ = try SampleVerification(of: "\(folder)/set", against: "\(folder)/set/\(SampleManifest.fileName)")
      } throws: { "\($0)".contains("none of the files") }
    }
  }

  @Test("what is missing, damaged, swapped or not of the scan is found")
  func damaged() throws {
    try withTemporaryFolder { folder in
      try makeSet(in: folder)
      let set = "\(folder)/set"
      let manifest = try SampleManifest(contentsOf: "\(set)/\(SampleManifest.fileName)")
      let files = manifest.patches.compactMap(\.labels)
      try FileManager.default.removeItem(atPath: "\(set)/\(files[0])")
      var bytes = try fileBytes("\(set)/\(files[1])")
      bytes[bytes.count / 2] ^= 1
      try writeFile(bytes, to: "\(set)/\(files[1])")
      try writeFile([], to: "\(set)/labels/notes.txt")
      let report = try SampleVerification(of: set)
      #expect(report.findings.map(\.kind) == [.missing, .corrupt])
      #expect(report.findings.map(\.patch) == [0, 1])
      #expect(report.unlistedFiles == ["labels/notes.txt"])

      // Patches that are consistent in themselves, but whose list says another place, other counts, or other voxels.
      var wrong = manifest
      wrong.patches[3].start[0] += wrong.patches[3].start[0] > 4 ? -1 : 1
      wrong.patches[4].voxels["0", default: 0] += 1
      wrong.patches[5].images = wrong.patches[6].images
      wrong.patches[5].imageChecksums = wrong.patches[6].imageChecksums
      try writeFile([UInt8](wrong.json()), to: "\(set)/\(SampleManifest.fileName)")
      let kinds = Dictionary(
        grouping: try SampleVerification(of: set, against: "\(folder)/scans").findings, by: \.patch)
      // The list is also held against what its settings choose.
      #expect(kinds[3]?.map(\.kind) == [.different, .misplaced, .misplaced, .misplaced])
      #expect(kinds[4]?.map(\.kind) == [.different, .different])
      #expect(kinds[5]?.map(\.kind) == [.misplaced, .misplaced])
    }
  }

  @Test("a list that says of a component what its patches do not hold is found")
  func wrongCounts() throws {
    try withTemporaryFolder { folder in
      try makeSet(in: folder)
      let set = "\(folder)/set"
      var manifest = try SampleManifest(contentsOf: "\(set)/\(SampleManifest.fileName)")
      let place = try #require(manifest.scans[1].components.firstIndex { $0.coverage == .uncovered })
      manifest.scans[1].components[place].coverage = .whole
      manifest.scans[1].components[place].patches = 2
      try writeFile([UInt8](manifest.json()), to: "\(set)/\(SampleManifest.fileName)")
      let findings = try SampleVerification(of: set).findings
      #expect(findings.map(\.kind) == [.different] && findings[0].file == SampleManifest.fileName)
      #expect(
        findings[0].message
          == "0 patches hold component \(place + 1) of case1 whole, the list says 2 (whole)")
      manifest = try SampleManifest(contentsOf: "\(set)/\(SampleManifest.fileName)")
      manifest.scans[0].voxels["0", default: 0] -= 1
      try writeFile([UInt8](manifest.json()), to: "\(set)/\(SampleManifest.fileName)")
      #expect(
        try SampleVerification(of: set).findings.first?.message
          == "the labels of case0 have 13823 voxels, the scan has 13824")
    }
  }

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
        ("patch 5 of one: what the list says of it is not so", { $0.patches[5].tries += 1 }),
        ("starts at", { $0.settings.seed = 5 }),
        ("starts at", { $0.settings.hard = 0.25 }),
        ("8 patches are chosen of one, the list has 7", { $0.patches.removeLast() }),
        ("cannot be chosen again: a scan of 24x24x24 has", { $0.settings.count = 100_000 }),
        ("of one is not as the list says", { $0.scans[0].components[1].voxels += 1 }),
        ("component 1 of one is not as the list says", { $0.scans[0].components[0].label = 7 }),
        ("components, the list says", { $0.scans[0].components.removeLast() }),
        (
          "other numbers of voxels",
          {
            $0.scans[0].voxels["1"]? += 1; $0.scans[0].voxels["0"]? -= 1
          }
        ),
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

  @Test("a scan that the split puts on the other side is found")
  func movedScan() throws {
    try withTemporaryFolder { folder in
      try makeSet(in: folder)
      let path = "\(folder)/set/\(SampleManifest.fileName)"
      var manifest = try SampleManifest(contentsOf: path)
      manifest.scans[1].split = "validation"
      try writeFile([UInt8](manifest.json()), to: path)
      #expect(
        try SampleVerification(of: "\(folder)/set").findings.map(\.message)
          == ["case1 is for validation, but the split and the seed put it on the other side"])
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

  @Test("of a list without files, labels are counted in the scans")
  func listOnly() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/scans", withIntermediateDirectories: true)
      let scan = try SampleSetTests.makeScan("one", in: "\(folder)/scans", seed: 41)
      var options = SampleOptions(patch: Extent(8), plan: SamplingPlan(count: 8, seed: 4))
      options.writesPatches = false
      let set = "\(folder)/set"
      var manifest = try SampleSet(of: [scan], options: options).write(to: set, options: options)
      let intact = try SampleVerification(of: set, against: "\(folder)/scans")
      #expect(intact.findings.isEmpty && intact.comparedScans == 1)
      manifest.patches[2].voxels["2", default: 0] += 1
      manifest.patches[3].start = [-1000, 0, 0]
      try writeFile([UInt8](manifest.json()), to: "\(set)/\(SampleManifest.fileName)")
      let findings = try SampleVerification(of: set, against: "\(folder)/scans").findings
        .filter { $0.message.contains(" has ") || $0.message.contains("outside") }
      #expect(
        findings.map(\.patch) == [2, 3] && findings[1].message == "patch 3 of one: lies outside the scan",
        "\(findings)")
    }
  }

  @Test("a list with sizes or names that cannot be is refused")
  func malformed() throws {
    try withTemporaryFolder { folder in
      try makeSet(in: folder)
      let path = "\(folder)/set/\(SampleManifest.fileName)"
      let manifest = try SampleManifest(contentsOf: path)
      let changes: [(inout SampleManifest) -> Void] = [
        { $0.settings.patch = [8, 8] }, { $0.settings.patch = [Int.max, 2, 2] },
        { $0.settings.balance = "luck" }, { $0.settings.ratio = ["a": 1] },
        { $0.settings.placement = "inner:2" },
        { $0.settings.negatives = -0.1 }, { $0.settings.connectivity = 7 },
        { $0.settings.convention = "other" },
        { $0.settings.padding = "none" }, { $0.settings.layout = "tar" }, { $0.settings.count = -1 },
        { $0.settings.labelMap = ["x": 1] }, { $0.settings.split = 2 }, { $0.scans[0].split = "test" },
        { $0.scans[0].extent = [0, 1, 1] },
        { $0.scans[0].affine = [] }, { $0.patches[0].start = [.max, 0, 0] },
        { $0.patches[0].labels = "../../etc/passwd" }, { $0.version = 2 },
        { $0.scans[0].components[0].start = [1, 2] }, { $0.scans[0].components[0].start = [-1, 0, 0] },
        { $0.scans[0].components[0].extent = [1, 1, 0] }, { $0.scans[0].voxels["0"] = .max },
        { $0.patches[0].start = [.min, 0, 0] }, { $0.patches[0].voxels["1"] = .max },
        { $0.patches[0].voxels = ["1": 1 << 39, "2": 1 << 39, "3": 1] },
        { $0.patches[0].reason.component = .min },
        { $0.patches[0].reason.voxel = [.max, 0, 0] }, { $0.patches[0].reason.voxel = [1] },
        { $0.patches[0].number = -1 }, { $0.patches[1].images = nil }, { $0.patches[1].labels = nil },
        { $0.patches[1].images = [] }, { $0.scans[1].components[0].voxels = -1 },
      ]
      for change in changes {
        var wrong = manifest
        change(&wrong)
        try writeFile([UInt8](wrong.json()), to: path)
        #expect(throws: VoxtileError.self) { _ = try SampleManifest(contentsOf: path) }
      }
      try writeFile(Array("{\"version\": 1".utf8), to: path)
      #expect { _ = try SampleManifest(contentsOf: path) } throws: {
        "\($0)".contains("is no list of samples")
      }
    }
  }
}
