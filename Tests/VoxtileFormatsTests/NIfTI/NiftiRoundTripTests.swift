import Foundation
import Testing
import Voxtile

@testable import VoxtileFormats

@Suite("NIfTI round trips")
struct NiftiRoundTripTests {
  private let extent = Extent(width: 5, height: 4, depth: 3)

  @Test(
    "every datatype, version, byte order and file kind reads back bit for bit",
    arguments: NiftiVariant.endings)
  func everyVariant(ending: String) throws {
    try NiftiTestFiles.withFolder { folder in
      for variant in NiftiVariant.all where variant.ending == ending {
        let path = folder + variant.fileName
        let bytes = try variant.write(extent, to: path)
        let reader = try ImageFormats.open(path)
        #expect(try reader.bytes() == bytes, "\(variant)")
        #expect(reader.info.scalarType == variant.datatype.scalarType, "\(variant)")
        #expect(reader.info.channels == variant.datatype.components, "\(variant)")
        #expect(reader.info.extent == extent, "\(variant)")
        let detail = reader.niftiDetail("datatype")
        #expect(detail == "\(variant.datatype) (\(variant.datatype.rawValue))", "\(variant)")
        #expect(reader.niftiDetail("byte order") == "\(variant.byteOrder.rawValue)-endian", "\(variant)")
      }
    }
  }

  @Test("planes of further dimensions are channels, whatever the slabs")
  func planes() throws {
    try NiftiTestFiles.withFolder { folder in
      for ending in NiftiVariant.endings {
        for datatype in [NiftiDatatype.int16, .rgb24, .complex128] {
          for dimensions in [[4], [1, 3], [2, 1, 2, 1]] {
            for slabs in 1...3 {
              let variant = NiftiVariant(
                version: .one, byteOrder: .big, datatype: datatype, moreDimensions: dimensions, ending: ending
              )
              let path = folder + "\(slabs)-\(variant.fileName)"
              let bytes = try variant.write(extent, to: path, slabs: slabs)
              let reader = try ImageFormats.open(path)
              #expect(reader.info.channels == dimensions.reduce(datatype.components, *), "\(variant)")
              #expect(try reader.bytes() == bytes, "\(variant)")
              try expectSlabs(of: reader, are: bytes, "\(variant)")
            }
          }
        }
      }
    }
  }

  private func expectSlabs(of reader: any VolumeReader, are bytes: [UInt8], _ comment: Comment) throws {
    // Forwards, then back to the beginning.
    for z in [0, 1, 2, 0] {
      let slab = Region(x: 0..<extent.width, y: 0..<extent.height, z: z..<z + 1)
      #expect(try reader.bytes(slab) == crop(bytes, slab, of: reader.info), comment)
    }
  }

  @Test("a region read equals the crop of the whole", arguments: NiftiVariant.endings)
  func regions(ending: String) throws {
    try NiftiTestFiles.withFolder { folder in
      var random = TestRandom(seed: 7)
      for datatype in [NiftiDatatype.uint8, .float64, .rgb24, .complex64] {
        for dimensions in [[], [3]] {
          let variant = NiftiVariant(
            version: .two, byteOrder: .big, datatype: datatype, moreDimensions: dimensions, ending: ending)
          let bytes = try variant.write(extent, to: folder + variant.fileName)
          let reader = try ImageFormats.open(folder + variant.fileName)
          for _ in 0..<40 {
            let region = Region(
              x: random.range(in: extent.width), y: random.range(in: extent.height),
              z: random.range(in: extent.depth))
            #expect(try reader.bytes(region) == crop(bytes, region, of: reader.info), "\(variant) \(region)")
          }
        }
      }
    }
  }

  @Test("an image larger than the buffers survives reordering")
  func largerThanBuffers() throws {
    let large = Extent(width: 130, height: 110, depth: 40)
    try NiftiTestFiles.withFolder { folder in
      for ending in ["nii", "nii.gz"] {
        let variant = NiftiVariant(
          version: .one, byteOrder: .big, datatype: .rgb24, moreDimensions: [2], ending: ending)
        let bytes = try variant.write(large, to: folder + variant.fileName, slabs: 3, jobs: 2)
        #expect(try ImageFormats.open(folder + variant.fileName).bytes() == bytes, "\(variant)")
      }
    }
  }

