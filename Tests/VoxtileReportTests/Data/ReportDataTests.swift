import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("ReportData")
struct ReportDataTests {
  private static let extent = Extent(width: 11, height: 8, depth: 6)

  private static let metadata = VolumeMetadata(
    affine: Affine(rows: [[-2, 0, 0, 10], [0, 1.5, 0, -20], [0, 0, 2.5, 30]]))

  private func withImage<Scalar: VoxelScalar>(
    _ voxels: [Scalar], channels: Int = 1, _ body: (_ folder: String, _ path: String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      var volume = try Volume(extent: Self.extent, channels: channels, voxels: voxels)
      volume.metadata = Self.metadata
      try volume.write(to: "\(folder)/a.nii.gz")
      try body(folder, "\(folder)/a.nii.gz")
    }
  }

  private func noise(_ count: Int) -> [Int16] {
    var random = SplitMix64(seed: 2)
    return (0..<count).map { _ in Int16.random(in: -900...900, using: &random) }
  }

  @Test(
    "the coverage equals a brute-force count",
    arguments: [EdgePolicy.shift, .discard, .balance, .pad(.end), .pad(.both), .partial])
  func coverage(edge: EdgePolicy) throws {
    try withImage(noise(Self.extent.voxelCount)) { _, path in
      let grid = try PatchGrid(
        over: Self.extent, patch: Extent(width: 4, height: 5, depth: 3), overlap: .voxels(2), edge: edge)
      let data = try ReportData(ReportRequest(image: path, grid: grid))
      let naive = naiveCoverage(extent: Self.extent, regions: grid.map(\.region))
      for (position, count) in zip(Self.extent.positions, naive) {
        #expect(
          data.coverage.x[position.x] * data.coverage.y[position.y] * data.coverage.z[position.z] == count)
      }
      var histogram: [Int: Int] = [:]
      for count in naive { histogram[count, default: 0] += 1 }
      #expect(data.coverage.histogram == histogram.sorted { $0.key < $1.key }.map { [$0.key, $0.value] })
      for patch in grid {
        let place = patch.gridPosition
        let ranges = [data.patches.x[place.x], data.patches.y[place.y], data.patches.z[place.z]]
        #expect(ranges == Axis.allCases.map { [patch.region[$0].lowerBound, patch.region[$0].upperBound] })
      }
    }
  }

  @Test("a small image is shown at full resolution with its exact values and its orientation")
  func values() throws {
    // With fewer than 256 distinct values, every value is a level.
    let voxels = noise(Self.extent.voxelCount).map { $0 / 10 }
    try withImage(voxels) { _, path in
      let grid = try PatchGrid(over: Self.extent, patch: Extent(4), overlap: .voxels(1))
      let data = try ReportData(ReportRequest(image: path, grid: grid))
      let layer = try #require(data.layers.first)
      #expect(layer.kind == .intensity && layer.extent == Self.extent.sizes.all)
      #expect(layer.bytes.map { layer.levels[Int($0) - 1] } == voxels.map { Double($0) })
      #expect(data.place.orientation == "LAS" && data.title == "a.nii.gz" && data.merge == nil)
    }
  }

  @Test("an image that is written to while it is read is an error that names it")
  func changedImage() throws {
    try withImage(noise(Self.extent.voxelCount)) { _, path in
      var request = ReportRequest(
        image: path, grid: try PatchGrid(over: Self.extent, patch: Extent(4), overlap: .voxels(1)))
      request.check = { try rewriteByte(of: path) }
      let error = #expect(throws: VoxtileError.self) { try ReportData(request) }
      #expect(error?.context.file == path && error?.message.contains("written to while it was read") == true)
    }
  }

  @Test("labels are detected from their values and have volumes in ml")
  func labels() throws {
    let voxels = Self.extent.positions.map { UInt8($0.x < 4 ? 0 : $0.y < 3 ? 1 : 7) }
    try withImage(voxels) { _, path in
      let grid = try PatchGrid(over: Self.extent, patch: Extent(4), overlap: .voxels(1))
      let layer = try #require(try ReportData(ReportRequest(image: path, grid: grid)).layers.first)
      #expect(layer.kind == .labels && layer.levels == [0, 1, 7])
      let labels = try #require(layer.labels)
      #expect(labels.map(\.value) == [7, 0, 1] && labels.map(\.voxels) == [210, 192, 126])
      #expect(labels.allSatisfy { abs($0.milliliters - Double($0.voxels) * 7.5 / 1000) < 1e-9 })
    }
  }

  @Test("each channel is a layer, and a channel that does not exist is an error")
  func channels() throws {
    let count = Self.extent.voxelCount
    let voxels = [Float](repeating: 1.5, count: count) + [Float](repeating: .nan, count: count)
    try withImage(voxels, channels: 2) { _, path in
      let grid = try PatchGrid(over: Self.extent, patch: Extent(4), overlap: .voxels(1))
      var request = ReportRequest(image: path, grid: grid)
      let both = try ReportData(request).layers
      #expect(both.map(\.name) == ["image, channel 1 of 2", "image, channel 2 of 2"])
      #expect(both[0].levels == [1.5] && both[0].bytes.allSatisfy { $0 == 1 })
      #expect(both[1].levels.isEmpty && both[1].bytes.allSatisfy { $0 == 0 })
      request.channels = [1]
      #expect(try ReportData(request).layers.map(\.name) == ["image, channel 2 of 2"])
      request.channels = [2]
      #expect {
        _ = try ReportData(request)
      } throws: { error in
        (error as? VoxtileError)?.message.contains("channel 3 does not exist") == true
      }
      // The merged image may have more channels than the source image.
      var merged = Volume<Float>(extent: Self.extent, channels: 3)
      merged.metadata = Self.metadata
      try merged.write(to: "\(path).merged.nii")
      request.merged = "\(path).merged.nii"
      let layers = try ReportData(request).layers
      #expect(layers.contains { $0.name == "merged, channel 3 of 3" }, "\(layers.map(\.name))")
    }
  }

  @Test("a patch folder without its image is drawn from its patches, and lists their files")
  func folder() throws {
    let voxels = noise(Self.extent.voxelCount).map { $0 / 10 }
    try withImage(voxels) { folder, path in
      let settings = GridSettings(patch: Extent(4), overlap: .voxels(2), edge: .pad(.both))
      let store = try PatchStore.crop(path, into: "\(folder)/patches", settings: settings)
      let data = try ReportData(ReportRequest(store: store))
      let layer = try #require(data.layers.first)
      #expect(layer.bytes.map { layer.levels[Int($0) - 1] } == voxels.map { Double($0) })
      #expect(
        data.patches.files == store.manifest.entries.map(\.file) && data.patches.files?.isEmpty == false)
      #expect(data.title == "a.nii.gz" && data.summary.extent == Self.extent.sizes.all)
    }
  }

  @Test("a merged image is compared with the original, and a merged label map becomes an overlay")
  func merged() throws {
    try withImage(noise(Self.extent.voxelCount)) { folder, path in
      let store = try PatchStore.crop(
        path, into: "\(folder)/patches", settings: GridSettings(patch: Extent(4), overlap: .voxels(2)))
      try store.merge(to: "\(folder)/merged.nii")
      var request = ReportRequest(store: store, image: path)
      request.merged = "\(folder)/merged.nii"
      let same = try ReportData(request)
      #expect(same.layers.map(\.kind) == [.intensity, .intensity, .difference])
      #expect(
        same.merge?.difference?.differing == 0 && same.merge?.difference?.values == Self.extent.voxelCount)
      #expect(same.merge?.seams.planes.allSatisfy { $0.score == $0.originalScore } == true)
      let labels = try Volume(
        extent: Self.extent, voxels: Self.extent.positions.map { UInt8($0.z < 3 ? 0 : 2) },
        metadata: Self.metadata)
      try labels.write(to: "\(folder)/labels.nii")
      request.merged = "\(folder)/labels.nii"
      let other = try ReportData(request)
      #expect(other.layers.map(\.role) == [.base, .overlay] && other.layers[1].kind == .labels)
      #expect(other.merge?.difference == nil && other.merge?.seams.original == nil)
      // Probabilities are no intensities that differ.
      let probabilities = try Volume(
        extent: Self.extent, voxels: Self.extent.positions.map { Float($0.x + $0.z) / 100 },
        metadata: Self.metadata)
      try probabilities.write(to: "\(folder)/probabilities.nii")
      request.merged = "\(folder)/probabilities.nii"
      let likely = try ReportData(request)
      #expect(likely.layers.map(\.role) == [.base, .overlay] && likely.layers[1].kind == .intensity)
      #expect(likely.layers[1].window == [0, 1] && likely.merge?.difference == nil)
    }
  }

  @Test(
    "an image that lies elsewhere is refused as overlay, as merged image and as the image of a patch folder")
  func elsewhere() throws {
    try withImage(noise(Self.extent.voxelCount)) { folder, path in
      let store = try PatchStore.crop(
        path, into: "\(folder)/patches", settings: GridSettings(patch: Extent(4), overlap: .voxels(2)))
      let grid = store.manifest.grid
      let mirrored = Affine(rows: [[2, 0, 0, -10], [0, 1.5, 0, -20], [0, 0, 2.5, 30]])
      for (name, affine) in [
        ("far", Self.metadata.affine.moved(to: Position(x: 0, y: 0, z: 9))), ("flip", mirrored),
      ] {
        var volume = Volume<Int16>(extent: Self.extent)
        volume.metadata = VolumeMetadata(affine: affine)
        let other = "\(folder)/\(name).nii"
        try volume.write(to: other)
        var overlay = ReportRequest(image: path, grid: grid)
        overlay.overlays = [other]
        var merged = ReportRequest(store: store, image: path)
        merged.merged = other
        for request in [overlay, merged, ReportRequest(store: store, image: other)] {
          let error = #expect(throws: VoxtileError.self) { try ReportData(request) }
          #expect(error?.code == .shapeMismatch && error?.context.file == other, "\(name)")
          #expect(error?.message.contains("lies elsewhere than") == true, "\(name)")
        }
      }
    }
  }

  @Test("a PNG has pixels, no orientation and no mm; a NIfTI file without a place has voxel sizes only")
  func places() throws {
    try withTemporaryFolder { folder in
      let extent = Extent(width: 12, height: 9)
      try Volume<UInt8>(extent: extent).write(to: "\(folder)/a.png")
      let grid = try PatchGrid(over: extent, patch: Extent(width: 4, height: 4), overlap: .voxels(0))
      let picture = try ReportData(ReportRequest(image: "\(folder)/a.png", grid: grid))
      #expect(picture.place.orientation == nil && picture.summary.isPlanar && !picture.summary.hasSpacing)
      let store = try PatchStore.crop("\(folder)/a.png", into: "\(folder)/p", settings: grid.settings)
      let patches = try ReportData(ReportRequest(store: try PatchStore(contentsOf: store.folder)))
      #expect(patches.place.orientation == nil && patches.summary.isPlanar && !patches.summary.hasSpacing)
      try Volume<UInt8>(extent: Extent(8)).write(to: "\(folder)/a.nii")
      var bytes = try fileBytes("\(folder)/a.nii")
      for offset in 252..<256 { bytes[offset] = 0 }
      try writeFile(bytes, to: "\(folder)/a.nii")
      let cube = try PatchGrid(over: Extent(8), patch: Extent(4), overlap: .voxels(0))
      let volume = try ReportData(ReportRequest(image: "\(folder)/a.nii", grid: cube))
      #expect(volume.place.orientation == nil && !volume.summary.isPlanar && volume.summary.hasSpacing)
    }
  }

  @Test("an image whose size differs from the grid is an error that names the file")
  func otherSize() throws {
    try withImage(noise(Self.extent.voxelCount)) { _, path in
      let grid = try PatchGrid(over: Extent(12), patch: Extent(4), overlap: .voxels(1))
      #expect {
        _ = try ReportData(ReportRequest(image: path, grid: grid))
      } throws: { error in
        let error = error as? VoxtileError
        return error?.code == .shapeMismatch && error?.context.file == path
      }
    }
  }

  @Test("a 2D color image has three planes and no orientation")
  func colors() throws {
    try withTemporaryFolder { folder in
      let extent = Extent(width: 5, height: 4)
      let voxels = (0..<60).map { UInt8($0 * 4) }
      try Volume(extent: extent, channels: 3, voxels: voxels).write(to: "\(folder)/a.png")
      let grid = try PatchGrid(over: extent, patch: Extent(width: 3, height: 3), overlap: .voxels(1))
      let data = try ReportData(ReportRequest(image: "\(folder)/a.png", grid: grid))
      #expect(data.layers.first?.kind == .color && data.layers.first?.bytes == voxels)
      #expect(data.place.orientation == nil)
    }
  }
}
