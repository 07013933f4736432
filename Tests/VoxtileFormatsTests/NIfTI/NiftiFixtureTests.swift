import Testing
import Voxtile

@testable import VoxtileFormats

@Suite("NIfTI files written by nibabel")
struct NiftiFixtureTests {
  @Test("shape, type, affine, scaling and voxels are what nibabel reads")
  func expectations() throws {
    #expect(NiftiTestFiles.expectations.count == 27)
    for (name, expected) in NiftiTestFiles.expectations {
      let reader = try ImageFormats.open(NiftiTestFiles.path(name))
      let info = reader.info
      #expect(info.extent.sizes.all == expected.extent, "\(name)")
      #expect(info.channels == expected.channels, "\(name)")
      #expect(info.scalarType == expected.scalarType, "\(name)")
      #expect(info.isLabelMap == expected.isLabelMap, "\(name)")
      #expect(info.scaling.map { [$0.slope, $0.intercept] } == expected.scaling, "\(name)")
      for (a, b) in zip(info.metadata.affine.rows.joined(), expected.affine.joined()) {
        #expect((a - b).magnitude < 1e-6, "\(name): \(info.metadata.affine)")
      }
      let checksum = try reader.bytes().withUnsafeBytes { CRC32($0).value }
      #expect(checksum == expected.crc32, "\(name)")
    }
  }

  @Test("reading and writing a file gives the same bytes, extensions and all")
  func identity() throws {
    try NiftiTestFiles.withFolder { folder in
      for name in NiftiTestFiles.expectations.keys {
        let reader = try ImageFormats.open(NiftiTestFiles.path(name))
        let writer = try ImageFormats.create(folder + name, info: reader.info)
        try writer.writeInSlabs(try reader.bytes(), info: reader.info, count: 2)
        let files = name == "pair.hdr" ? [name, "pair.img"] : [name]
        for file in files {
          // Compressed files are equal inside.
          let original = try RawSource(InputFile(NiftiTestFiles.path(file))).prefix(1 << 16)
          #expect(try RawSource(InputFile(folder + file)).prefix(1 << 16) == original, "\(file)")
        }
      }
    }
  }

  @Test("a pair opens by either name")
  func pair() throws {
    let byHeader = try ImageFormats.open(NiftiTestFiles.path("pair.hdr"))
    let byImage = try ImageFormats.open(NiftiTestFiles.path("pair.img"))
    #expect(try byHeader.bytes() == byImage.bytes())
    #expect(byImage.niftiDetail("version") == "NIfTI-1, header and image")
  }

  @Test("details name what a person wants to know")
  func details() throws {
    let both = try ImageFormats.open(NiftiTestFiles.path("both.nii"))
    #expect(both.niftiDetail("description") == "both transforms")
    #expect(both.niftiDetail("placed by") == "sform")
    #expect(both.niftiDetail("sform code") == "4 (MNI 152)")
    #expect(both.niftiDetail("qform code") == "1 (scanner)")
    #expect(both.niftiDetail("voxel units") == "mm")
    let extensions = try ImageFormats.open(NiftiTestFiles.path("extensions.nii"))
    #expect(
      extensions.info.details.filter { $0.name == "extension" }.map(\.value) == [
        "code 6, 16 bytes", "code 6, 48 bytes",
      ])
  }

  @Test("stored values become real ones by slope and intercept")
  func scaled() throws {
    let path = NiftiTestFiles.path("scaled.nii")
    let reader = try ImageFormats.open(path)
    let scaling = try #require(reader.info.scaling)
    let stored = try reader.read(as: Int16.self)
    let real = try Volume<Double>(contentsOf: path)
    #expect(real.voxels == stored.voxels.map { Double($0) * scaling.slope + scaling.intercept })
  }
}