  @Test("without a header, channels go to the fourth dimension and the affine to both transforms")
  func withoutHeader() throws {
    let affine = Affine(rows: [[0, 0, 3, 1], [-1, 0, 0, 2], [0, 2, 0, 3]])
    let volume = try Volume<Int16>(
      extent: Extent(width: 3, height: 2, depth: 2), channels: 2, voxels: Array(0..<24),
      metadata: VolumeMetadata(affine: affine))
    try NiftiTestFiles.withFolder { folder in
      try volume.write(to: folder + "a.nii")
      let read = try Volume<Int16>(contentsOf: folder + "a.nii")
      #expect(read == volume)
      #expect(read.metadata.affine == affine)
      let header = try NiftiHeader(try #require(read.metadata.header).bytes)
      #expect((0...4).map { header.integer(.dim, $0) } == [4, 3, 2, 2, 2])
      for (a, b) in zip(header.qform.rows.joined(), affine.rows.joined()) {
        #expect((a - b).magnitude < 1e-6, "\(header.qform)")
      }
    }
  }

  @Test("a sheared affine is written as sform only")
  func sheared() throws {
    var header = NiftiHeader(version: .one)
    header.setGeometry(Affine(rows: [[1, 0.5, 0, 1], [0, 1, 0, 2], [0, 0, 1, 3]]))
    #expect(!header.hasQform)
    #expect(header.sform.rows[0] == [1, 0.5, 0, 1])
  }

  @Test("an axis longer than 32767 makes a NIfTI-2 file", arguments: [(32767, 1), (32768, 2), (40000, 2)])
  func longAxis(width: Int, version: Int) throws {
    let volume = Volume<UInt8>(extent: Extent(width: width, height: 1), repeating: 3)
    try NiftiTestFiles.withFolder { folder in
      try volume.write(to: folder + "a.nii.gz")
      let reader = try ImageFormats.open(folder + "a.nii.gz")
      #expect(reader.niftiDetail("version") == "NIfTI-\(version), single file")
      #expect(try reader.read(as: UInt8.self) == volume)
    }
  }

  @Test("a compressed file of several planes is inflated once, however many slabs are read")
  func inflatedOnce() throws {
    try NiftiTestFiles.withFolder { folder in
      let variant = NiftiVariant(
        version: .one, byteOrder: .little, datatype: .int16, moreDimensions: [3], ending: "nii.gz")
      let bytes = try variant.write(extent, to: folder + "a.nii.gz")
      let reader = try ImageFormats.open(folder + "a.nii.gz")
      let slabs = (0..<3).map { Region(x: 0..<extent.width, y: 0..<extent.height, z: $0..<$0 + 1) }
      #expect(try reader.bytes(slabs[0]) == crop(bytes, slabs[0], of: reader.info))
      // The open file is now empty, so that the rest can only come from memory.
      #expect(truncate(folder + "a.nii.gz", 0) == 0)
      for slab in slabs { #expect(try reader.bytes(slab) == crop(bytes, slab, of: reader.info)) }
    }
  }

  @Test("slabs in ascending order are one pass, and the last of them verifies the checksum")
  func onePass() throws {
    let extent = Extent(width: 200, height: 200, depth: 20)
    try NiftiTestFiles.withFolder { folder in
      let variant = NiftiVariant(version: .one, byteOrder: .little, datatype: .uint8, ending: "nii.gz")
      let bytes = try variant.write(extent, to: folder + "a.nii.gz")
      var file = try NiftiTestFiles.bytes(folder + "a.nii.gz")
      file[file.count - 5] ^= 1
      try NiftiTestFiles.write(file, to: folder + "a.nii.gz")
      let reader = try ImageFormats.open(folder + "a.nii.gz")
      func slab(_ z: Int) -> Region { Region(x: 0..<200, y: 0..<200, z: z..<z + 1) }
      for z in 0..<19 {
        #expect(try reader.bytes(slab(z)) == crop(bytes, slab(z), of: reader.info))
        if z == 10 {
          // What has been read is overwritten: going back would find it damaged.
          let damaged = [UInt8](repeating: 0, count: 1000) + file[1000...]
          try overwrite(folder + "a.nii.gz", with: damaged)
        }
      }
      #expect(throws: VoxtileError.self) { _ = try reader.bytes(slab(19)) }
    }
  }

  /// Replaces the content of a file that is open.
  private func overwrite(_ path: String, with bytes: [UInt8]) throws {
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.write(contentsOf: Data(bytes))
    try handle.close()
  }

  @Test("an empty image is refused")
  func empty() throws {
    try NiftiTestFiles.withFolder { folder in
      let error = #expect(throws: VoxtileError.self) {
        try Volume<UInt8>(extent: Extent(width: 0, height: 3)).write(to: folder + "a.nii")
      }
      #expect(error?.code == .unsupportedFormat)
    }
  }

  @Test("an unfinished pair leaves no file behind, and an existing one is not replaced")
  func atomic() throws {
    try NiftiTestFiles.withFolder { folder in
      let variant = NiftiVariant(version: .one, byteOrder: .little, datatype: .uint8, ending: "hdr")
      do { _ = try ImageFormats.create(folder + "a.hdr", info: variant.info(extent)) }
      #expect(throws: VoxtileError.self) { try ImageFormats.open(folder + "a.hdr") }
      _ = try variant.write(extent, to: folder + "a.hdr")
      let error = #expect(throws: VoxtileError.self) {
        try ImageFormats.create(folder + "a.img", info: variant.info(extent))
      }
      #expect(error?.code == .targetExists)
    }
  }
}

extension TestRandom {
  /// A range of at least one number below a count.
  mutating func range(in count: Int) -> Range<Int> {
    let start = Int.random(in: 0..<count, using: &self)
    return start..<Int.random(in: start + 1...count, using: &self)
  }
}
