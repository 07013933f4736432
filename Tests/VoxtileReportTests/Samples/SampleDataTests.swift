import Testing
import Voxtile
import VoxtileStore
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("SampleData")
struct SampleDataTests {
  private func data(
    _ manifest: SampleManifest, names: [Int: String] = [:]
  ) -> SampleData {
    SampleData(manifest, title: "set", origin: .init(version: "1.2.3"), names: names)
  }

  @Test("labels, reasons and lesions are counted as the list says")
  func counts() throws {
    try withTemporaryFolder { folder in
      let manifest = try TrainingSet.make(in: folder)
      let data = data(manifest, names: [2: "tumor"])
      #expect(data.patchCount == 16 && data.patches.count == 16 && data.scans.count == 2)
      #expect(data.reasons.values.reduce(0, +) == 16 && data.reasons["negative"] == 4)
      #expect(data.labels.map(\.value) == [0, 1, 2] && data.labels[2].name == "tumor")
      #expect(data.labels.map(\.scanVoxels) == [2 * (30 * 26 * 22 - 84), 2 * 57, 2 * 27])
      for label in data.labels {
        let held = manifest.patches.compactMap { $0.voxels["\(label.value)"] }
        #expect(label.patchVoxels == held.reduce(0, +) && label.patches == held.count)
      }
      #expect(data.labels.map(\.patchVoxels).reduce(0, +) == 16 * 1000)
      // Two lesions of each scan are whole; the third is larger than a patch.
      #expect(data.componentCount == 6 && data.uncoveredCount == 0 && data.tooSmallCount == 0)
      #expect(data.times.first == SampleData.Times(times: 0, components: 2, tiled: 2))
      #expect(data.times.dropFirst().map(\.components).reduce(0, +) == 4)
      #expect(
        data.scans.allSatisfy { $0.whole == 2 && $0.tiled == 1 && $0.uncovered == 0 && $0.patches == 8 })
      #expect(data.components.prefix(2).allSatisfy { $0.coverage == .tiled && $0.voxels == 56 })
    }
  }

  @Test("what is in no patch comes first, and is a fault only where it had to be covered")
  func uncovered() throws {
    try withTemporaryFolder { folder in
      var manifest = try TrainingSet.make(in: folder, minLesion: 2)
      for scan in manifest.scans.indices {
        for component in manifest.scans[scan].components.indices {
          manifest.scans[scan].components[component].patches = 0
          manifest.scans[scan].components[component].coverage = .uncovered
        }
      }
      let data = data(manifest)
      #expect(data.uncoveredCount == 4 && data.tooSmallCount == 2)
      #expect(data.components.map(\.voxels) == [1, 1, 27, 27, 56, 56])
      #expect(data.components.map(\.isTooSmall) == [true, true, false, false, false, false])
      manifest.settings.cover = nil
      #expect(self.data(manifest).tooSmallCount == 0 && self.data(manifest).cover == nil)
    }
  }

  @Test("of very many patches and components the page shows some, and says how many")
  func leftOut() throws {
    try withTemporaryFolder { folder in
      var manifest = try TrainingSet.make(in: folder)
      while manifest.patches.count <= SampleData.mostPatches { manifest.patches += manifest.patches }
      let component = manifest.scans[0].components[0]
      manifest.scans[0].components = .init(repeating: component, count: SampleData.mostComponents + 1)
      let data = data(manifest)
      #expect(data.patches.count == SampleData.mostPatches && data.patchCount == manifest.patches.count)
      #expect(data.components.count == SampleData.mostComponents)
      #expect(data.componentCount == SampleData.mostComponents + 4)
      #expect(data.remarks.count == 2 && data.remarks.allSatisfy { $0.hasPrefix("The page shows") })
    }
  }

  @Test("each view names its plane and lies as in the world")
  func views() throws {
    try withTemporaryFolder { folder in
      let views = data(try TrainingSet.make(["one"], in: folder)).scans[0].views
      #expect(views.map(\.plane) == ["axial", "coronal", "sagittal"])
      #expect(
        views.map(\.axis) == [2, 1, 0] && views.map(\.across) == [0, 0, 1] && views.map(\.down) == [1, 2, 2])
      #expect(views.allSatisfy { !$0.isAcrossReversed && $0.isDownReversed })
    }
  }
}
