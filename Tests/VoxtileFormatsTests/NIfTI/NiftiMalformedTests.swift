import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Malformed NIfTI")
struct NiftiMalformedTests {
  private let extent = Extent(width: 4, height: 3, depth: 2)

  /// Opens a file and reads all of it; anything but an error of the package is a failure.
  private func readAll(_ path: String, _ comment: Comment) {
    do {
      let reader = try ImageFormats.open(path)
      _ = try reader.bytes()
      if reader.info.extent.depth > 1 {
        let slab = Region(x: 0..<reader.info.extent.width, y: 0..<reader.info.extent.height, z: 1..<2)
        _ = try reader.bytes(slab)
      }
    } catch let error as VoxtileError {
      #expect(!error.message.isEmpty && error.context.file != nil, comment)
    } catch {
      Issue.record(error, comment)
    }
  }

  /// One valid file of each kind, small: its path, and that of the file to damage.
  private func makeFiles(_ folder: String) throws -> [(open: String, damage: String)] {
    var files: [(open: String, damage: String)] = []
    for ending in ["nii", "nii.gz", "hdr"] {
      for (version, dimensions) in [(NiftiVersion.one, [Int]()), (.two, [2])] {
        let variant = NiftiVariant(
          version: version, byteOrder: .little, datatype: .int16, moreDimensions: dimensions, ending: ending)
        let path = folder + variant.fileName
        _ = try variant.write(extent, to: path)
        files.append((path, path))
        if ending == "hdr" { files.append((path, path.dropLast(3) + "img")) }
      }
    }
    let extensions = folder + "extensions.nii"
    try NiftiTestFiles.write(
      try NiftiTestFiles.bytes(NiftiTestFiles.path("extensions.nii")), to: extensions)
    files.append((extensions, extensions))
    return files
  }

