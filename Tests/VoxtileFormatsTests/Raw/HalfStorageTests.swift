import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

/// Values of `float32` that are stored as floating-point numbers of 16 bits.
@Suite("Values stored in 16 bits") struct HalfStorageTests {
  private static let formats = FormatRegistry.standard.formats.filter { $0.holdsHalf }
  private static let endings = formats.flatMap { format in
    format.writableEndings.map { (format: format, ending: $0) }
  }

  private var options: WriteOptions {
    var options = WriteOptions()
    options.storesHalf = true
    return options
  }

  private func values(_ count: Int) -> [Float] {
    var random = SplitMix64(seed: 7)
    return [.nan, -.infinity] + (2..<count).map { _ in .random(in: -300...300, using: &random) }
  }

  @Test("arrays of NumPy and Zarr hold them, and no other format says so")
  func which() {
    #expect(Self.formats.map { $0.name } == ["numpy", "zarr"])
  }

  @Test("each value becomes the nearest number of 16 bits, in every shape, slice by slice, also compressed")
  func nearest() throws {
    try withTemporaryFolder { folder in
      for (format, ending) in Self.endings {
        for (extent, channels) in [
          (Extent(width: 7, height: 5, depth: 6), 1), (Extent(width: 7, height: 5, depth: 6), 3),
          (Extent(width: 9, height: 4), 2), (Extent(width: 150, height: 3, depth: 2), 1),
        ] {
          for version in format.name == "zarr" ? [2, 3] : [nil] {
            let path = "\(folder)/\(channels)-\(extent)-\(version ?? 0).\(ending)"
            var options = options
            options.formatVersion = version
            let volume = try Volume(
              extent: extent, channels: channels, voxels: values(extent.voxelCount * channels))
            let info = VolumeInfo(extent: extent, channels: channels, scalarType: .float32)
            let writer = try format.create(path, info: info, options: options)
            for z in 0..<extent.depth {
              let slice = Region(x: 0..<extent.width, y: 0..<extent.height, z: z..<z + 1)
              try writer.write(volume[slice], slices: z..<z + 1)
            }
            try writer.finish()
            let reader = try ImageFormats.open(path)
            #expect(reader.info.scalarType == .float32 && reader.info.extent == extent)
            let found = try reader.read(as: Float.self).voxels
            let wanted = volume.voxels.map { Float(halfBits: UInt16(halfBitsOf: $0)) }
            let isSame = zip(found, wanted).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
            #expect(found.count == wanted.count && isSame, "\(path)")
          }
        }
      }
    }
  }

  @Test("whole numbers stay as they are")
  func wholeNumbers() throws {
    try withTemporaryFolder { folder in
      for (format, ending) in Self.endings {
        let path = "\(folder)/labels.\(ending)"
        let info = VolumeInfo(extent: Extent(3), channels: 1, scalarType: .uint16)
        let volume = try Volume(extent: Extent(3), voxels: [UInt16](repeating: 65535, count: 27))
        let writer = try format.create(path, info: info, options: options)
        try writer.write(volume, slices: 0..<3)
        try writer.finish()
        #expect(try ImageFormats.open(path).read(as: UInt16.self).voxels == volume.voxels)
      }
    }
  }

  @Test("a value beyond them ends the writing, and nothing is left", arguments: [Float(65520), -1e9])
  func tooLarge(value: Float) throws {
    try withTemporaryFolder { folder in
      for (format, ending) in Self.endings {
        let info = VolumeInfo(extent: Extent(4), channels: 1, scalarType: .float32)
        let volume = try Volume(extent: Extent(4), voxels: [Float](repeating: 65519, count: 63) + [value])
        #expect {
          let writer = try format.create("\(folder)/a.\(ending)", info: info, options: options)
          try writer.write(volume, slices: 0..<4)
        } throws: {
          "\($0)".contains("would hold \(value), and floating-point numbers of 16 bits go to 65504")
        }
        #expect(try fileNames(in: folder).isEmpty)
      }
    }
  }
}
