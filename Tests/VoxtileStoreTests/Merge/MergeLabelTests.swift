import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("What counts as labels, and what becomes of them")
struct MergeLabelTests: MergeTests {
  private static let ones: [Double] = [1, 1, 1, 1, 1, 1, 1, 1]
  private static let threes: [Double] = [3, 3, 3, 3, 3, 3, 3, 3]
  private static let voted: [Double] = [1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3]

  @Test("labels that files store with a slope are voted on as whole numbers")
  func scaledLabels() throws {
    // What nibabel makes of float labels in a header of 16-bit integers.
    let scaling = VolumeInfo.Scaling(slope: 4 / 65_535, intercept: 2)
    try withTwoPatches(scaling: scaling, first: Self.ones, second: Self.threes) { other, folder in
      let report = try other.merge(to: "\(folder)/out.nii")
      #expect(report.blend.isVote && report.scalarType == .int16)
      #expect(report.findings.largestLabelError > 0 && report.findings.largestLabelError < 1e-4)
      #expect(try storedValues("\(folder)/out.nii") == Self.voted)
      #expect(try ImageFormats.open("\(folder)/out.nii").info.scaling == nil)
    }
  }

  @Test("each patch may have a slope of its own")
  func ownSlopes() throws {
    try withTwoPatches(first: Self.ones, second: Self.threes) { other, folder in
      let slopes = [VolumeInfo.Scaling(slope: 1.00002, intercept: 0), .init(slope: 0.99999, intercept: 0)]
      for (patch, scaling) in zip(other.manifest.grid, slopes) {
        try FileManager.default.removeItem(atPath: other.path(of: patch))
        let values = patch.index == 0 ? Self.ones : Self.threes
        try write(values, .int16, scaling: scaling, of: patch, in: other)
      }
      #expect(try other.merge(to: "\(folder)/out.nii").blend.isVote)
      #expect(try storedValues("\(folder)/out.nii") == Self.voted)
    }
  }

  @Test("floating point near whole numbers is rounded, which is told where it is much")
  func nearlyWhole() throws {
    let (ones, threes) = (Self.ones.map { $0 * 0.999_999 }, Self.threes.map { $0 * 1.01 })
    try withTwoPatches(.float32, first: ones, second: threes) { other, folder in
      let report = try other.merge(to: "\(folder)/out.nii")
      #expect(report.blend.isVote && report.scalarType == .float32)
      #expect(abs(report.findings.largestLabelError - 0.03) < 1e-6)
      #expect(try storedValues("\(folder)/out.nii") == Self.voted)
    }
  }

  @Test("small numbers of a map are not labels")
  func smallNumbers() throws {
    let values = (0..<8).map { 0.0007 + 0.0001 * Double($0) }
    try withTwoPatches(.float32, first: values, second: values.reversed()) { other, folder in
      let choice = try other.merge(to: "\(folder)/out.nii").choice
      #expect(!choice.blend.isVote && choice.reason == .noise(equalNeighbors: 0))
    }
  }

