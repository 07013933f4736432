import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Chunks and versions of Zarr")
struct ChunkOptionsTests {
  @Test("crop, merge and convert write chunks and versions as asked")
  func asked() throws {
    try withProgram { voxtile in
      try voxtile.makeImage("in.nii", Extent(width: 20, height: 14, depth: 12))
      let crop = try voxtile(
        "crop", "in.nii", "--patch", "10", "--overlap", "2", "--format", "zarr", "--chunk", "5x4x3",
        "--zarr-version", "2", "--output", "p")
      guard crop.status == 0 else {
        #expect(crop.messages.contains("libzstd1"))
        return
      }
      #expect(try voxtile("verify", "p", "--against", "in.nii").status == 0)
      #expect(try voxtile("info", "p/patch_0000_x000_y000_z000.zarr").output.contains("3 x 4 x 5"))
      #expect(try voxtile("merge", "p", "--chunk", "6", "--output", "m.zarr").status == 0)
      #expect(try voxtile.voxels("m.zarr") == voxtile.voxels("in.nii"))
      #expect(try voxtile("info", "m.zarr").output.contains("6 x 6 x 6"))
      #expect(try voxtile("convert", "m.zarr", "c.zarr", "--zarr-version", "2").status == 0)
      #expect(try voxtile("info", "c.zarr").output.contains("Zarr v2"))
    }
  }

  @Test("they are refused where no store is written")
  func refused() throws {
    try withProgram { voxtile in
      try voxtile.makeImage("in.nii", Extent(6))
      for arguments in [
        ["convert", "in.nii", "out.nii", "--chunk", "4"],
        ["crop", "in.nii", "--patch", "4", "--output", "p", "--zarr-version", "2"],
      ] {
        let run = try voxtile.run(arguments)
        #expect(run.status == 64 && run.messages.contains("is for OME-Zarr, but NIfTI is written"))
      }
      let none = try voxtile("convert", "in.nii", "out.zarr", "--chunk", "0")
      #expect(none.status == 64 && none.messages.contains("at least 1 voxel"))
    }
  }
}
