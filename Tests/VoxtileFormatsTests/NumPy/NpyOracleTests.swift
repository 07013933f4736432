import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("NumPy reads what is written", .enabled(if: NiftiTestFiles.python != nil, "needs a Python with numpy"))
struct NpyOracleTests {
  /// What NumPy says of files: shape, type, order and a checksum of all elements in C order.
  private static let script = """
    import sys, zlib, numpy
    for path in sys.argv[1:]:
        array = numpy.load(path)
        if path.endswith("npz"):
            assert array.files == ["arr_0"], array.files
            array = array["arr_0"]
        assert array.flags.c_contiguous
        print("x".join(map(str, array.shape)), array.dtype.name, zlib.crc32(array.tobytes()))
    """

  @Test("every type, plain and compressed, with one channel and several, in one slab and slice by slice")
  func variants() throws {
    let python = try #require(NiftiTestFiles.python)
    try withTemporaryFolder { folder in
      var (paths, expected): ([String], [String]) = ([], [])
      for (index, type) in ScalarType.allCases.enumerated() {
        for (channels, isPlanar, ending) in [
          (1, false, "npy"), (2, false, "npz"), (1, true, "npz"), (3, true, "npy"), (3, false, "npy"),
          (1, false, "npz"),
        ] {
          let extent = Extent(width: 3, height: 5, depth: isPlanar ? 1 : 4)
          let info = VolumeInfo(extent: extent, channels: channels, scalarType: type)
          let path = "\(folder)/\(paths.count).\(ending)"
          let values = try write(info, to: path, seed: UInt64(index))
          let shape = NpyShape(writing: info)
          let inFile = shape.isColor ? interleaved(values, channels) : values
          paths.append(path)
          let sum = inFile.withUnsafeBytes { CRC32($0).value }
          expected.append("\(shape.axes.map(String.init).joined(separator: "x")) \(type.rawValue) \(sum)")
        }
      }
      let result = try OtherProgram.run(python, ["-c", Self.script] + paths)
      #expect(result.output.split(separator: "\n").map(String.init) == expected)
      #expect(expected.contains { $0.hasPrefix("5x3x3 uint8") && $0.contains("uint8") })
      #expect(expected.contains { $0.hasPrefix("1x4x5x3 uint8") })
    }
  }

  /// Writes random bytes slice by slice, and gives them.
  private func write(_ info: VolumeInfo, to path: String, seed: UInt64) throws -> [UInt8] {
    var random = SplitMix64(seed: seed)
    let count = info.byteCount(of: Region(info.extent))
    let values = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    let writer = try ImageFormats.create(path, info: info)
    let slice = info.extent.width * info.extent.height * info.scalarType.byteCount
    for z in 0..<info.extent.depth {
      var slab: [UInt8] = []
      for channel in 0..<info.channels {
        let first = (channel * info.extent.depth + z) * slice
        slab += values[first..<first + slice]
      }
      try slab.withUnsafeBytes { try writer.write($0, slices: z..<z + 1) }
    }
    try writer.finish()
    return values
  }

  private func interleaved(_ values: [UInt8], _ channels: Int) -> [UInt8] {
    let count = values.count / channels
    return (0..<count).flatMap { voxel in (0..<channels).map { values[$0 * count + voxel] } }
  }

  @Test("unzip finds nothing wrong with an archive", .enabled(if: OtherProgram.isThere("unzip")))
  func unzip() throws {
    try withTemporaryFolder { folder in
      _ = try write(VolumeInfo(extent: Extent(20), scalarType: .int16), to: "\(folder)/a.npz", seed: 1)
      let result = try OtherProgram.run("unzip", ["-t", "\(folder)/a.npz"])
      #expect(result.status == 0 && result.output.contains("No errors"), "\(result.output)")
    }
  }
}