  @Test("every prefix of a valid file is refused or read, never trapped on")
  func prefixes() throws {
    try NiftiTestFiles.withFolder { folder in
      for (path, damaged) in try makeFiles(folder) {
        let bytes = try NiftiTestFiles.bytes(damaged)
        // The header of a pair is whole without the four bytes that announce extensions.
        let wholeCount = damaged.hasSuffix(".hdr") ? bytes.count - 4 : bytes.count
        for count in Thoroughness.prefixes(of: wholeCount) {
          try NiftiTestFiles.write(Array(bytes[..<count]), to: damaged)
          #expect(throws: VoxtileError.self, "\(damaged), first \(count) bytes") {
            _ = try ImageFormats.open(path).bytes()
          }
        }
        try NiftiTestFiles.write(bytes, to: damaged)
        #expect(throws: Never.self, "\(damaged)") { _ = try ImageFormats.open(path).bytes() }
      }
    }
  }

  @Test("a thousand mutations of each file are refused or read, never trapped on")
  func mutations() throws {
    try NiftiTestFiles.withFolder { folder in
      for (path, damaged) in try makeFiles(folder) {
        let bytes = try NiftiTestFiles.bytes(damaged)
        for seed in 0..<UInt64(Thoroughness.rounds(1000)) {
          var random = TestRandom(seed: seed)
          var mutated = bytes
          for _ in 0..<Int.random(in: 1...4, using: &random) {
            let index = Int.random(in: mutated.indices, using: &random)
            let edges: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)]
            mutated[index] = edges.randomElement(using: &random) ?? 0
          }
          try NiftiTestFiles.write(mutated, to: damaged)
          readAll(path, "\(damaged), seed \(seed)")
        }
        try NiftiTestFiles.write(bytes, to: damaged)
      }
    }
  }

  @Test("mutations inside a well-formed gzip file are refused or read, too")
  func mutationsInsideGzip() throws {
    try NiftiTestFiles.withFolder { folder in
      let variant = NiftiVariant(
        version: .one, byteOrder: .big, datatype: .float32, moreDimensions: [2], ending: "nii")
      let plain = folder + variant.fileName
      _ = try variant.write(extent, to: plain)
      let bytes = try NiftiTestFiles.bytes(plain)
      for seed in 0..<UInt64(Thoroughness.rounds(1000)) {
        var random = TestRandom(seed: seed)
        var mutated = bytes
        // The numbers that decide about sizes.
        for range in [40..<56, 70..<74, 108..<120] {
          mutated[Int.random(in: range, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        let path = folder + "mutated.nii.gz"
        let file = try AtomicFile(path, replacing: true)
        let writer = try GzipWriter(file, options: WriteOptions())
        try mutated.withUnsafeBytes { try writer.write($0) }
        try writer.finish()
        try file.commit()
        readAll(path, "seed \(seed)")
      }
    }
  }

  /// Opens a header with one change, and gives the error.
  private func error(
    datatype: NiftiDatatype = .int16, _ change: (inout NiftiHeader) -> Void
  ) throws -> VoxtileError? {
    try NiftiTestFiles.withFolder { folder in
      let variant = NiftiVariant(version: .one, byteOrder: .big, datatype: datatype, ending: "nii")
      var header = variant.header(extent)
      change(&header)
      try NiftiTestFiles.write(header.bytes + [UInt8](repeating: 0, count: 1000), to: folder + "a.nii")
      return #expect(throws: VoxtileError.self) {
        try ImageFormats.open(folder + "a.nii")
      }
    }
  }

  @Test("messages name the field and both values")
  func messages() throws {
    typealias Change = (String, VoxtileError.Code, (inout NiftiHeader) -> Void)
    let cases: [Change] = [
      ("dim[0] is 0", .malformedFile, { $0.set(.dim, to: 0) }),
      ("dim[0] is 8", .malformedFile, { $0.set(.dim, to: 8) }),
      ("dim[2] is -3", .malformedFile, { $0.set(.dim, 2, to: -3) }),
      ("dim[3] is 0", .malformedFile, { $0.set(.dim, 3, to: 0) }),
      ("bitpix is 8, but it should be 16", .malformedFile, { $0.set(.bitpix, to: 8) }),
      ("datatype is 3", .malformedFile, { $0.set(.datatype, to: 3) }),
      ("single bits (datatype 1)", .unsupportedFormat, { $0.set(.datatype, to: 1) }),
      ("float128 (datatype 1536)", .unsupportedFormat, { $0.set(.datatype, to: 1536) }),
      ("complex256 (datatype 2048)", .unsupportedFormat, { $0.set(.datatype, to: 2048) }),
      ("scl_inter is -inf", .malformedFile, { $0.set(.intercept, to: -Double.infinity) }),
      ("vox_offset is 351.0", .malformedFile, { $0.set(.voxOffset, to: 351.0) }),
      (
        "vox_offset is 1e+30, but it should be a whole number of at least 352", .malformedFile,
        { $0.set(.voxOffset, to: 1e30) }
      ),
      ("srow_x, y, z [5] is nan", .malformedFile, { $0.set(.srow, 5, to: Double.nan) }),
      (
        "should have 30000352 bytes by its header, but has 1352", .malformedFile,
        {
          $0.set(.dim, 1, to: 5000)
          $0.set(.dim, 2, to: 1500)
        }
      ),
    ]
    for (message, code, change) in cases {
      let error = try error(change)
      #expect(error?.code == code, "\(message)")
      #expect(error?.message.contains(message) == true, "\(message): \(String(describing: error))")
    }
  }

  @Test("sizes whose product overflows are refused")
  func overflow() throws {
    try NiftiTestFiles.withFolder { folder in
      let variant = NiftiVariant(
        version: .two, byteOrder: .little, datatype: .int16, moreDimensions: [2], ending: "nii")
      var header = variant.header(extent)
      for index in 1...4 { header.set(.dim, index, to: Int.max) }
      try NiftiTestFiles.write(header.bytes, to: folder + "a.nii")
      let error = #expect(throws: VoxtileError.self) { try ImageFormats.open(folder + "a.nii") }
      #expect(error?.message.contains("dim[1]") == true, "\(String(describing: error))")
    }
  }

  @Test("an extension larger than its room is refused")
  func extensionSize() throws {
    let bytes = try NiftiTestFiles.bytes(NiftiTestFiles.path("extensions.nii"))
    for size in [7, -1, 1000] as [Int32] {
      try NiftiTestFiles.withFolder { folder in
        var damaged = bytes
        for index in 0..<4 { damaged[352 + index] = UInt8(truncatingIfNeeded: size >> Int32(index * 8)) }
        try NiftiTestFiles.write(damaged, to: folder + "a.nii")
        let error = #expect(throws: VoxtileError.self) { try ImageFormats.open(folder + "a.nii") }
        #expect(error?.message.contains("esize is \(size)") == true, "\(String(describing: error))")
      }
    }
  }

  @Test("ANALYZE 7.5 is named and refused")
  func analyze() throws {
    let variant = NiftiVariant(version: .one, byteOrder: .big, datatype: .int16, ending: "nii")
    var bytes = variant.header(extent).bytes
    bytes.replaceSubrange(344..<348, with: [0, 0, 0, 0])
    let error = #expect(throws: VoxtileError.self) { try NiftiHeader(bytes) }
    #expect(error?.code == .unsupportedFormat)
    #expect(error?.message.contains("ANALYZE 7.5") == true)
  }

  @Test("a small gzip file cannot declare a large image")
  func bomb() throws {
    try NiftiTestFiles.withFolder { folder in
      let variant = NiftiVariant(version: .two, byteOrder: .little, datatype: .float64, ending: "nii")
      let header = variant.header(Extent(width: 1 << 20, height: 1 << 20, depth: 1))
      let file = try AtomicFile(folder + "a.nii.gz")
      let writer = try GzipWriter(file, options: WriteOptions())
      try header.bytes.withUnsafeBytes { try writer.write($0) }
      try writer.finish()
      try file.commit()
      let error = #expect(throws: VoxtileError.self) { try ImageFormats.open(folder + "a.nii.gz") }
      #expect(error?.message.contains("cannot hold more than") == true, "\(String(describing: error))")
    }
  }

  @Test("64 MiB of extensions are read, and 16 bytes more are refused")
  func longestExtensions() throws {
    let limit = 64 << 20
    try NiftiTestFiles.withFolder { folder in
      for offset in [limit, limit + 16] {
        let variant = NiftiVariant(version: .two, byteOrder: .little, datatype: .int16, ending: "nii")
        var header = variant.header(extent)
        header.set(.voxOffset, to: offset)
        try NiftiTestFiles.write(header.bytes, to: folder + "a.nii")
        // A sparse file: the extensions and the voxels take no room on the disk.
        try #require(truncate(folder + "a.nii", off_t(offset + extent.voxelCount * 2)) == 0)
        guard offset > limit else {
          #expect(try ImageFormats.open(folder + "a.nii").info.extent == extent)
          continue
        }
        let error = #expect(throws: VoxtileError.self) { try ImageFormats.open(folder + "a.nii") }
        #expect(error?.code == .unsupportedFormat)
        #expect(
          error?.message.contains("has 67108880 bytes before its voxels, and no more than 67108864") == true,
          "\(String(describing: error))")
      }
    }
  }

  @Test("a header without its image says which file is missing")
  func missingImage() throws {
    try NiftiTestFiles.withFolder { folder in
      let variant = NiftiVariant(version: .one, byteOrder: .little, datatype: .uint8, ending: "hdr")
      _ = try variant.write(extent, to: folder + "a.hdr")
      let header = try NiftiTestFiles.bytes(folder + "a.hdr")
      try NiftiTestFiles.write(header, to: folder + "b.hdr")
      let error = #expect(throws: VoxtileError.self) { try ImageFormats.open(folder + "b.hdr") }
      #expect(error?.message.contains("b.img") == true)
      try NiftiTestFiles.write(header, to: folder + "b.nii")
      let other = #expect(throws: VoxtileError.self) { try ImageFormats.open(folder + "b.nii") }
      #expect(other?.message.contains(".hdr") == true)
    }
  }
}
