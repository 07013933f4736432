import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("voxtile resample")
struct ResampleCommandTests {
  @Test("a size in mm gives voxels of about that size, in the image's type and format of choice")
  func spacing() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Extent(width: 30, height: 20, depth: 10))
      let run = try program("resample", "a.nii.gz", "b.nii", "--spacing", "3x3x2.5")
      #expect(run.status == 0 && run.messages.isEmpty, "\(run.messages)")
      #expect(run.output == "b.nii: 20x10x10 voxels of 3 x 3 x 2.5 mm, int16\n")
      let info = try program.info("b.nii")
      #expect(info.metadata.affine.rows[0] == [-3, 0, 0, 9.5])
      #expect(
        try program("resample", "a.nii.gz", "b.mha", "--spacing", "2", "--convention", "monai").status == 0)
      #expect(try program.info("b.mha").extent == Extent(width: 30, height: 15, depth: 12))
      let bytes = try program.voxels("b.nii")
      for options in [["-j", "1"], ["--memory", "100MiB"], ["--interpolation", "cubic"]] {
        #expect(
          try program.run(["resample", "a.nii.gz", "c.nii", "--force", "--spacing", "3x3x2.5"] + options)
            .status
            == 0)
        #expect(try program.voxels("c.nii") == bytes, "\(options)")
      }
    }
  }

  @Test("a label map is noticed and said, and goes back to the grid of its scan")
  func labels() throws {
    try withProgram { program in
      let extent = Extent(width: 24, height: 24, depth: 12)
      let affine = Affine(rows: [[1, 0, 0, 5], [0, 1, 0, 6], [0, 0, 2, 7]])
      let voxels = (0..<extent.voxelCount).map { UInt8($0 % 24 / 8 * 3) }
      var labels = try Volume(extent: extent, voxels: voxels)
      labels.metadata = VolumeMetadata(affine: affine)
      try labels.write(to: program.path("a.nii"))
      let run = try program("resample", "a.nii", "b.nii", "--spacing", "1.5")
      #expect(run.status == 0 && run.messages.contains("looks like a label map"), "\(run.messages)")
      #expect(Set(try program.voxels("b.nii")) == [0, 3, 6])
      let back = try program("resample", "b.nii", "c.nii", "--like", "a.nii", "--as-labels")
      #expect(back.status == 0 && back.messages.isEmpty, "\(back.messages)")
      #expect(try program.info("c.nii").metadata.affine == affine)
      #expect(try program.info("c.nii").extent == extent)
      #expect(
        try program("resample", "a.nii", "d.nii", "--spacing", "1.5", "--no-as-labels").messages.isEmpty)
      #expect(Set(try program.voxels("d.nii")).count > 3)
    }
  }

  @Test("NaN is refused, or replaced and counted; slices far apart are said")
  func remarks() throws {
    try withProgram { program in
      var volume = Volume<Float>(extent: Extent(8), repeating: 0.5)
      volume[x: 3, y: 3, z: 3] = .nan
      volume.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(x: 1, y: 1, z: 5)))
      try volume.write(to: program.path("a.nii"))
      let refused = try program("resample", "a.nii", "b.nii", "--spacing", "2")
      #expect(refused.status == 1)
      #expect(
        refused.messages.contains("has a value that is NaN or infinite")
          && refused.messages.contains("--replace-nan"),
        "\(refused.messages)")
      let run = try program("resample", "a.nii", "b.nii", "--spacing", "2", "--replace-nan", "-1")
      #expect(run.status == 0)
      #expect(run.messages.contains("1 value that was NaN or infinite became -1"), "\(run.messages)")
      #expect(run.messages.contains("along z") && run.messages.contains("as nnU-Net does it"))
    }
  }

  @Test("a wrong use is answered before anything is written")
  func refused() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(6))
      try program.makeImage("p.png", Extent(width: 6, height: 6), as: UInt8.self, limit: 255)
      let cases: [(arguments: [String], status: Int32, words: String)] = [
        (["a.nii", "b.nii"], 64, "say what to resample to"),
        (["a.nii", "b.nii", "--spacing", "1", "--size", "4"], 64, "use one of"),
        (["a.nii", "b.nii", "--spacing", "0"], 64, "--spacing 0: the size of a voxel is above 0 mm"),
        (["a.nii", "b.nii", "--spacing", "1x2"], 64, "--spacing 1x2 has 2 values"),
        (["a.nii", "b.nii", "--spacing", "1e-9"], 1, "use larger voxels"),
        (["a.nii", "b.nii", "--size", "0"], 64, "--size 0: a size is at least 1 voxel"),
        (["a.nii", "b.nii", "--spacing", "1", "--convention", "itk"], 64, "--convention itk"),
        (
          ["a.nii", "b.nii", "--spacing", "1", "--convention", "nnunet-torch", "--interpolation", "cubic"],
          64,
          "has no --interpolation cubic"
        ),
        (
          ["a.nii", "b.nii", "--spacing", "1", "--as-labels", "--interpolation", "cubic"], 64,
          "cannot make labels"
        ),
        (["a.nii", "b.nii", "--spacing", "1", "--fill", "3"], 64, "--fill is for --like only"),
        (["a.nii", "a.nii", "--spacing", "1", "--force"], 1, "is read, and must not be written over"),
        (["p.png", "b.png", "--spacing", "1"], 1, "does not say how large its voxels are"),
        (["a.nii", "b.nii", "--spacing", "1", "--memory", "1MiB"], 1, "are needed"),
      ]
      for (arguments, status, words) in cases {
        let run = try program.run(["resample"] + arguments)
        #expect(run.status == status && run.messages.contains(words), "\(arguments): \(run.messages)")
      }
      #expect(try !fileNames(in: program.folder).contains { $0.hasPrefix("b.") })
    }
  }
}
