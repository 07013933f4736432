import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Files of voxels beside a header")
struct DetachedDataTests {
  /// Writes one voxel, compressed where the header of the metadata says so.
  private func write(_ name: String, in folder: String, compressed: Bool) throws {
    var info = VolumeInfo(extent: Extent(1), scalarType: .uint8)
    if compressed {
      let isMeta = name.hasSuffix("mhd")
      let path = "\(TextHeaderTestFiles.fixtures)/\(isMeta ? "compressed-pair.mhd" : "gzip.nrrd")"
      info.metadata = try ImageFormats.open(path).info.metadata
    }
    let writer = try ImageFormats.create(
      "\(folder)/\(name)", info: info, options: WriteOptions(isReplacing: true))
    try [UInt8](arrayLiteral: 7).withUnsafeBytes { try writer.write($0, slices: 0..<1) }
    try writer.finish()
  }

  @Test(
    "voxels whose header is replaced go where the new ones have another name",
    arguments: [("a.mhd", "a.zraw", "a.raw")])
  func outdated(name: String, compressed: String, plain: String) throws {
    try withTemporaryFolder { folder in
      try write(name, in: folder, compressed: true)
      #expect(try fileNames(in: folder).sorted() == [name, compressed].sorted())
      try write(name, in: folder, compressed: false)
      #expect(try fileNames(in: folder).sorted() == [name, plain].sorted())
      #expect(try ImageFormats.open("\(folder)/\(name)").bytes() == [7])
      // What the header did not name is somebody's.
      try writeFile([1], to: "\(folder)/\(compressed)")
      try write(name, in: folder, compressed: false)
      #expect(try fileNames(in: folder).sorted() == [name, plain, compressed].sorted())
    }
  }

  @Test("voxels that another header may name stay")
  func shared() throws {
    try withTemporaryFolder { folder in
      try write("a.mhd", in: folder, compressed: true)
      try writeFile([], to: "\(folder)/a.nhdr")
      try write("a.mhd", in: folder, compressed: false)
      #expect(try fileNames(in: folder).sorted() == ["a.mhd", "a.nhdr", "a.raw", "a.zraw"])
    }
  }

  @Test("voxels of a pair of NIfTI that were compressed go, unless another header has them")
  func nifti() throws {
    try withTemporaryFolder { folder in
      try write("a.hdr", in: folder, compressed: false)
      for (others, kept) in [([], false), (["a.hdr.gz"], true)] as [([String], Bool)] {
        // Some programs compress the voxels of a pair alone.
        try writeNewFile([1], to: "\(folder)/a.img.gz")
        if others.isEmpty { try FileManager.default.removeItem(atPath: "\(folder)/a.img") }
        for other in others { try writeFile([1], to: "\(folder)/\(other)") }
        try write("a.hdr", in: folder, compressed: false)
        #expect(try fileNames(in: folder).contains("a.img.gz") == kept)
      }
    }
  }
}
