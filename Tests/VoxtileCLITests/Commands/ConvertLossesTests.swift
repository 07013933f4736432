import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("voxtile convert: what channels and values mean")
struct ConvertLossesTests {
  /// Three points of time of a picture, which differ.
  private func makeSeries(_ program: Program, _ name: String, _ extent: Extent = Extent(width: 4, height: 3))
    throws
  {
    let count = extent.voxelCount
    let voxels = (0..<3 * count).map { UInt8($0 * 7 % 250) }
    try Volume<UInt8>(extent: extent, channels: 3, voxels: voxels).write(to: program.path(name))
  }

  @Test("time points become no colors and no gray, and one of them may be chosen")
  func time() throws {
    try withProgram { program in
      try makeSeries(program, "a.nii")
      for arguments in [["b.png"], ["b.png", "--gray"], ["b.nii", "--gray"]] {
        let run = try program.run(["convert", "a.nii"] + arguments)
        #expect(run.status == 1 && run.messages.contains("3 time points"), "\(arguments): \(run.messages)")
        #expect(run.messages.contains("choose one of them with --channel"), "\(run.messages)")
      }
      let crop = try program("crop", "a.nii", "--patch", "2x2x1", "--format", "png", "-o", "p")
      #expect(crop.status == 1 && crop.messages.contains("3 time points"), "\(crop.messages)")
      #expect(try program("convert", "a.nii", "c.png", "--channel", "2").status == 0)
      #expect(try program.voxels("c.png") == Array(program.voxels("a.nii")[12..<24]))
      let array = try program("convert", "a.nii", "d.npy")
      #expect(
        array.messages.contains("NumPy cannot say that channels are 3 time points"), "\(array.messages)")
      let info = try program.info("d.npy")
      #expect(info.channels == 3 && !(info.format?.channelsAreColor(info) ?? false))
      #expect(try program.voxels("d.npy") == program.voxels("a.nii"))
    }
  }

  @Test("colors go through NIfTI and NRRD and come back as colors", arguments: [2, 3, 4])
  func colors(channels: Int) throws {
    try withProgram { program in
      try program.makeImage(
        "a.png", Extent(width: 6, height: 5), channels: channels, as: UInt8.self, limit: 255)
      for name in ["b.nii", "b.nrrd", "b.mha", "b.npy"] {
        #expect(try program("convert", "a.png", name).status == 0)
        let back = try program("convert", name, "c.png", "--force")
        #expect(back.status == 0, "\(name): \(back.messages)")
        #expect(try program.voxels("c.png") == program.voxels("a.png"), "\(name)")
      }
      let unknown = try program("convert", "b.mha", "d.png")
      #expect(unknown.messages.contains("PNG shows \(channels) channels as colors"), "\(unknown.messages)")
    }
  }

  @Test(
    "the time between time points stays where a format has a place for it, and elsewhere its loss is said")
  func repetition() throws {
    try withProgram { program in
      var bytes = try makeTimedSeries(program, "a.nii")
      for name in ["b.nii.gz", "b.tif", "b.zarr", "b.mha", "b.mhd", "b.nrrd", "b.nhdr"] {
        let run = try program("convert", "a.nii", name)
        #expect(run.status == 0 && !run.messages.contains("time points"), "\(name): \(run.messages)")
        let info = try program.info(name)
        #expect(info.format?.channelMeaning(info) == .time(stepSeconds: 2.5), "\(name)")
        #expect(try program.voxels(name) == program.voxels("a.nii"), "\(name)")
      }
      // From file to file the time stays.
      for (from, to) in [("b.mha", "c.nrrd"), ("b.nrrd", "c.mha"), ("c.mha", "d.mha"), ("c.nrrd", "d.nii")] {
        let run = try program("convert", from, to)
        #expect(run.status == 0 && !run.messages.contains("time points"), "\(to): \(run.messages)")
        let info = try program.info(to)
        #expect(info.format?.channelMeaning(info) == .time(stepSeconds: 2.5), "\(to)")
        #expect(try program.voxels(to) == program.voxels("a.nii"), "\(to)")
      }
      let array = try program("convert", "a.nii", "b.npy")
      #expect(
        array.messages.contains("cannot say that channels are 3 time points, 2.5 s apart"),
        "\(array.messages)")
      // Five dimensions: two axes of channels.
      bytes[40] = 5
      bytes.replaceSubrange(48..<50, with: [3, 0])
      bytes.replaceSubrange(50..<52, with: [1, 0])
      try writeFile(bytes, to: program.path("one.nii"))
      #expect(try program("convert", "one.nii", "one.mha").status == 0)
      bytes.replaceSubrange(48..<50, with: [1, 0])
      bytes.replaceSubrange(50..<52, with: [3, 0])
      try writeFile(bytes, to: program.path("vector.nii"))
      let vector = try program("convert", "vector.nii", "vector.mha")
      #expect(vector.messages.contains("3 components of a vector or matrix"), "\(vector.messages)")
    }
  }

  @Test(
    "the time between time points stays where axes are turned or voxels become larger",
    arguments: ["nii.gz", "tif", "zarr", "mha", "nrrd"])
  func repetitionOfMadeImages(ending: String) throws {
    try withProgram { program in
      _ = try makeTimedSeries(program, "a.nii")
      #expect(try program("convert", "a.nii", "a.\(ending)").status == 0)
      // TIFF does not say where axes point, so it cannot be turned itself.
      let way = [ending == "tif" ? "a.nii" : "a.\(ending)", "b.\(ending)"]
      for job in [
        ["convert", "--orientation", "PIR"], ["resample", "--size", "2x3x2"],
        ["resample", "--size", "2x3x2", "--interpolation", "nearest"],
      ] {
        let run = try program.run(job + way + ["--force"])
        #expect(run.status == 0 && !run.messages.contains("time"), "\(job): \(run.messages)")
        let info = try program.info("b.\(ending)")
        #expect(info.format?.channelMeaning(info) == .time(stepSeconds: 2.5), "\(job)")
      }
    }
  }

  @Test("steps along the fourth dimension of NIfTI stay, in whatever unit they are", arguments: [0, 2, 34])
  func unknownSteps(units: UInt8) throws {
    try withProgram { program in
      var bytes = try makeTimedSeries(program, "a.nii")
      // Without a unit of time, in mm alone, or of a spectrum in Hz; and toffset.
      bytes[123] = units
      bytes.replaceSubrange(
        136..<140, with: withUnsafeBytes(of: Float(7).bitPattern.littleEndian, Array.init))
      try writeFile(bytes, to: program.path("a.nii"))
      for job in [["convert", "--orientation", "PIR"], ["resample", "--size", "2x3x2"]] {
        #expect(try program.run(job + ["a.nii", "b.nii", "--force"]).status == 0)
        let made = try fileBytes(program.path("b.nii"))
        #expect(Array(made[92..<96]) == Array(bytes[92..<96]) && made[123] & 56 == units & 56, "\(job)")
        #expect(Array(made[136..<140]) == Array(bytes[136..<140]), "\(job)")
      }
    }
  }

  @Test("resample says what the result does not hold")
  func resampled() throws {
    try withProgram { program in
      _ = try makeTimedSeries(program, "a.nii")
      let run = try program("resample", "a.nii", "b.npy", "--size", "2x3x2")
      #expect(run.messages.contains("cannot say where an image lies"), "\(run.messages)")
      #expect(run.messages.contains("3 time points, 2.5 s apart"), "\(run.messages)")
    }
  }

  /// Writes three time points of which the header says that 2.5 seconds lie between them; gives the bytes of the file.
  private func makeTimedSeries(_ program: Program, _ name: String) throws -> [UInt8] {
    try makeSeries(program, name, Extent(width: 4, height: 3, depth: 2))
    var bytes = try fileBytes(program.path(name))
    // pixdim[4], and the unit in xyzt_units.
    bytes.replaceSubrange(
      92..<96, with: withUnsafeBytes(of: Float(2.5).bitPattern.littleEndian, Array.init))
    bytes[123] = 2 | 8
    try writeFile(bytes, to: program.path(name))
    return bytes
  }

  @Test("statistics of float64 far from 0 are exact")
  func statistics() throws {
    try withProgram { program in
      let voxels = (0..<64).map { 1e9 + ($0 % 2 == 0 ? 0.25 : 0.75) }
      try Volume<Double>(extent: Extent(4), voxels: voxels).write(to: program.path("a.nii"))
      #expect(try program("convert", "a.nii", "b.nii", "--normalize", "zscore").status == 0)
      let result = try ImageFormats.open(program.path("b.nii")).read(as: Float.self).voxels
      #expect(result == voxels.map { $0 < 1e9 + 0.5 ? -1 : 1 })
      #expect(try program("crop", "a.nii", "--patch", "2", "--normalize", "minmax", "-o", "p").status == 0)
      #expect(try program("merge", "p", "-o", "c.nii", "--blend", "average").status == 0)
      let merged = try ImageFormats.open(program.path("c.nii")).read(as: Float.self).voxels
      #expect(merged == voxels.map { $0 < 1e9 + 0.5 ? 0 : 1 })
    }
  }

  /// Writes labels from 0 to 2.
  private func makeLabels(_ program: Program, _ name: String) throws {
    var info = VolumeInfo(extent: Extent(4), scalarType: .uint8, isLabelMap: true)
    info.isLabelMap = true
    let writer = try ImageFormats.create(program.path(name), info: info)
    try writer.write(
      Volume<UInt8>(extent: info.extent, voxels: (0..<64).map { UInt8($0 / 22) }), slices: 0..<4)
    try writer.finish()
  }

  @Test("labels that were scaled are said to be none, in NIfTI and in a segmentation")
  func labels() throws {
    try withProgram { program in
      try makeLabels(program, "a.nii")
      try makeLabels(program, "a.seg.nrrd")
      for (source, target) in [("a.nii", "b.nii"), ("a.seg.nrrd", "b.nrrd")] {
        let run = try program("convert", source, target, "--scale", "2", "--type", "uint8")
        #expect(run.status == 0 && run.messages.contains("the values were labels"), "\(run.messages)")
        #expect(try program.info(source).isLabelMap && !program.info(target).isLabelMap, "\(target)")
        let folder = "p-\(source)"
        let crop = try program(
          "crop", source, "--patch", "2", "--scale", "3", "--type", "int16", "-o", folder)
        #expect(crop.status == (source == "a.nii" ? 0 : 1), "\(crop.messages)")
      }
      #expect(try program("merge", "p-a.nii", "-o", "c.nii", "--blend", "average").status == 0)
      #expect(try !program.info("c.nii").isLabelMap)
      // Of another type only, they are labels still.
      #expect(try program("convert", "a.nii", "d.nii", "--type", "int16").status == 0)
      #expect(try program.info("d.nii").isLabelMap)
    }
  }

  @Test("real values are no segmentation")
  func segmentation() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(4), as: Float.self)
      let run = try program("convert", "a.nii", "b.seg.nrrd")
      #expect(
        run.status == 1 && run.messages.contains("these values are float32; write .nrrd"), "\(run.messages)")
      #expect(try program("convert", "a.nii", "b.seg.nrrd", "--type", "uint8").status == 0)
      let crop = try program("crop", "a.nii", "--patch", "2", "--format", "seg.nrrd", "-o", "p")
      #expect(crop.status == 1 && crop.messages.contains("holds labels"), "\(crop.messages)")
    }
  }

  @Test(
    "crop and merge write real values where convert does, and say so",
    arguments: ["mha", "nrrd", "tif", "npy"])
  func scaled(ending: String) throws {
    try withProgram { program in
      let extent = Extent(width: 4, height: 4, depth: 4)
      let info = VolumeInfo(extent: extent, scalarType: .int16, scaling: .init(slope: 0.5, intercept: -3))
      let writer = try ImageFormats.create(program.path("a.nii"), info: info)
      try writer.write(Volume<Int16>(extent: extent, voxels: (0..<64).map { Int16($0) }), slices: 0..<4)
      try writer.finish()
      let words = "real values are written, as float32"
      let convert = try program("convert", "a.nii", "a.\(ending)")
      #expect(convert.status == 0 && convert.messages.contains(words), "\(convert.messages)")
      let crop = try program("crop", "a.nii", "--patch", "2", "--format", ending, "-o", "p")
      #expect(crop.status == 0 && crop.messages.contains(words), "\(crop.messages)")
      #expect(try program("verify", "p", "--against", "a.nii").status == 0)
      #expect(try program("crop", "a.nii", "--patch", "2", "-o", "q").status == 0)
      let merge = try program("merge", "q", "-o", "m.\(ending)", "--blend", "average")
      #expect(merge.status == 0 && merge.messages.contains(words), "\(merge.messages)")
      #expect(try program("merge", "p", "-o", "n.\(ending)", "--blend", "average").status == 0)
      for name in ["m", "n"] {
        #expect(try program.voxels("\(name).\(ending)") == program.voxels("a.\(ending)"), "\(name)")
      }
    }
  }

  @Test("what to do about a palette, and about a picture without an orientation, is said in options")
  func remedies() throws {
    try withProgram { program in
      var info = VolumeInfo(extent: Extent(width: 2, height: 1), scalarType: .uint8)
      info.palette = [.init(red: 255, green: 0, blue: 0), .init(red: 0, green: 0, blue: 255)]
      let writer = try ImageFormats.create(program.path("a.png"), info: info)
      try writer.write(Volume<UInt8>(extent: info.extent, voxels: [0, 1]), slices: 0..<1)
      try writer.finish()
      let palette = try program("convert", "a.png", "b.png", "--scale", "2")
      #expect(palette.status == 1 && palette.messages.contains("with --gray"), "\(palette.messages)")
      let turned = try program("convert", "a.png", "b.png", "--orientation", "RAS")
      #expect(turned.status == 1 && turned.messages.contains("leave out --orientation"), "\(turned.messages)")
    }
  }

  @Test("a name of a folder may end in a slash")
  func slash() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(4))
      #expect(try program("convert", "a.nii", "b.zarr/").status == 0)
      #expect(try program.voxels("b.zarr") == program.voxels("a.nii"))
      let again = try program("convert", "a.nii", "b.zarr/")
      #expect(again.status == 1 && again.messages.contains("exists already"), "\(again.messages)")
      #expect(try program("convert", "a.nii", "b.zarr/", "--force").status == 0)
      #expect(try program("crop", "b.zarr/", "--patch", "2", "-o", "p", "--format", "nii").status == 0)
      #expect(try program("merge", "p", "-o", "c.zarr/").status == 0)
      let file = try program("convert", "a.nii", "b.mha/")
      #expect(file.status == 1 && file.messages.contains("has no ending of a format"), "\(file.messages)")
    }
  }

  @Test(
    "where standard output is full, the file is complete, that is said, and the job has not failed",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullOutput() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(4))
      for arguments in [
        ["convert", "a.nii", "b.nii"], ["crop", "a.nii", "--patch", "2", "-o", "p"],
        ["merge", "p", "-o", "c.nii", "--quiet"],
      ] {
        let run = try program.shell("exec \"$0\" \"$@\" > /dev/full", arguments).wait()
        #expect(run.status == 0, "\(arguments): \(run.messages)")
        #expect(run.messages.contains("standard output cannot be written"), "\(run.messages)")
        #expect(run.messages.contains(" is complete"), "\(run.messages)")
      }
      #expect(try program.voxels("b.nii") == program.voxels("a.nii"))
      // What is only printed has failed.
      #expect(try program.shell("exec \"$0\" \"$@\" > /dev/full", ["info", "a.nii"]).wait().status == 1)
    }
  }
}
