import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite(
  "Coarser levels of Zarr stores", .enabled(if: ZarrTestFiles.hasLibraries, "needs libzstd and libblosc"))
struct ZarrPyramidTests {
  /// What a voxel of a coarser level should be, one by one.
  private static func naive<Scalar: VoxelScalar>(
    _ volume: Volume<Scalar>, _ factors: PerAxis<Int>, isMode: Bool
  ) throws -> [Scalar] {
    let extent = volume.extent
    let half = Extent(extent.sizes.map { axis, size in (size + factors[axis] - 1) / factors[axis] })
    var result: [Scalar] = []
    for c in 0..<volume.channels {
      for z in 0..<half.depth {
        for y in 0..<half.height {
          for x in 0..<half.width {
            var values: [Scalar] = []
            for dz in 0..<factors.z where z * factors.z + dz < extent.depth {
              for dy in 0..<factors.y where y * factors.y + dy < extent.height {
                for dx in 0..<factors.x where x * factors.x + dx < extent.width {
                  values.append(
                    volume[
                      x: x * factors.x + dx, y: y * factors.y + dy, z: z * factors.z + dz, channel: c])
                }
              }
            }
            if isMode {
              let counts = values.map { value in values.count { $0 == value } }
              result.append(values[counts.firstIndex(of: counts.max() ?? 0) ?? 0])
            } else {
              let sum = values.reduce(0.0) { $0 + $1.double }
              result.append(Scalar(nearest: sum / Double(values.count)))
            }
          }
        }
      }
    }
    return result
  }

  private func check<Scalar: VoxelScalar>(
    _ type: Scalar.Type, isMode: Bool, spacing: PerAxis<Double>, factors: [PerAxis<Int>], chunk: Extent
  ) throws {
    let extent = Extent(width: 261, height: 9, depth: 11)
    var random = SplitMix64(seed: 5)
    let values = (0..<2 * extent.voxelCount).map { _ in
      Scalar(nearest: Double(Int.random(in: 0..<(isMode ? 4 : 120), using: &random)))
    }
    var volume = try Volume(extent: extent, channels: 2, voxels: values)
    let metadata = VolumeMetadata(affine: Affine(spacing: spacing), place: .spacing)
    let info = VolumeInfo(
      extent: extent, channels: 2, scalarType: Scalar.scalarType, isLabelMap: isMode, metadata: metadata)
    try withTemporaryFolder { folder in
      let options = WriteOptions(jobs: 3, chunk: chunk)
      let bytes = values.withUnsafeBytes { Array($0) }
      try ZarrWriterTests.write(bytes, info, to: "\(folder)/a.zarr", options: options)
      let levels = try ImageFormats.open("\(folder)/a.zarr").info.details.first { $0.name == "level" }?.value
      #expect(levels == "0 of " + (0...factors.count).map { "\($0)" }.joined(separator: ", "))
      var affine = metadata.affine
      for (level, factors) in factors.enumerated() {
        let expected = try Self.naive(volume, factors, isMode: isMode)
        let reader = try ImageFormats.open("\(folder)/a.zarr/\(level + 1)")
        volume = try reader.read(as: type)
        #expect(volume.voxels == expected && reader.info.isLabelMap == isMode, "\(type), level \(level + 1)")
        // Both ends of the image stay where they are.
        for axis in Axis.allCases {
          affine.rows[axis.index][3] += affine.rows[axis.index][axis.index] * Double(factors[axis] - 1) / 2
          affine.rows[axis.index][axis.index] *= Double(factors[axis])
        }
        #expect(reader.info.metadata.affine.largestDistance(to: affine, over: volume.extent) < 1e-9)
      }
    }
  }

  @Test(
    "each level is the mean, or of labels the mode, of the one before, for every type and whatever the chunks"
  )
  func levels() throws {
    let cubes = [PerAxis(2), PerAxis(2)]
    for type in ScalarType.allCases {
      func check<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
        try self.check(
          type, isMode: false, spacing: PerAxis(1), factors: cubes,
          chunk: Extent(width: 32, height: 4, depth: 3))
        guard type.scalarType.isInteger else { return }
        try self.check(type, isMode: true, spacing: PerAxis(1), factors: cubes, chunk: Extent(5))
      }
      try check(type.type)
    }
  }

  @Test("long voxels are halved last, so that voxels become like cubes")
  func anisotropic() throws {
    let factors = [PerAxis(x: 2, y: 2, z: 1), PerAxis(x: 2, y: 2, z: 1)]
    try check(
      Float.self, isMode: false, spacing: PerAxis(x: 1, y: 1, z: 3.5), factors: factors, chunk: Extent(16))
  }

  @Test("a small image has one level")
  func small() throws {
    try withTemporaryFolder { folder in
      let info = VolumeInfo(extent: Extent(width: 128, height: 128), scalarType: .uint8)
      try ZarrWriterTests.write(ZarrWriterTests.bytes(info, seed: 1), info, to: "\(folder)/a.zarr")
      #expect(try fileNames(in: "\(folder)/a.zarr") == ["0", "zarr.json"])
    }
  }
}