  @Test("a patch that contradicts the guess ends the merge, and is named")
  func contradiction() throws {
    // Of 40 patches in a row every second one is looked at first, from patch 1 on.
    let image = TestImage(Extent(width: 40 * 16, height: 8, depth: 1), .int16)
    try withPatches(of: image, "nii", .with(Extent(width: 16, height: 8), 0)) { _, folder, other in
      for patch in other.manifest.grid {
        let value = patch.index == 6 ? 1.37 : 2
        try write([Double](repeating: value, count: 128), .float32, of: patch, in: other)
      }
      let error = try mergeError(other, folder, output: "out.nii")
      #expect(
        error?.code == .invalidOption && error?.message.contains("patch 6 has values up to 0.37") == true)
      #expect(error?.remedy == .chooseBlend)
      #expect(error?.context.file == other.path(of: other.manifest.grid[6]))
      #expect(throws: Never.self) {
        try other.merge(to: "\(folder)/asked.nii", options: .init(blend: .average))
      }
    }
  }

  @Test("a scan among label maps ends the merge")
  func scanAmongLabels() throws {
    let image = TestImage(Extent(width: 40 * 32, height: 32, depth: 1), .int16)
    try withPatches(of: image, "nii", .with(Extent(width: 32, height: 32), 0)) { _, folder, other in
      var random = SplitMix64(seed: 5)
      for patch in other.manifest.grid {
        let noise = (0..<1024).map { _ in Double(Int.random(in: 1...999, using: &random)) }
        let values = patch.index == 6 ? noise : [Double](repeating: 2, count: 1024)
        try write(values, .int16, of: patch, in: other)
      }
      let error = try mergeError(other, folder, output: "out.nii")
      #expect(error?.message.contains("patch 6 has neighbors that are rarely equal") == true)
      // Slice by slice it is the same.
      let least = #expect(throws: VoxtileError.self) {
        try MemoryPlan.merge(
          other.manifest.grid, patchValueBytes: 2, outputValueBytes: 2, isRandomAccess: true,
          limits: JobLimits(jobs: .one, memory: 1))
      }?.context.neededBytes
      let small = PatchStore.MergeOptions(limits: JobLimits(jobs: .one, memory: least))
      let inSlices = try mergeError(other, folder, small, output: "out.nii")
      #expect(inSlices?.message.contains("patch 6 has neighbors that are rarely equal") == true)
    }
  }

  @Test("small patches are told apart too, in whole and in slices", arguments: [[16, 8, 8], [1, 32, 32]])
  func smallPatches(sizes: [Int]) throws {
    let size = Extent(width: sizes[0], height: sizes[1], depth: sizes[2])
    let image = TestImage(Extent(width: 40 * size.width, height: size.height, depth: size.depth), .int16)
    try withPatches(of: image, "nii", .with(size, 0)) { _, folder, other in
      var random = SplitMix64(seed: 5)
      for patch in other.manifest.grid {
        let noise = (0..<size.voxelCount).map { _ in Double(Int.random(in: 1...999, using: &random)) }
        let values = patch.index == 6 ? noise : [Double](repeating: 2, count: size.voxelCount)
        try write(values, .int16, of: patch, in: other)
      }
      let least = #expect(throws: VoxtileError.self) {
        try MemoryPlan.merge(
          other.manifest.grid, patchValueBytes: 2, outputValueBytes: 2, isRandomAccess: true,
          limits: JobLimits(jobs: .one, memory: 1))
      }?.context.neededBytes
      for memory in [nil, least] {
        let options = PatchStore.MergeOptions(limits: JobLimits(jobs: .one, memory: memory))
        let error = try mergeError(other, folder, options, output: "out.nii")
        #expect(error?.message.contains("patch 6 has neighbors that are rarely equal") == true)
      }
    }
  }

  @Test("a vote that was asked for rounds what is nearly whole, counts the rest as it is, and tells")
  func askedVote() throws {
    let image = TestImage(Extent(width: 40 * 8, height: 1, depth: 1), .int16)
    try withPatches(of: image, "nii", .with(Extent(width: 8, height: 1), 0)) { _, folder, other in
      let odd: [Double] = [3, 3, 3, 3, 3, 3, 3.02, 0.3]
      for patch in other.manifest.grid {
        try write(patch.index == 6 ? odd : Self.ones, .float32, of: patch, in: other)
      }
      let report = try other.merge(to: "\(folder)/out.nii", options: .init(blend: .vote))
      #expect(abs(report.findings.largestLabelError - 0.3) < 1e-6)
      let values = try storedValues("\(folder)/out.nii")
      #expect(abs(values[55] - 0.3) < 1e-6 && values[54] == 3 && values[56] == 1)
    }
  }

  @Test(
    "one channel for each label is averaged, as numbers with fractions, and becomes labels where asked for")
  func oneHot() throws {
    // Label 3 against label 4 in the overlap: voted on channel by channel, no channel would win.
    func channels(_ label: Int) -> [Double] {
      (0..<5).flatMap { channel in [Double](repeating: channel == label ? 1 : 0, count: 8) }
    }
    try withTwoPatches(channels: 5, .uint8, first: channels(3), second: channels(4)) { other, folder in
      let report = try other.merge(to: "\(folder)/out.nii")
      #expect(report.choice.reason == .classes(channels: 5) && report.blend.name == "average")
      #expect(report.scalarType == .float32 && report.channels == 5)
      let values = try storedValues("\(folder)/out.nii")
      #expect(Array(values[36..<48]) == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0])
      let labels = try other.merge(to: "\(folder)/labels.nii", options: .init(outputKind: .labels))
      #expect(labels.scalarType == .uint8 && labels.channels == 1)
      #expect(try storedValues("\(folder)/labels.nii") == [3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4])
      let gaussian = PatchStore.MergeOptions(blend: .gaussian, outputKind: .labels)
      try other.merge(to: "\(folder)/gaussian.nii", options: gaussian)
      #expect(try storedValues("\(folder)/gaussian.nii") == [3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4])
      let asked = try other.merge(to: "\(folder)/asked.nii", options: .init(scalarType: .uint8))
      #expect(asked.scalarType == .uint8)
    }
  }

  @Test("labels cannot be made of one channel")
  func oneChannel() throws {
    try withTwoPatches(first: Self.ones, second: Self.threes) { other, folder in
      let error = try mergeError(other, folder, .init(outputKind: .labels), output: "out.nii")
      #expect(error?.code == .invalidOption && error?.message.contains("the patches have one") == true)
    }
  }

  @Test("a patch outside of 0 to 1 contradicts class probabilities")
  func classContradiction() throws {
    let image = TestImage(Extent(width: 320, height: 1, depth: 1), .int16)
    try withPatches(of: image, "nii", .with(Extent(width: 8, height: 1), 0)) { _, folder, other in
      for patch in other.manifest.grid {
        let values = [Double](repeating: patch.index == 6 ? 7 : 1, count: 16)
        try write(values, channels: 2, .uint8, of: patch, in: other)
      }
      let error = try mergeError(other, folder, output: "out.nii")
      #expect(error?.message.contains("patch 6 has values from 7.0 to 7.0") == true)
    }
  }

  @Test("labels that the type asked for cannot hold are refused, other values are counted")
  func narrowType() throws {
    let large = [Double](repeating: 1000, count: 8)
    try withTwoPatches(first: large, second: large) { other, folder in
      let error = try mergeError(other, folder, .init(scalarType: .uint8), output: "out.nii")
      #expect(error?.code == .typeMismatch && error?.remedy == .chooseScalarType)
      #expect(error?.message == "label 1000 does not fit uint8, which holds 0 to 255")
      let report = try other.merge(
        to: "\(folder)/out.nii", options: .init(blend: .average, scalarType: .uint8))
      #expect(report.saturatedValues == 12)
      #expect(try storedValues("\(folder)/out.nii") == [Double](repeating: 255, count: 12))
    }
    // A mean inside of the range counts as such, though one of its values is outside.
    try withTwoPatches(
      first: [0, 0, 0, 0, 500, 500, 0, 600], second: [0, 0, 0, 300, 1, 1, 1, -9]
    ) { other, folder in
      let report = try other.merge(
        to: "\(folder)/out.nii", options: .init(blend: .average, scalarType: .uint8))
      #expect(report.saturatedValues == 2)
      #expect(try storedValues("\(folder)/out.nii") == [0, 0, 0, 0, 250, 250, 0, 255, 1, 1, 1, 0])
    }
  }
}
