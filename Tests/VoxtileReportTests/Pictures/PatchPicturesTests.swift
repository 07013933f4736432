import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("Pictures of patch files")
struct PatchPicturesTests {
  private static let extent = Extent(width: 24, height: 16, depth: 12)
  private static let settings = GridSettings(
    patch: Extent(width: 12, height: 8, depth: 6), overlap: .voxels(0))

  /// Cuts an image into a folder, changes patch files with `change`, and draws them.
  private func pictures(
    _ change: (_ store: PatchStore) throws -> Void
  ) throws -> ReportData.PatchPictures {
    try withTemporaryFolder { folder in
      let image = try Volume(
        extent: Self.extent, voxels: Self.extent.positions.map { Int16(100 + 10 * $0.x + $0.y + 3 * $0.z) })
      try image.write(to: "\(folder)/a.nii")
      let store = try PatchStore.crop(
        "\(folder)/a.nii", into: "\(folder)/patches", settings: Self.settings)
      try change(store)
      let data = try ReportData(ReportRequest(store: store, image: "\(folder)/a.nii"))
      return try #require(data.patchPictures)
    }
  }

  /// The values of one picture, in rows of the file.
  private func values(_ pictures: ReportData.PatchPictures, _ place: Int) -> [Double] {
    let count = pictures.layer.extent[0] * pictures.layer.extent[1]
    return pictures.layer.bytes[place * count..<(place + 1) * count].map { byte in
      byte == 0 ? .nan : pictures.layer.levels[Int(byte) - 1]
    }
  }

  @Test("each picture is the middle slice of its file, in the window of the image")
  func slices() throws {
    let pictures = try pictures { _ in }
    #expect(pictures.layer.kind == .intensity && pictures.layer.extent == [12, 8, 8])
    #expect(pictures.indices == Array(0..<8) && pictures.unread.isEmpty)
    #expect(pictures.hasWindowOfImage && pictures.competingChannels == nil)
    for patch in try PatchGrid(over: Self.extent, settings: Self.settings) {
      let origin = patch.region.origin
      let expected = (0..<96).map { pixel in
        Double(100 + 10 * (origin.x + pixel % 12) + origin.y + pixel / 12 + 3 * (origin.z + 2))
      }
      // At most 255 of the values are kept as they are.
      for (found, wanted) in zip(values(pictures, patch.index), expected) { #expect(abs(found - wanted) < 4) }
    }
  }

  @Test("files of labels are labels, whatever the image is")
  func labels() throws {
    let pictures = try pictures { store in
      for patch in store.manifest.grid {
        let voxels = patch.region.extent.positions.map { UInt8($0.x < 6 ? patch.index : 9) }
        try Volume(extent: patch.region.extent, voxels: voxels)
          .write(to: store.path(of: patch), options: WriteOptions(isReplacing: true))
      }
    }
    #expect(pictures.layer.kind == .labels && !pictures.hasWindowOfImage)
    #expect(values(pictures, 3) == (0..<96).map { $0 % 12 < 6 ? 3 : 9 })
  }

  @Test("files with a channel for each label show the largest of them")
  func channels() throws {
    let pictures = try pictures { store in
      for patch in store.manifest.grid {
        let extent = patch.region.extent
        let voxels = (0..<3).flatMap { channel in
          extent.positions.map { Float(channel == ($0.y < 4 ? 2 : patch.index % 2) ? 0.6 : 0.2) }
        }
        try Volume(extent: extent, channels: 3, voxels: voxels)
          .write(to: store.path(of: patch), options: WriteOptions(isReplacing: true))
      }
    }
    #expect(pictures.competingChannels == 3 && pictures.layer.kind == .labels)
    #expect(values(pictures, 5) == (0..<96).map { $0 / 12 < 4 ? 2 : 1 })
  }

  @Test("a file that is missing or has another size is listed, and the others are drawn")
  func faults() throws {
    let pictures = try pictures { store in
      try FileManager.default.removeItem(atPath: store.path(of: store.manifest.grid[1]))
      let small = Extent(width: 12, height: 8, depth: 5)
      try Volume(extent: small, voxels: [Int16](repeating: 0, count: small.voxelCount))
        .write(to: store.path(of: store.manifest.grid[6]), options: WriteOptions(isReplacing: true))
    }
    #expect(pictures.indices == [0, 2, 3, 4, 5, 7])
    #expect(pictures.unread.map(\.index) == [1, 6])
    #expect(pictures.unread[1].fault.contains("is 12x8x5, should be 12x8x6"))
    #expect(!values(pictures, 1).contains { $0.isNaN })
  }

  @Test("a file that lies elsewhere is listed")
  func swapped() throws {
    let pictures = try pictures { store in
      let (one, other) = (store.path(of: store.manifest.grid[2]), store.path(of: store.manifest.grid[5]))
      try FileManager.default.removeItem(atPath: one)
      try FileManager.default.copyItem(atPath: other, toPath: one)
    }
    #expect(pictures.unread.map(\.index) == [2])
    #expect(pictures.unread[0].fault.contains("where patch 5 lies"), "\(pictures.unread)")
  }

  @Test("without the image, a file that cannot be read leaves a gap")
  func gap() throws {
    try withTemporaryFolder { folder in
      let image = try Volume(extent: Self.extent, voxels: Self.extent.positions.map { Int16(1 + $0.x) })
      try image.write(to: "\(folder)/a.nii")
      let store = try PatchStore.crop("\(folder)/a.nii", into: "\(folder)/patches", settings: Self.settings)
      try writeFile([1, 2, 3], to: store.path(of: store.manifest.grid[0]))
      let data = try ReportData(ReportRequest(store: store))
      let layer = data.layers[0]
      #expect(data.patchPictures?.unread.map(\.index) == [0] && layer.extent == [24, 16, 12])
      #expect(layer.bytes[0] == 0 && layer.bytes[12] != 0)
      for patch in store.manifest.grid { try writeFile([1], to: store.path(of: patch)) }
      #expect { try ReportData(ReportRequest(store: store)) } throws: { error in
        (error as? VoxtileError)?.remedy == .nameSourceImage
      }
    }
  }

