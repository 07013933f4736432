import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("MetaImage and NRRD files written by others")
struct TextHeaderFixtureTests {
  @Test(
    "size, type, place and voxels are what SimpleITK and pynrrd read", arguments: TextHeaderTestFiles.names)
  func expectations(name: String) throws {
    let all = try TextHeaderTestFiles.expectations(in: TextHeaderTestFiles.fixtures)
    try TextHeaderTestFiles.check("\(TextHeaderTestFiles.fixtures)/\(name)", try #require(all[name]))
  }

  @Test("the files of an image are those that its header names, too")
  func files() {
    let (registry, folder) = (FormatRegistry.standard, TextHeaderTestFiles.fixtures)
    #expect(registry.files(of: "\(folder)/itk-pair.nhdr").contains("\(folder)/itk-pair.raw.gz"))
    #expect(registry.files(of: "\(folder)/compressed-pair.mhd").count { $0.hasSuffix(".zraw") } == 1)
    #expect(registry.files(of: "\(folder)/int16.mha") == ["\(folder)/int16.mha"])
    #expect(registry.files(of: "missing.nhdr").count == 3 && registry.files(of: "missing.nrrd").count == 1)
  }

  @Test("there are fixtures of both formats")
  func count() {
    #expect(TextHeaderTestFiles.names.count == 15)
  }

  @Test("any box equals that box of the whole", arguments: TextHeaderTestFiles.names)
  func boxes(name: String) throws {
    let reader = try ImageFormats.open("\(TextHeaderTestFiles.fixtures)/\(name)")
    let whole = try reader.bytes()
    let sizes = reader.info.extent.sizes.all
    let depth = sizes[2]
    for z in 0..<depth {
      let box = Region(x: 1..<sizes[0], y: 1..<3, z: z..<depth)
      #expect(try reader.bytes(box) == crop(whole, box, of: reader.info), "\(box)")
    }
  }

  @Test(
    "a whole image gets its header back, but for the names of files", arguments: TextHeaderTestFiles.names)
  func identity(name: String) throws {
    let source = "\(TextHeaderTestFiles.fixtures)/\(name)"
    try withTemporaryFolder { folder in
      let reader = try ImageFormats.open(source)
      let ending = try #require(ImageFormats.registry.ending(of: name))
      let path = "\(folder)/copy.\(ending)"
      _ = try TextHeaderTestFiles.write(Region(reader.info.extent), of: reader, to: path)
      let copy = try ImageFormats.open(path)
      func lines(_ info: VolumeInfo) throws -> [String] {
        let owned = ["ElementDataFile", "data file", "CompressedDataSize"]
        return TextHeader(try #require(info.metadata.header).bytes).lines.map(\.text)
          .filter { line in !owned.contains(where: line.hasPrefix) }
      }
      #expect(try lines(copy.info) == lines(reader.info))
      #expect(try copy.bytes() == reader.bytes() && copy.isRandomAccess == reader.isRandomAccess)
      #expect(copy.info.metadata.affine == reader.info.metadata.affine)
    }
  }

  @Test(
    "a box lies where it was cut from, and keeps lines that nobody knows",
    arguments: TextHeaderTestFiles.names)
  func moved(name: String) throws {
    try withTemporaryFolder { folder in
      let reader = try ImageFormats.open("\(TextHeaderTestFiles.fixtures)/\(name)")
      let region = Region(x: 2..<4, y: 1..<4, z: (reader.info.extent.depth - 1)..<reader.info.extent.depth)
      let path = "\(folder)/box.\(try #require(ImageFormats.registry.ending(of: name)))"
      let expected = try TextHeaderTestFiles.write(region, of: reader, to: path)
      try TextHeaderTestFiles.check(path, expected)
      let (found, due) = (try ImageFormats.open(path).info, reader.info)
      #expect(
        found.metadata.place == due.metadata.place && found.metadata.spatialRank == due.metadata.spatialRank)
      #expect(found.notes == due.notes)
      func study(_ info: VolumeInfo) -> String? { info.details.first { $0.name == "Study" }?.value }
      #expect(study(found) == study(due))
    }
  }

  @Test("an image changes its format and comes back", arguments: TextHeaderTestFiles.names)
  func otherFormats(name: String) throws {
    let reader = try ImageFormats.open("\(TextHeaderTestFiles.fixtures)/\(name)")
    for ending in ["mha", "mhd", "nrrd", "nhdr", "seg.nrrd", "nii.gz"]
    where ending != "seg.nrrd" || reader.info.scalarType.isInteger {
      try withTemporaryFolder { folder in
        let path = "\(folder)/a.\(ending)"
        var expected = try TextHeaderTestFiles.write(Region(reader.info.extent), of: reader, to: path)
        if ending.hasPrefix("m") { expected.isLabelMap = false }
        let (due, found) = (reader.info.metadata, try ImageFormats.open(path).info.metadata)
        if ending == "nii.gz", due.place != .world, found.place == .spacing {
          // Nothing but sizes is known, and nothing else is written.
          #expect(zip(found.spacing.all, due.spacing.all).allSatisfy { abs($0 - $1) < 1e-5 })
          expected.affine = found.affine.rows
        }
        try TextHeaderTestFiles.check(path, expected)
      }
    }
  }
}
