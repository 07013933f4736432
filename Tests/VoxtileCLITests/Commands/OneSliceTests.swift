import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

/// A volume of one slice, and images of which only the size is known.
@Suite("One slice, and sizes without a file")
struct OneSliceTests {
  /// Writes a NIfTI file of three dimensions.
  private func makeSlices(_ program: Program, _ name: String, depth: Int) throws {
    let extent = Extent(width: 20, height: 18, depth: depth)
    var volume = try Volume(extent: extent, voxels: (0..<extent.voxelCount).map { Int16($0) })
    volume.metadata = VolumeMetadata(spatialRank: 3)
    try volume.write(to: program.path(name))
  }

  @Test(
    "one slice of a volume is cut and padded as two slices are, and merged back", arguments: ["8", "8x8x8"])
  func padded(patch: String) throws {
    try withProgram { program in
      for depth in [1, 2] {
        let name = "s\(depth).nii"
        try makeSlices(program, name, depth: depth)
        let crop = try program("crop", name, "--patch", patch, "--edge", "pad", "-o", "p\(depth)")
        #expect(crop.status == 0 && crop.output.hasPrefix("9 patches of 8x8x8 in p\(depth)"), "\(crop)")
        #expect(try program("merge", "p\(depth)", "-o", "m\(depth).nii").status == 0)
        #expect(try program.voxels("m\(depth).nii") == program.voxels(name))
        #expect(try program.info("m\(depth).nii").isPlanar == false)
        // Without padding neither is deep enough.
        let refused = try program("crop", name, "--patch", patch, "-o", "q")
        #expect(
          refused.status == 1 && refused.messages.contains("patch depth 8 exceeds image depth \(depth)"),
          "\(refused)")
      }
      let info = try program("info", "s1.nii")
      #expect(info.output.contains("extent       20x18x1 voxels"), "\(info.output)")
    }
  }

  @Test("one slice can also be cut in its plane")
  func flat() throws {
    try withProgram { program in
      try makeSlices(program, "s.nii", depth: 1)
      for patch in ["8x8", "8x8x1"] {
        let crop = try program("crop", "s.nii", "--patch", patch, "-o", "p\(patch)")
        #expect(crop.status == 0 && crop.output.hasPrefix("9 patches of 8x8 in"), "\(crop)")
      }
    }
  }

  @Test("a patch with a depth over a 2D image is wrong usage that says what to use")
  func depthOverPicture() throws {
    try withProgram { program in
      try program.makeImage("a.png", Extent(width: 30, height: 20), as: UInt8.self, limit: 255)
      let run = try program("plan", "a.png", "--patch", "8x9x8", "--edge", "pad")
      #expect(
        run.status == 64 && run.messages.contains("has a depth, but the image is 2D; use --patch 8x9"),
        "\(run)")
    }
  }

  @Test("a size is planned without a file, in pixels or voxels, and what is assumed is said")
  func sizes() throws {
    try withProgram { program in
      let planar = try program("plan", "512x512", "--patch", "96")
      #expect(
        planar.status == 0 && planar.output.contains("image       512x512 pixels, float32\n"), "\(planar)")
      #expect(planar.output.contains("of 262,144 pixels") && !planar.output.contains("starts z"))
      #expect(
        planar.messages
          == "512x512 is taken as a size, as there is no file of that name; memory and disk are those of "
          + "compressed float32 values\n")
      let volume = try program("plan", "512x512x300", "--patch", "96")
      #expect(
        volume.status == 0 && volume.output.contains("image       512x512x300 voxels, float32\n"), "\(volume)"
      )
      #expect(volume.output.contains("patches     7x7x4 = 196") && !volume.output.contains(" mm"))
      #expect(try program("plan", "64,64,1", "--patch", "16x16", "--json").status == 0)
      // A file of that name is a file.
      try program.makeImage("8x8.nii", Extent(width: 9, height: 7))
      #expect(try program("plan", "8x8.nii", "--patch", "4").output.contains("image       9x7 pixels"))
      for wrong in ["0x4", "4x", "x", "4", "4x4x4x4", "99999999999x99999999999x9"] {
        #expect(
          try program("plan", wrong, "--patch", "4").messages.contains("\(wrong): cannot be opened"),
          "\(wrong)")
      }
      let page = try program("plan", "64x64", "--patch", "16", "--report", "r.html")
      #expect(page.status == 64 && page.messages.contains("64x64 is a size; name a file"), "\(page)")
    }
  }
}
