import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Files that are written to while they are read")
struct ChangedFileTests {
  private func make(_ path: String) throws {
    let extent = Extent(width: 4, height: 3, depth: 2)
    let writer = try ImageFormats.create(
      path, info: VolumeInfo(extent: extent, channels: 1, scalarType: .uint8))
    try [UInt8](repeating: 1, count: extent.voxelCount).withUnsafeBytes { bytes in
      try writer.write(bytes, slices: 0..<extent.depth)
    }
    try writer.finish()
  }

  @Test(
    "a change of the file of the voxels, or of that of the header, is found and the file named",
    arguments: [("a.nii", "a.nii"), ("a.nii.gz", "a.nii.gz"), ("a.hdr", "a.img"), ("a.hdr", "a.hdr")])
  func changed(opened: String, written: String) throws {
    try withTemporaryFolder { folder in
      try make("\(folder)/\(opened)")
      let reader = try ImageFormats.open("\(folder)/\(opened)")
      #expect(throws: Never.self) { try reader.checkFileUnchanged() }
      try rewriteByte(of: "\(folder)/\(written)")
      let error = #expect(throws: VoxtileError.self) { try reader.checkFileUnchanged() }
      #expect(error?.context.file == "\(folder)/\(written)")
      #expect(error?.message.contains("written to while it was read") == true)
    }
  }

  @Test("a file that is replaced by another of its name has been read whole", arguments: ["a.nii", "a.hdr"])
  func replaced(name: String) throws {
    try withTemporaryFolder { folder in
      try make("\(folder)/\(name)")
      let reader = try ImageFormats.open("\(folder)/\(name)")
      try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(folder)/b")
      #expect(rename("\(folder)/b", "\(folder)/\(name)") == 0)
      #expect(throws: Never.self) { try reader.checkFileUnchanged() }
    }
  }

  @Test("what has changed is said with both sizes")
  func words() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a"
      try Data([1, 2]).write(to: URL(filePath: path))
      let old = try #require(FileVersion(path))
      try Data([1, 2, 3]).write(to: URL(filePath: "\(folder)/b"))
      let other = try #require(FileVersion("\(folder)/b"))
      let replaced = VoxtileError.changedWhileRead(path, from: old, to: other)
      #expect(replaced.message.contains("was replaced while it was read: it had 2 bytes and now has 3"))
      #expect(VoxtileError.changedWhileRead(path, from: old, to: nil).context.found == "no file")
      #expect(FileVersion("\(folder)/none") == nil)
    }
  }
}
