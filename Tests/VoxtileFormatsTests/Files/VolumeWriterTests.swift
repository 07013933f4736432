import Foundation
import Testing
import Voxtile
import VoxtileFormats

@Suite("Volume writers") struct VolumeWriterTests {
  @Test(
    "a slab of another type or shape is refused, not written as other numbers",
    arguments: ["nii", "nii.gz", "png"])
  func mismatches(ending: String) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "voxtile-test-\(UUID()).\(ending)").path
    let info = VolumeInfo(extent: Extent(width: 4, height: 2), scalarType: .uint16)
    let writer = try ImageFormats.create(path, info: info)
    let type = #expect(throws: VoxtileError.self) {
      try writer.write(Volume<Int16>(extent: info.extent), slices: 0..<1)
    }
    #expect(type?.code == .typeMismatch)
    for wrong in [
      Volume<UInt16>(extent: Extent(width: 2, height: 4)),
      Volume<UInt16>(extent: Extent(width: 2, height: 2), channels: 2),
    ] {
      let shape = #expect(throws: VoxtileError.self) { try writer.write(wrong, slices: 0..<1) }
      #expect(shape?.code == .shapeMismatch)
    }
    // The writer is as it was before.
    let right = try Volume(extent: info.extent, voxels: [1, 2, 3, 4, 5, 6, 7, 65535] as [UInt16])
    try writer.write(right, slices: 0..<1)
    try writer.finish()
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try Volume<UInt16>(contentsOf: path) == right)
  }
}
