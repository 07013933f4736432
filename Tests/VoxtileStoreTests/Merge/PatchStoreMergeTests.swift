import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Merge from files")
struct PatchStoreMergeTests {
  /// Cuts an image and runs a test with the patches and a second, empty folder for another tool's.
  private func withPatches(
    of image: TestImage, _ ending: String = "nii.gz", _ settings: GridSettings? = nil,
    _ body: (_ store: PatchStore, _ folder: String, _ other: PatchStore) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let input = "\(folder)/in.\(ending)"
      try image.write(to: input)
      let store = try PatchStore.crop(
        input, into: "\(folder)/patches",
        settings: settings ?? .with(Extent(width: 4, height: 4, depth: 3), 1))
      try FileManager.default.createDirectory(atPath: "\(folder)/other", withIntermediateDirectories: false)
      let other = try PatchStore(
        contentsOf: "\(folder)/other", manifest: "\(folder)/patches/\(Manifest.fileName)")
      try body(store, folder, other)
    }
  }

  private static let scan = TestImage(Extent(width: 7, height: 6, depth: 5), .uint8)

  /// The error of a merge, which must leave nothing behind.
  private func mergeError(
    _ store: PatchStore, _ folder: String, _ options: PatchStore.MergeOptions = .init(),
    output: String = "out.nii.gz"
  ) throws -> VoxtileError? {
    let before = try fileNames(in: folder)
    let error = #expect(throws: VoxtileError.self) {
      try store.merge(to: "\(folder)/\(output)", options: options)
    }
    #expect(try fileNames(in: folder) == before)
    return error
  }

  // MARK: Another tool's outputs

  @Test("another scalar type, channel count and format are merged, with the scan's own geometry")
  func otherOutputs() throws {
    try withPatches(of: Self.scan) { store, folder, other in
      try store.transform(into: other.folder, fileExtension: "nii", channels: 3, as: Float.self) {
        old, channel, _ in old / 4 + Double(channel)
      }
      let report = try other.merge(to: "\(folder)/out.nii.gz")
      #expect(report.scalarType == .float32 && report.channels == 3 && !report.isBlendGuessed)
      let (info, scan) = (
        try ImageFormats.open("\(folder)/out.nii.gz").info, try ImageFormats.open("\(folder)/in.nii.gz").info
      )
      #expect(info.scalarType == .float32 && info.channels == 3 && info.extent == scan.extent)
      #expect(info.metadata.affine == scan.metadata.affine)
      let expected = (0..<3).flatMap { channel in
        (try? storedValues("\(folder)/in.nii.gz"))?.map { $0 / 4 + Double(channel) } ?? []
      }
      #expect(try storedValues("\(folder)/out.nii.gz") == expected)
    }
  }

  @Test("one header and image a patch are as good as a single file")
  func pairs() throws {
    for ending in ["hdr", "hdr.gz"] {
      try withPatches(of: Self.scan) { store, folder, other in
        try store.transform(into: other.folder, fileExtension: ending, as: UInt8.self) { old, _, _ in old }
        try other.merge(to: "\(folder)/out.nii.gz")
        #expect(try storedBytes("\(folder)/out.nii.gz") == storedBytes("\(folder)/in.nii.gz"))
      }
    }
  }

  @Test("patches with scalings of their own are merged as real values")
  func ownScalings() throws {
    // Patch i stores (real - i) * 2^i.
    func scaling(_ patch: Patch) -> VolumeInfo.Scaling {
      .init(slope: 1 / Double(1 << (patch.index % 3)), intercept: Double(patch.index))
    }
    try withPatches(of: Self.scan) { store, folder, other in
      try store.transform(into: other.folder, as: Int16.self, scaling: scaling) { old, _, patch in
        (old - scaling(patch).intercept) / scaling(patch).slope
      }
      let report = try other.merge(to: "\(folder)/out.nii.gz")
      #expect(report.scalarType == .float32)
      #expect(try ImageFormats.open("\(folder)/out.nii.gz").info.scaling == nil)
      let expected = try storedValues("\(folder)/in.nii.gz")
      #expect(try storedValues("\(folder)/out.nii.gz") == expected)
      try other.merge(to: "\(folder)/typed.nii.gz", options: .init(scalarType: .uint8))
      #expect(try storedValues("\(folder)/typed.nii.gz") == expected)
    }
  }

  @Test("a type asked for gets real values, without the rounding of a smaller one")
  func typeAskedFor() throws {
    let scaling = VolumeInfo.Scaling(slope: 0.1, intercept: -0.7)
    let cases: [(ScalarType, ScalarType)] = [
      (.int16, .float64), (.int32, .float64), (.int32, .float32), (.uint8, .int32), (.int32, .int32),
    ]
    for (stored, asked) in cases {
      let extent = Extent(width: 5, height: 4, depth: 3)
      try withPatches(of: TestImage(extent, stored, scaling: scaling), "nii", .with(Extent(3), 1)) {
        store, folder, _ in
        let report = try store.merge(to: "\(folder)/out.nii", options: .init(scalarType: asked))
        #expect(report.scalarType == asked)
        let info = try ImageFormats.open("\(folder)/out.nii").info
        #expect(info.scaling == nil && info.scalarType == asked)
        let own = try #require(try ImageFormats.open("\(folder)/in.nii").info.scaling)
        let expected = try storedValues("\(folder)/in.nii").map { value -> Double in
          let real = own.slope * value + own.intercept
          switch asked {
          case .float32: return Double(Float(real))
          case .int32: return Double(Int32(nearest: real))
          default: return real
          }
        }
        #expect(try storedValues("\(folder)/out.nii") == expected, "\(stored) to \(asked)")
      }
    }
  }

  @Test("a type without a scaling only converts")
  func plainType() throws {
    try withPatches(of: TestImage(Extent(5), .int16)) { store, folder, _ in
      try store.merge(to: "\(folder)/out.nii.gz", options: .init(scalarType: .uint8))
      let expected = try storedValues("\(folder)/in.nii.gz").map { min(max($0, 0), 255) }
      #expect(try storedValues("\(folder)/out.nii.gz") == expected)
    }
  }

  // MARK: Mix-ups

  @Test("files that lie where other patches do are reported, and only those")
  func mixedUp() throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      #expect(try store.merge(to: "\(folder)/right.nii").misplacedPatches.isEmpty)
      let paths = [1, 2].map { store.path(of: store.manifest.grid[$0]) }
      let (first, second) = (try fileBytes(paths[0]), try fileBytes(paths[1]))
      try writeFile(second, to: paths[0])
      try writeFile(first, to: paths[1])
      #expect(try store.merge(to: "\(folder)/mixed.nii").misplacedPatches == [1, 2])
    }
  }

  @Test("a tool that forgets where its patches lie has mixed up nothing")
  func forgottenPlaces() throws {
    try withPatches(of: Self.scan) { store, folder, other in
      for patch in store.manifest.grid {
        var volume: Volume<UInt8> = try ImageFormats.open(store.path(of: patch)).read()
        volume.metadata = VolumeMetadata()
        try volume.write(to: other.path(of: patch))
      }
      #expect(try other.merge(to: "\(folder)/out.nii").misplacedPatches.isEmpty)
    }
  }

  // MARK: Which blend

  @Test("labels are put to the vote and noise is averaged, unless a blend is asked for")
  func defaultBlend() throws {
    let extent = Extent(width: 20, height: 20, depth: 12)
    let settings = GridSettings.with(Extent(8), 2)
    let cases: [(TestImage, isVote: Bool, isGuessed: Bool)] = [
      (TestImage(extent, .int16, content: .regions), true, true),
      (TestImage(extent, .uint8, isLabelMap: true, content: .regions), true, false),
      // What the file says goes before what the values look like.
      (TestImage(extent, .uint8, isLabelMap: true), true, false),
      (TestImage(extent, .int16), false, false),
      // Many tools write labels as floating point.
      (TestImage(extent, .float32, content: .regions), true, true),
      (TestImage(extent, .float32), false, false),
    ]
    for (image, isVote, isGuessed) in cases {
      try withPatches(of: image, "nii", settings) { store, folder, _ in
        let report = try store.merge(to: "\(folder)/out.nii")
        #expect(isMajority(report.blend) == isVote && report.isBlendGuessed == isGuessed)
        #expect(try ImageFormats.open("\(folder)/out.nii").info.isLabelMap == image.info.isLabelMap)
        let asked = try store.merge(to: "\(folder)/asked.nii", options: .init(blend: .maximum))
        #expect(!asked.isBlendGuessed && !isMajority(asked.blend))
      }
    }
  }

  private func isMajority(_ blend: Blend) -> Bool {
    if case .majority = blend { true } else { false }
  }

  @Test("patches that disagree are voted on or averaged as asked")
  func disagreement() throws {
    let image = TestImage(Extent(width: 5, height: 1, depth: 1), .uint8, content: .regions)
    let settings = GridSettings.with(Extent(width: 3, height: 1), 1)
    try withPatches(of: image, "nii", settings) { store, folder, other in
      try store.transform(into: other.folder, fileExtension: "nii", as: UInt8.self) { _, _, patch in
        patch.index == 0 ? 1 : 3
      }
      let expected: [(Blend?, Double)] = [(nil, 1), (.vote, 1), (.average, 2), (.maximum, 3), (.last, 3)]
      for (index, (blend, value)) in expected.enumerated() {
        try other.merge(to: "\(folder)/out\(index).nii", options: .init(blend: blend))
        #expect(try storedValues("\(folder)/out\(index).nii") == [1, 1, value, 3, 3])
      }
    }
  }

  @Test("probabilities made from a label map are no labels, and labels made from a scan say so")
  func intent() throws {
    let labels = TestImage(Extent(width: 7, height: 6, depth: 5), .uint8, isLabelMap: true, content: .regions)
    try withPatches(of: labels) { store, folder, other in
      try store.transform(into: other.folder, as: Float.self) { old, _, _ in old / 21 }
      try other.merge(to: "\(folder)/out.nii")
      #expect(try !ImageFormats.open("\(folder)/out.nii").info.isLabelMap)
    }
    try withPatches(of: Self.scan) { store, folder, other in
      for patch in store.manifest.grid {
        let values = try storedValues(store.path(of: patch)).map { UInt8($0 > 100 ? 1 : 0) }
        let image = TestImage(patch.region.extent, .uint8, isLabelMap: true)
        try image.write(
          try Volume(extent: patch.region.extent, voxels: values), to: other.path(of: patch))
      }
      let report = try other.merge(to: "\(folder)/out.nii")
      #expect(isMajority(report.blend) && !report.isBlendGuessed)
      #expect(try ImageFormats.open("\(folder)/out.nii").info.isLabelMap)
    }
  }

  // MARK: The fill

  @Test("voxels in no patch get the fill as a real value")
  func scaledFill() throws {
    let scaling = VolumeInfo.Scaling(slope: 0.5, intercept: -10)
    let image = TestImage(Extent(width: 5, height: 1, depth: 1), .int16, scaling: scaling)
    try withPatches(of: image, "nii", .with(Extent(width: 3, height: 1), 0, .discard)) { store, folder, _ in
      let report = try store.merge(to: "\(folder)/out.nii", options: .init(fill: 7))
      #expect(report.uncoveredVoxels == 2)
      #expect(try storedValues("\(folder)/out.nii").suffix(2) == [34, 34])
      try store.merge(to: "\(folder)/real.nii", options: .init(fill: 7, scalarType: .float32))
      #expect(try storedValues("\(folder)/real.nii").suffix(2) == [7, 7])
    }
  }

  @Test("a fill that the type cannot hold is refused, where it is needed")
  func impossibleFill() throws {
    try withPatches(of: Self.scan, "nii", .with(Extent(4), 0, .discard)) { store, folder, _ in
      let error = try mergeError(store, folder, .init(fill: -1))
      #expect(error?.code == .invalidOption)
      #expect(error?.message.contains("uint8 cannot hold their fill value -1.0") == true)
      try store.merge(to: "\(folder)/out.nii", options: .init(fill: -1, scalarType: .int16))
      #expect(try storedValues("\(folder)/out.nii").contains(-1))
    }
    try withPatches(of: Self.scan) { store, folder, _ in
      #expect(throws: Never.self) { try store.merge(to: "\(folder)/out.nii", options: .init(fill: -1)) }
    }
  }

  // MARK: What cannot be merged

  @Test("a patch of another shape, type or channel count is named with both values")
  func mixedPatches() throws {
    typealias Case = (VoxtileError.Code, [String], Extent, Int, ScalarType)
    let size = Extent(width: 4, height: 4, depth: 3)
    let cases: [Case] = [
      (.shapeMismatch, ["4x4x2", "4x4x3"], Extent(width: 4, height: 4, depth: 2), 1, .uint8),
      (.shapeMismatch, ["2 channels", "has 1"], size, 2, .uint8),
      (.typeMismatch, ["holds int16", "holds uint8"], size, 1, .int16),
    ]
    for (code, words, extent, channels, type) in cases {
      try withPatches(of: Self.scan) { store, folder, _ in
        let patch = store.manifest.grid[3]
        try TestImage(extent, channels: channels, type).write(to: store.path(of: patch))
        let error = try mergeError(store, folder)
        #expect(error?.code == code && error?.context.file == store.path(of: patch))
        #expect(words.allSatisfy { error?.message.contains($0) == true }, "\(String(describing: error))")
      }
    }
  }

  @Test("a missing patch and one with two files are named")
  func missingAndDouble() throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      let path = store.path(of: store.manifest.grid[2])
      let name = store.manifest.entries[2].file
      let other = "\(PatchStore.stem(of: path)).nii"
      try TestImage(store.manifest.grid[2].region.extent, .uint8).write(to: other)
      let double = try mergeError(store, folder)
      #expect(double?.code == .duplicatePatch && double?.message.contains("2 files for patch 2") == true)
      try FileManager.default.removeItem(atPath: path)
      #expect(throws: Never.self) { try store.merge(to: "\(folder)/out.nii") }
      try FileManager.default.removeItem(atPath: other)
      let missing = try mergeError(store, folder)
      #expect(missing?.code == .missingPatch && missing?.message.contains(name) == true)
    }
  }

  @Test("a damaged patch stops the merge, and nothing is left")
  func damagedPatch() throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      let path = store.path(of: store.manifest.grid[store.manifest.grid.count - 1])
      let bytes = try fileBytes(path)
      for damaged in [Array(bytes.dropLast(20)), [], [UInt8](repeating: 7, count: 500)] {
        try writeFile(damaged, to: path)
        #expect(try mergeError(store, folder)?.context.file == path)
      }
    }
  }

  @Test(
    "an output that cannot be written leaves nothing",
    arguments: ["out.png", "out.txt", "none/out.nii", "in.nii.gz"])
  func impossibleOutput(name: String) throws {
    try withPatches(of: TestImage(Extent(5), .int16)) { store, folder, _ in
      let before = try fileBytes("\(folder)/in.nii.gz")
      _ = try mergeError(store, folder, output: name)
      #expect(try fileBytes("\(folder)/in.nii.gz") == before)
    }
  }

  @Test("an older output is replaced where that is asked for, but never a patch")
  func replacing() throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      try writeFile([1, 2, 3], to: "\(folder)/out.nii.gz")
      let replacing = PatchStore.MergeOptions(write: WriteOptions(isReplacing: true))
      try store.merge(to: "\(folder)/out.nii.gz", options: replacing)
      #expect(try storedBytes("\(folder)/out.nii.gz") == storedBytes("\(folder)/in.nii.gz"))
      let patch = store.path(of: store.manifest.grid[0])
      let bytes = try fileBytes(patch)
      let error = try mergeError(
        store, folder, replacing, output: "patches/../patches/\(store.manifest.entries[0].file)")
      #expect(error?.code == .targetExists)
      #expect(try fileBytes(patch) == bytes)
    }
  }

  @Test("a job that is stopped leaves nothing", arguments: [0, 1, 5])
  func stopped(after patches: Int) throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      let progress = JobProgress { done, _ in if done >= patches { throw CancellationError() } }
      let before = try fileNames(in: folder)
      #expect(throws: CancellationError.self) {
        try store.merge(to: "\(folder)/out.nii", options: .init(progress: progress))
      }
      #expect(throws: CancellationError.self) {
        try PatchStore.crop(
          "\(folder)/in.nii.gz", into: "\(folder)/a/b/c", settings: .with(Extent(3), 0),
          options: .init(progress: progress))
      }
      #expect(throws: CancellationError.self) { try store.verify(progress: progress) }
      #expect(try fileNames(in: folder) == before)
    }
  }

  @Test("the result and the order of its progress do not depend on the number of threads")
  func jobs() throws {
    try withPatches(of: TestImage(Extent(width: 13, height: 11, depth: 9), .float32)) { store, folder, _ in
      for jobs in [1, 2, 7] {
        try store.merge(
          to: "\(folder)/out\(jobs).nii",
          options: .init(blend: .gaussian, limits: JobLimits(jobs: Jobs(jobs))))
        #expect(try fileBytes("\(folder)/out\(jobs).nii") == fileBytes("\(folder)/out1.nii"))
      }
    }
  }
}
