import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("The blend and the fill of a merge")
struct MergeBlendTests: MergeTests {
  @Test("labels are merged by vote and noise is averaged, unless a blend is given")
  func defaultBlend() throws {
    let extent = Extent(width: 20, height: 20, depth: 12)
    let settings = GridSettings.with(Extent(8), 2)
    let cases: [(TestImage, isVote: Bool, isDeclared: Bool)] = [
      (TestImage(extent, .int16, content: .regions), true, false),
      (TestImage(extent, .uint8, isLabelMap: true, content: .regions), true, true),
      // What the file says goes before what the values look like.
      (TestImage(extent, .uint8, isLabelMap: true), true, true),
      (TestImage(extent, .int16), false, false),
      // Many tools write labels as floating point.
      (TestImage(extent, .float32, content: .regions), true, false),
      (TestImage(extent, .float32), false, false),
    ]
    for (image, isVote, isDeclared) in cases {
      try withPatches(of: image, "nii", settings) { store, folder, _ in
        let report = try store.merge(to: "\(folder)/out.nii")
        #expect(report.blend.isVote == isVote && report.choice.isGuessed)
        #expect((report.choice.reason == .declaredLabels) == isDeclared)
        #expect(try ImageFormats.open("\(folder)/out.nii").info.isLabelMap == image.info.isLabelMap)
        let asked = try store.merge(to: "\(folder)/asked.nii", options: .init(blend: .maximum))
        #expect(asked.choice.reason == .asked && asked.blend.name == "maximum")
      }
    }
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

  @Test(
    "probabilities made from a label map are not labels, and labels made from a scan are marked as labels")
  func intent() throws {
    let labels = TestImage(Extent(width: 7, height: 6, depth: 5), .uint8, isLabelMap: true, content: .regions)
    try withPatches(of: labels) { store, folder, other in
      try store.transform(into: other.folder, as: Float.self) { old, _, _ in old / 21 }
      // Declared labels or not, thirds are none.
      #expect(try !other.merge(to: "\(folder)/out.nii").blend.isVote)
      #expect(try !ImageFormats.open("\(folder)/out.nii").info.isLabelMap)
    }
    try withPatches(of: Self.scan) { store, folder, other in
      for patch in store.manifest.grid {
        let values = try storedValues(store.path(of: patch)).map { UInt8($0 > 100 ? 1 : 0) }
        let image = TestImage(
          patch.region.extent, .uint8, isLabelMap: true,
          affine: TestImage.affine.moved(to: patch.region.origin))
        try image.write(
          try Volume(extent: patch.region.extent, voxels: values), to: other.path(of: patch))
      }
      let report = try other.merge(to: "\(folder)/out.nii")
      #expect(report.choice.reason == .declaredLabels)
      #expect(try ImageFormats.open("\(folder)/out.nii").info.isLabelMap)
    }
  }

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
}
