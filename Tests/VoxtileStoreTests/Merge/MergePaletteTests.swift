import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Patches of palette images")
struct MergePaletteTests {
  private static let palette: [VolumeInfo.Color] = [
    .init(red: 0, green: 0, blue: 0, alpha: 0), .init(red: 128, green: 0, blue: 0),
    .init(red: 0, green: 128, blue: 0), .init(red: 0, green: 0, blue: 255, alpha: 7),
  ]

  /// Writes indices into the palette.
  private func write(
    _ extent: Extent, palette: [VolumeInfo.Color]? = palette, to path: String, _ index: (Position) -> Int
  ) throws {
    let info = VolumeInfo(extent: extent, scalarType: .uint8, isLabelMap: true, palette: palette)
    let writer = try ImageFormats.create(path, info: info, options: WriteOptions(isReplacing: true))
    let voxels = extent.positions.map { UInt8(index($0)) }
    try writer.write(try Volume(extent: extent, voxels: voxels), slices: 0..<1)
    try writer.finish()
  }

  @Test("indices and palette pass through crop and merge, and a mean of them is refused")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      let extent = Extent(width: 24, height: 9)
      try write(extent, to: "\(folder)/in.png") { ($0.x / 5 + $0.y / 4) % 4 }
      let store = try PatchStore.crop(
        "\(folder)/in.png", into: "\(folder)/p", settings: .with(Extent(width: 8, height: 9), 3))
      #expect(try ImageFormats.open(store.path(of: store.manifest.grid[1])).info.palette == Self.palette)
      let opened = try PatchStore(contentsOf: "\(folder)/p")
      #expect(opened.manifest.source.palette == Self.palette)
      let report = try opened.merge(to: "\(folder)/out.png")
      #expect(report.blend.name == "vote" && report.choice.reason == .declaredLabels)
      #expect(try storedBytes("\(folder)/out.png") == storedBytes("\(folder)/in.png"))
      #expect(try ImageFormats.open("\(folder)/out.png").info.palette == Self.palette)
      #expect(try opened.verify(against: "\(folder)/in.png").findings.isEmpty)
      let error = #expect(throws: VoxtileError.self) {
        try opened.merge(to: "\(folder)/mean.png", options: .init(blend: .gaussian))
      }
      #expect(error?.code == .invalidOption && error?.message.contains("indices into a palette") == true)
      try opened.merge(to: "\(folder)/center.png", options: .init(blend: .center))
      #expect(try storedBytes("\(folder)/center.png") == storedBytes("\(folder)/in.png"))
    }
  }

  @Test("the palette of another tool's patches becomes that of the merged image, and there is one")
  func otherTool() throws {
    try withTemporaryFolder { folder in
      let extent = Extent(width: 12, height: 5)
      try Volume<UInt8>(extent: extent, repeating: 200).write(to: "\(folder)/in.png")
      let store = try PatchStore.crop(
        "\(folder)/in.png", into: "\(folder)/p", settings: .with(Extent(width: 8, height: 5), 4))
      for patch in store.manifest.grid {
        try write(patch.region.extent, to: store.path(of: patch)) { _ in 1 + 2 * patch.index }
      }
      try store.merge(to: "\(folder)/out.png")
      #expect(try ImageFormats.open("\(folder)/out.png").info.palette == Self.palette)
      #expect(try storedBytes("\(folder)/out.png")[0..<12] == [1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3])
      let last = store.manifest.grid[1]
      try write(last.region.extent, palette: Self.palette.reversed(), to: store.path(of: last)) { _ in 1 }
      let error = #expect(throws: VoxtileError.self) { try store.merge(to: "\(folder)/mixed.png") }
      #expect(error?.code == .typeMismatch && error?.message.contains("another palette") == true)
    }
  }

  @Test("a value without a color is refused, and nothing is left")
  func noColor() throws {
    try withTemporaryFolder { folder in
      let error = #expect(throws: VoxtileError.self) {
        try write(Extent(width: 4, height: 2), to: "\(folder)/bad.png") { $0.x == 3 ? 4 : 0 }
      }
      #expect(
        error?.message.hasPrefix("the value 4 at (3, 0) has no color in the palette of 4 colors") == true)
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/bad.png"))
    }
  }

  @Test("a volume that was read keeps its palette as long as its values have colors")
  func volume() throws {
    try withTemporaryFolder { folder in
      try write(Extent(width: 4, height: 2), to: "\(folder)/a.png") { $0.x }
      var volume = try Volume<UInt8>(contentsOf: "\(folder)/a.png")
      try volume.write(to: "\(folder)/b.png")
      #expect(try ImageFormats.open("\(folder)/b.png").info.palette == Self.palette)
      volume[x: 0, y: 0] = 9
      try volume.write(to: "\(folder)/c.png")
      #expect(try ImageFormats.open("\(folder)/c.png").info.palette == nil)
      #expect(try Volume<UInt8>(contentsOf: "\(folder)/c.png").voxels == volume.voxels)
    }
  }
}
