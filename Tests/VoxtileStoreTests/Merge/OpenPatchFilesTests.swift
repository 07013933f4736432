import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Open patch files") struct OpenPatchFilesTests {
  @Test("uncompressed files stay open, compressed ones and more than the limit do not")
  func kept() throws {
    try withTemporaryFolder { folder in
      let image = TestImage(Extent(4), channels: 1, .uint8)
      for ending in ["nii", "nii.gz"] { try image.write(to: "\(folder)/a.\(ending)") }
      let grid = try PatchGrid(
        over: Extent(width: OpenPatchFiles.largestCount + 1, height: 1), patch: Extent(width: 1, height: 1),
        overlap: .voxels(0))
      var files = OpenPatchFiles()
      files.keep(try ImageFormats.open("\(folder)/a.nii.gz"), of: grid[0])
      #expect(files.reader(of: grid[0]) == nil)
      let plain = try ImageFormats.open("\(folder)/a.nii")
      for patch in grid { files.keep(plain, of: patch) }
      #expect(grid.filter { files.reader(of: $0) != nil }.count == OpenPatchFiles.largestCount)
      #expect((1...256).contains(OpenPatchFiles.largestCount))
    }
  }
}
