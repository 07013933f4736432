import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("NIfTI files read by other programs")
struct NiftiOracleTests {
  /// What a file should hold, as `check_nifti.py` takes it.
  private struct Entry: Encodable {
    var path: String
    var version: Int
    var bigEndian: Bool
    var shape: [Int]
    var datatype: Int
    var crc32: UInt32?
    var affine: [[Double]]?
    var qform: [[Double]]?
    var scaling: [Double]?
    var intent: Int?
  }

  private let extent = Extent(width: 5, height: 4, depth: 3)

  private func check(_ entries: [Entry], in folder: String) throws {
    let python = try #require(NiftiTestFiles.python)
    try JSONEncoder().encode(entries).write(to: URL(filePath: folder + "list.json"))
    let script = NiftiTestFiles.fixtures.appending(path: "check_nifti.py").path
    let result = try OtherProgram.run(python, [script, folder + "list.json"])
    #expect(result.output == "checked \(entries.count)\n")
  }

  @Test("nibabel reads every variant as it was written", .enabled(if: NiftiTestFiles.python != nil))
  func variants() throws {
    try NiftiTestFiles.withFolder { folder in
      var entries: [Entry] = []
      for variant in NiftiVariant.all {
        let path = folder + variant.fileName
        let bytes = try variant.write(extent, to: path, slabs: 2)
        entries.append(
          Entry(
            path: path, version: variant.version.rawValue, bigEndian: variant.byteOrder == .big,
            shape: [5, 4, 3], datatype: variant.datatype.rawValue,
            crc32: interleaved(bytes, variant.datatype).withUnsafeBytes { CRC32($0).value },
            affine: try variant.info(extent).metadata.affine.rows,
            qform: try variant.info(extent).metadata.affine.rows, scaling: [1, 0], intent: 0))
      }
      try check(entries, in: folder)
    }
  }

  /// Planar values brought side by side.
  private func interleaved(_ bytes: [UInt8], _ datatype: NiftiDatatype) -> [UInt8] {
    let size = datatype.scalarType.byteCount
    let voxels = bytes.count / datatype.voxelByteCount
    return (0..<voxels).flatMap { voxel in
      (0..<datatype.components).flatMap { component in
        let start = (component * voxels + voxel) * size
        return bytes[start..<start + size]
      }
    }
  }

  @Test(
    "nibabel places a patch where it was cut from, by sform and by qform",
    .enabled(if: NiftiTestFiles.python != nil))
  func patches() throws {
    try NiftiTestFiles.withFolder { folder in
      var entries: [Entry] = []
      for (name, expected) in NiftiTestFiles.expectations where expected.extent[2] > 1 {
        let reader = try ImageFormats.open(NiftiTestFiles.path(name))
        var info = reader.info
        let region = Region(x: 1..<3, y: 1..<3, z: 1..<2)
        info.extent = region.extent
        info.metadata = info.metadata.moved(to: region.origin)
        let path = folder + name
        try ImageFormats.create(path, info: info).writeInSlabs(reader.bytes(region), info: info, count: 1)
        let header = try NiftiHeader(try #require(info.metadata.header).bytes)
        let original = Affine(rows: expected.affine)
        entries.append(
          Entry(
            path: path, version: header.version.rawValue, bigEndian: header.byteOrder == .big,
            shape: [2, 2, 1] + (header.rank > 3 ? (4...header.rank).map { header.integer(.dim, $0) } : []),
            datatype: header.integer(.datatype), affine: original.moved(to: region.origin).rows,
            qform: header.hasQform ? header.qform.moved(to: region.origin).rows : nil,
            scaling: expected.scaling ?? [1, 0], intent: header.integer(.intentCode)))
      }
      try check(entries, in: folder)
    }
  }

  @Test(
    "nibabel places a box of an image in micrometers, or with an sform of zeros, where it was cut from",
    .enabled(if: NiftiTestFiles.python != nil))
  func doubtfulPatches() throws {
    try NiftiTestFiles.withFolder { folder in
      var entries: [Entry] = []
      let affine = Affine(rows: [[-100, 0, 0, 4000], [0, 250, 0, -500], [0, 0, 500, 70]])
      for (name, change) in [
        ("um", { (header: inout NiftiHeader) in header.set(.units, to: 3) }),
        ("zeros", { header in for index in 0..<12 { header.set(.srow, index, to: 0.0) } }),
      ] {
        var header = NiftiHeader(version: .one)
        header.set(.dim, to: 3)
        for (index, size) in extent.sizes.all.enumerated() { header.set(.dim, index + 1, to: size) }
        header.set(.datatype, to: 4)
        header.set(.bitpix, to: 16)
        header.setGeometry(affine)
        change(&header)
        var info = try header.volumeInfo(header.shape())
        let origin = Position(x: 2, y: 1, z: 1)
        info.extent = Extent(2)
        info.metadata = info.metadata.moved(to: origin)
        let path = folder + name + ".nii"
        try ImageFormats.create(path, info: info)
          .writeInSlabs([UInt8](repeating: 1, count: 16), info: info, count: 1)
        // nibabel leaves lengths in the units of the header.
        entries.append(
          Entry(
            path: path, version: 1, bigEndian: ByteOrder.native == .big, shape: [2, 2, 2], datatype: 4,
            affine: affine.moved(to: origin).rows, qform: affine.moved(to: origin).rows, scaling: [1, 0],
            intent: 0))
      }
      try check(entries, in: folder)
    }
  }

  @Test(
    "nifti_tool finds nothing wrong with the headers",
    .enabled(if: OtherProgram.isThere("nifti_tool")))
  func niftiTool() throws {
    try NiftiTestFiles.withFolder { folder in
      var paths: [String] = []
      for variant in NiftiVariant.all where variant.datatype == .int16 && variant.ending != "img.gz" {
        paths.append(folder + variant.fileName)
        _ = try variant.write(extent, to: folder + variant.fileName)
      }
      let result = try OtherProgram.run("nifti_tool", ["-check_hdr", "-infiles"] + paths)
      #expect(result.status == 0, "\(result.output)")
      #expect(!result.output.lowercased().contains("error"), "\(result.output)")
    }
  }
}
