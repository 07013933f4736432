import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("voxtile convert")
struct ConvertCommandTests {
  @Test("the tutorial's normalization to 0 to 255 is one command")
  func maximum() throws {
    try withProgram { program in
      let voxels: [Int16] = [0, 100, 200, 400]
      try Volume(extent: Extent(width: 4, height: 1), voxels: voxels).write(to: program.path("a.nii"))
      let run = try program(
        "convert", "a.nii", "b.png", "--normalize", "maximum", "--scale", "255", "--type", "uint8")
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.output == "b.png: 4x1 pixels, uint8\n")
      #expect(run.messages.contains("PNG cannot say where an image lies"), "\(run.messages)")
      #expect(try program.voxels("b.png") == [0, 64, 128, 255])
    }
  }

  @Test("labels are freed of specks, of all but the largest component, and of holes")
  func cleaning() throws {
    try withProgram { program in
      let voxels: [UInt8] = [
        1, 1, 1, 0, 1, 0, 2,
        1, 0, 1, 0, 1, 0, 0,
        1, 1, 1, 0, 0, 0, 2,
      ]
      var labels = try Volume(extent: Extent(width: 7, height: 3), voxels: voxels)
      labels.metadata = VolumeMetadata(
        affine: Affine(spacing: PerAxis(x: 10, y: 10, z: 10)), spatialRank: 2)
      try labels.write(to: program.path("a.nii"))
      func convert(_ arguments: String...) throws -> [UInt8] {
        let run = try program.run(["convert", "a.nii", "b.nii", "--force"] + arguments)
        #expect(run.status == 0, "\(run.messages)")
        return try program.voxels("b.nii")
      }
      // A pixel counts with the thickness that the header says: 1 ml.
      let without: [UInt8] = [1, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0]
      #expect(try convert("--min-volume", "2ml") == without)
      #expect(try convert("--min-volume", "2voxels") == without)
      let largest: [UInt8] = [1, 1, 1, 0, 0, 0, 2, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 2]
      #expect(try convert("--keep-largest", "1") == largest)
      #expect(try convert("--min-volume", "1:3voxels") == largest)
      let filled: [UInt8] = [1, 1, 1, 0, 0, 0, 2, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0]
      #expect(try convert("--keep-largest", "all", "--fill-holes", "all") == filled)
      #expect(try program("convert", "a.nii", "c.nii", "--min-volume", "2").status == 64)
      #expect(try program("convert", "a.nii", "c.nii", "--keep-largest", "x").status == 64)
    }
  }

  @Test("axes are turned there and back")
  func orientation() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Extent(width: 5, height: 6, depth: 7))
      #expect(try program("convert", "a.nii.gz", "b.nii", "--orientation", "SPR").status == 0)
      #expect(try program.info("b.nii").metadata.affine.orientation == "SPR")
      let own = try program.info("a.nii.gz").metadata.affine.orientation
      #expect(try program("convert", "b.nii", "c.nii.gz", "--orientation", own).status == 0)
      #expect(try program.voxels("c.nii.gz") == program.voxels("a.nii.gz"))
      let picture = Extent(width: 4, height: 4)
      try program.makeImage("d.png", picture, as: UInt8.self, limit: 255)
      let run = try program("convert", "d.png", "e.png", "--orientation", "RAS")
      #expect(
        run.status == 1 && run.messages.contains("does not say where its axes point"), "\(run.messages)")
    }
  }

  @Test(
    "what a format cannot say of the position is said",
    arguments: [
      ("b.npy", "cannot say where an image lies, so the position and the size of a voxel are lost"),
      ("b.nrrd", ""), ("b.mha", ""), ("b.nii.gz", ""),
    ])
  func position(output: String, words: String) throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(width: 5, height: 6, depth: 7))
      let run = try program("convert", "a.nii", output)
      #expect(run.status == 0)
      #expect(words.isEmpty ? run.messages.isEmpty : run.messages.contains(words), "\(run.messages)")
      let back = try program("convert", output, "c.nii")
      #expect(back.status == 0, "\(back.messages)")
      #expect(try program.voxels("c.nii") == program.voxels("a.nii"))
    }
  }

  @Test(
    "patches of a picture in a format with a position are as they were cut",
    arguments: ["mha", "nrrd", "npy"])
  func picture(format: String) throws {
    try withProgram { program in
      try program.makeImage("a.png", Extent(width: 20, height: 16), channels: 3, as: UInt8.self, limit: 255)
      #expect(try program("crop", "a.png", "--patch", "8", "--format", format, "-o", "p").status == 0)
      let verify = try program("verify", "p", "--against", "a.png")
      #expect(verify.status == 0, "\(verify.output)\(verify.messages)")
      #expect(try program("merge", "p", "-o", "b.png", "--blend", "average").status == 0)
      #expect(try program.voxels("b.png") == program.voxels("a.png"))
    }
  }

  @Test("colors of a palette, and types of real values, are said")
  func palettes() throws {
    try withProgram { program in
      var info = VolumeInfo(extent: Extent(width: 2, height: 1), scalarType: .uint8)
      info.palette = [.init(red: 255, green: 0, blue: 0), .init(red: 0, green: 0, blue: 255)]
      let writer = try ImageFormats.create(program.path("a.png"), info: info)
      try writer.write(Volume<UInt8>(extent: info.extent, voxels: [0, 1]), slices: 0..<1)
      try writer.finish()
      let indices = try program("convert", "a.png", "b.nii")
      #expect(
        indices.status == 0 && indices.messages.contains("cannot hold a palette, so the values are indices"),
        "\(indices.messages)")
      #expect(try program("convert", "a.png", "c.png", "--gray").messages.isEmpty)
      for (type, real) in [(ScalarType.int16, ScalarType.float32), (.int32, .float64)] {
        let scaled = VolumeInfo(extent: Extent(2), scalarType: type, scaling: .init(slope: 0.5, intercept: 1))
        let writer = try ImageFormats.create(program.path("\(type.rawValue).nii"), info: scaled)
        let bytes = [UInt8](repeating: 1, count: scaled.byteCount(of: Region(scaled.extent)))
        try bytes.withUnsafeBytes { try writer.write($0, slices: 0..<2) }
        try writer.finish()
        let run = try program("convert", "\(type.rawValue).nii", "\(type.rawValue).nrrd")
        #expect(run.messages.contains("real values are written, as \(real.rawValue)"), "\(run.messages)")
      }
    }
  }

  @Test("what is lost is said: values out of range, NaN, and labels as such")
  func lost() throws {
    try withProgram { program in
      try Volume<Float>(extent: Extent(width: 4, height: 1), voxels: [-5, .nan, 3, 900])
        .write(to: program.path("a.nii"))
      let run = try program("convert", "a.nii", "b.nii", "--type", "uint8")
      #expect(run.status == 0)
      #expect(run.messages.contains("2 values outside of the range of uint8 became the nearest value inside"))
      #expect(run.messages.contains("1 NaN value became 0, since uint8 has no NaN"), "\(run.messages)")
    }
  }

  @Test("a wrong use is answered, and neither input nor older files are written over")
  func refused() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(4))
      let before = try program.voxels("a.nii")
      let cases: [(arguments: [String], status: Int32, words: String)] = [
        (["a.nii", "a.nii", "--force"], 1, "is read, and must not be written over"),
        (["a.nii", "b.xyz"], 1, "has no ending of a format that is written here"),
        (["a.nii", "b.nii", "--channel", "0"], 64, "channels are counted from 1"),
        (["a.nii", "b.nii", "--channel", "2"], 1, "has 1 channel, so there is no channel 2"),
        (["a.nii", "b.nii", "--scale", "0"], 64, "--scale 0: all values would be 0"),
        (["a.nii", "b.nii", "--normalize", "zscor"], 64, "--normalize zscor"),
        (["a.nii", "b.png"], 1, "a PNG"),
        (
          ["a.nii", "b.nii", "--normalize", "zscore:box"], 64,
          "is of the box that infer predicts; leave out :box"
        ),
      ]
      for (arguments, status, words) in cases {
        let run = try program.run(["convert"] + arguments)
        #expect(run.status == status && run.messages.contains(words), "\(arguments): \(run.messages)")
      }
      #expect(try program.voxels("a.nii") == before)
      #expect(try fileNames(in: program.folder) == ["a.nii"])
    }
  }

  @Test("crop changes values too, and verify holds the patches against the scan")
  func crop() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Extent(10))
      let run = try program(
        "crop", "a.nii.gz", "--patch", "6", "--normalize", "zscore", "--scale", "10", "--type", "int8", "-o",
        "p")
      #expect(run.status == 0, "\(run.messages)")
      let verify = try program("verify", "p", "--against", "a.nii.gz")
      #expect(verify.status == 0, "\(verify.output)")
      #expect(try program.info("p/patch_0000_x000_y000_z000.nii.gz").scalarType == .int8)
      let nonZero = try program(
        "crop", "a.nii.gz", "--patch", "6", "--normalize", "zscore:nonzero", "-o", "q")
      #expect(
        nonZero.status == 1 && nonZero.messages.contains("convert the image first"), "\(nonZero.messages)")
    }
  }
}
