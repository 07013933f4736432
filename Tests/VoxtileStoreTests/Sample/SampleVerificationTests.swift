import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Sample verification") struct SampleVerificationTests {
  /// Writes a set of two scans into `set`.
  static func makeSet(in folder: String, layout: SampleLayout = .voxtile) throws {
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
      try Self.makeSet(in: folder, layout: layout)
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
      try Self.makeSet(in: folder)
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
      (wrong.patches[5].images, wrong.patches[6].images) = (wrong.patches[6].images, wrong.patches[5].images)
      (wrong.patches[5].imageChecksums, wrong.patches[6].imageChecksums) = (
        wrong.patches[6].imageChecksums, wrong.patches[5].imageChecksums
      )
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
      try Self.makeSet(in: folder)
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

  @Test("files of a layout, and a channel that is not in every patch, are checked")
  func layoutFiles() throws {
    try withTemporaryFolder { folder in
      try Self.makeSet(in: folder, layout: .nnunet)
      let set = "\(folder)/set"
      try writeFile(Array("{}".utf8), to: "\(set)/dataset.json")
      #expect(try SampleVerification(of: set).findings.map(\.kind) == [.corrupt])
      try FileManager.default.removeItem(atPath: "\(set)/dataset.json")
      #expect(try SampleVerification(of: set).findings.map(\.kind) == [.missing])
      try FileManager.default.removeItem(atPath: set)
      try FileManager.default.removeItem(atPath: "\(folder)/scans")
      try Self.makeSet(in: folder)
      var manifest = try SampleManifest(contentsOf: "\(set)/\(SampleManifest.fileName)")
      for place in manifest.patches.indices {
        manifest.patches[place].images?.removeLast()
        manifest.patches[place].imageChecksums?.removeLast()
      }
      try writeFile([UInt8](manifest.json()), to: "\(set)/\(SampleManifest.fileName)")
      #expect(
        try SampleVerification(of: set, against: "\(folder)/scans").findings.map(\.message) == [
          "the number of images is 1 for patch 0 of case0, and 2 for the scan",
          "the number of images is 1 for patch 0 of case1, and 2 for the scan",
        ])
    }
  }

  @Test("a scan that the split puts on the other side is found")
  func movedScan() throws {
    try withTemporaryFolder { folder in
      try Self.makeSet(in: folder)
      let path = "\(folder)/set/\(SampleManifest.fileName)"
      var manifest = try SampleManifest(contentsOf: path)
      manifest.scans[1].split = "validation"
      try writeFile([UInt8](manifest.json()), to: path)
      #expect(
        try SampleVerification(of: "\(folder)/set").findings.map(\.message)
          == ["case1 is for validation, but the split and the seed put it on the other side"])
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
      try Self.makeSet(in: folder)
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
        { $0.files = ["../other": "crc32:00000000"] }, { $0.settings.layout = "msd" },
        { $0.scans[0].extent = [0, 1, 1] }, { $0.scans[0].images = [] }, { $0.scans[1].name = "case0" },
        { $0.patches[0].scan = "other" }, { $0.patches[0].imageChecksums = nil },
        { $0.patches[0].labelChecksum = nil },
        { $0.patches[0].imageChecksums?.removeLast() }, { $0.patches[0].labels = $0.patches[1].labels },
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
