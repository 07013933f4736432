import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("What merged values become in the type of the file")
struct MergedValueTests: MergeTests {
  @Test("masks of 0 and 255 are classes as well; another value later contradicts, and a vote is warned of")
  func masks() throws {
    func channels(_ label: Int) -> [Double] {
      (0..<5).flatMap { channel in [Double](repeating: channel == label ? 255 : 0, count: 8) }
    }
    try withTwoPatches(channels: 5, .uint8, first: channels(3), second: channels(4)) { other, folder in
      try other.merge(to: "\(folder)/out.nii", options: .init(outputKind: .labels))
      #expect(try storedValues("\(folder)/out.nii") == [3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4])
      let values = try other.merge(to: "\(folder)/values.nii")
      #expect(values.choice.reason == .masks(channels: 5, value: 255) && values.blend.name == "average")
      #expect(values.scalarType == .float32 && !values.choice.votesOnEachClass)
      let voted = try other.merge(to: "\(folder)/voted.nii", options: .init(blend: .vote))
      #expect(voted.choice.votesOnEachClass)
    }
    // One patch of four is looked at first.
    let image = TestImage(Extent(width: 320, height: 1, depth: 1), .int16)
    try withPatches(of: image, "nii", .with(Extent(width: 8, height: 1), 4)) { store, folder, other in
      for patch in store.manifest.grid {
        var values = channels(3)
        if patch.index == store.manifest.grid.count - 2 { values[2] = 7 }
        try write(values, channels: 5, .uint8, of: patch, in: other)
      }
      let error = try mergeError(other, folder, .init(), output: "out.nii")
      #expect(error?.message.contains("has a value of 7, but those") == true, "\(error?.message ?? "")")
    }
  }

  @Test("what patches hold beyond the border, and NaN, contradicts no masks")
  func masksBeyondBorder() throws {
    // The last of 80 patches is not among those that are looked at first.
    let image = TestImage(Extent(width: 322, height: 1, depth: 1), .int16)
    var settings = GridSettings.with(Extent(width: 8, height: 1), 4)
    settings.edge = PerAxis(.pad(.end))
    try withPatches(of: image, "nii", settings) { store, folder, other in
      for patch in store.manifest.grid {
        var values: [Double] = [0, 0, 0, 0, 255, 255, 255, 255] + [255, 255, 255, 255, 0, 0, 0, 0]
        for x in 0..<8 where patch.region.origin.x + x >= 322 { values[x] = 9 }
        if patch.index == 0 { values[1] = .nan }
        try write(values, channels: 2, .float32, of: patch, in: other)
      }
      let report = try other.merge(to: "\(folder)/out.nii", options: .init(nan: .ignore))
      #expect(report.choice.reason == .masks(channels: 2, value: 255), "\(report.choice)")
    }
  }

  @Test("labels that a floating-point type cannot hold are refused, and are not voted as others")
  func labelsInFloats() throws {
    for (label, type, asked) in [
      (40_000_001.0, ScalarType.int32, ScalarType.float32), (0x1p53 + 2, .int64, .float32),
      (40_000_001, .float64, .float32),
    ] {
      let values = [Double](repeating: label, count: 8)
      try withTwoPatches(type, first: values, second: values) { other, folder in
        let options = PatchStore.MergeOptions(blend: .vote, scalarType: asked)
        let error = try mergeError(other, folder, options, output: "out.nii")
        #expect(
          error?.code == .typeMismatch && error?.message.contains("does not fit \(asked.rawValue)") == true)
        try other.merge(to: "\(folder)/out.nii", options: .init(blend: .vote, scalarType: .float64))
        #expect(try storedValues("\(folder)/out.nii") == [Double](repeating: label, count: 12))
      }
    }
    // Large, but one that a Float holds.
    let even = [Double](repeating: 40_000_000, count: 8)
    try withTwoPatches(.int32, first: even, second: even) { other, folder in
      try other.merge(to: "\(folder)/out.nii", options: .init(blend: .vote, scalarType: .float32))
      #expect(try storedValues("\(folder)/out.nii") == [Double](repeating: 40_000_000, count: 12))
    }
  }

  @Test("NaN that becomes 0 is counted")
  func zeroedNaN() throws {
    let values = [1.5, .nan, 2.5, 3.5, 4.5, .nan, 6.5, 7.5]
    try withTwoPatches(.float32, first: values, second: values) { other, folder in
      let report = try other.merge(to: "\(folder)/out.nii", options: .init(scalarType: .int16))
      #expect(report.zeroedNaNValues == 3)
      let kept = try other.merge(to: "\(folder)/kept.nii", options: .init())
      #expect(kept.zeroedNaNValues == 0)
    }
  }
}
