import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Open patch files") struct OpenPatchFilesTests {
  @Test("files stay open up to a limit, and can be read after their buffers were given back")
  func kept() throws {
    try withTemporaryFolder { folder in
      let image = TestImage(Extent(4), channels: 1, .uint8)
      for ending in ["nii", "nii.gz"] { try image.write(to: "\(folder)/a.\(ending)") }
      let grid = try PatchGrid(
        over: Extent(width: OpenPatchFiles.largestCount + 1, height: 1), patch: Extent(width: 1, height: 1),
        overlap: .voxels(0))
      var files = OpenPatchFiles()
      for ending in ["nii.gz", "nii", "png"] {
        let path = "\(folder)/b.\(ending)"
        let flat = TestImage(Extent(width: 4, height: 4), channels: 1, .uint8)
        try flat.write(to: path)
        var kept = OpenPatchFiles()
        kept.keep(try ImageFormats.open(path), of: grid[0])
        let reader = try #require(kept.reader(of: grid[0]), "\(ending)")
        for _ in 0..<2 {
          let voxels: Volume<UInt8> = try reader.read()
          #expect(voxels == (try ImageFormats.open(path).read() as Volume<UInt8>), "\(ending)")
          kept.release(grid[0])
        }
      }
      let plain = try ImageFormats.open("\(folder)/a.nii")
      for patch in grid { files.keep(plain, of: patch) }
      #expect(grid.filter { files.reader(of: $0) != nil }.count == OpenPatchFiles.largestCount)
      #expect((1...256).contains(OpenPatchFiles.largestCount))
    }
  }
}