  @Test("without the image, damage behind the middle slice is found, and files with other channels")
  func damage() throws {
    try withTemporaryFolder { folder in
      let image = try Volume(extent: Self.extent, voxels: Self.extent.positions.map { Int16(1 + $0.x) })
      try image.write(to: "\(folder)/a.nii.gz")
      let store = try PatchStore.crop(
        "\(folder)/a.nii.gz", into: "\(folder)/patches", settings: Self.settings)
      let grid = store.manifest.grid
      // The checksum at the end.
      var bytes = try fileBytes(store.path(of: grid[3]))
      bytes[bytes.count - 6] ^= 1
      try writeFile(bytes, to: store.path(of: grid[3]))
      let extent = grid[6].region.extent
      try Volume(extent: extent, channels: 2, voxels: [Int16](repeating: 5, count: 2 * extent.voxelCount))
        .write(to: store.path(of: grid[6]), options: WriteOptions(isReplacing: true))
      let pictures = try #require(try ReportData(ReportRequest(store: store)).patchPictures)
      #expect(pictures.unread.map(\.index) == [3, 6], "\(pictures.unread)")
      #expect(pictures.unread.last?.fault.contains("has 2 channels, and the first file has 1") == true)
      let beside = try #require(
        try ReportData(ReportRequest(store: store, image: "\(folder)/a.nii.gz")).patchPictures)
      #expect(beside.unread.last?.fault == "its channels are not those of the first file")
    }
  }

  @Test("of very many patches, of which there are no pictures, a damaged file is an error without the image")
  func many() throws {
    try withTemporaryFolder { folder in
      let extent = Extent(width: 36, height: 35, depth: 1)
      try Volume(extent: extent, voxels: [UInt8](repeating: 1, count: extent.voxelCount)).write(
        to: "\(folder)/a.nii")
      let settings = GridSettings(patch: Extent(1), overlap: .voxels(0))
      let store = try PatchStore.crop("\(folder)/a.nii", into: "\(folder)/patches", settings: settings)
      #expect(try ReportData(ReportRequest(store: store)).patchPictures == nil)
      try writeFile([1], to: store.path(of: store.manifest.grid[700]))
      let error = #expect(throws: VoxtileError.self) { try ReportData(ReportRequest(store: store)) }
      #expect(error?.remedy == .nameSourceImage && error?.context.file?.contains("patch_0700") == true)
    }
  }

  @Test("there are none without a patch folder, and none of very many patches")
  func none() throws {
    try withTemporaryFolder { folder in
      let image = try Volume(
        extent: Self.extent, voxels: [UInt8](repeating: 1, count: Self.extent.voxelCount))
      try image.write(to: "\(folder)/a.nii")
      let grid = try PatchGrid(over: Self.extent, settings: Self.settings)
      #expect(try ReportData(ReportRequest(image: "\(folder)/a.nii", grid: grid)).patchPictures == nil)
      let settings = GridSettings(patch: Extent(width: 1, height: 2, depth: 2), overlap: .voxels(0))
      let store = try PatchStore.crop("\(folder)/a.nii", into: "\(folder)/patches", settings: settings)
      #expect(store.manifest.grid.count == 1152)
      #expect(try ReportData(ReportRequest(store: store, image: "\(folder)/a.nii")).patchPictures != nil)
    }
  }
}
