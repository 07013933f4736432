import Voxtile
import VoxtileFormats
import VoxtileReport
import VoxtileTestSupport

/// The size of the test images.
let testExtent = Extent(width: 13, height: 11, depth: 9)

/// An image of random noise.
func noise(seed: UInt64, extent: Extent = testExtent, channels: Int = 1) throws -> Volume<Int16> {
  var random = SplitMix64(seed: seed)
  let voxels = (0..<extent.voxelCount * channels).map { _ in Int16.random(in: -3000...3000, using: &random)
  }
  return try Volume(extent: extent, channels: channels, voxels: voxels)
}

/// A request whose pictures are smaller than the image, so that slices at full resolution exist.
func smallRequest(_ folder: String, _ name: String) throws -> ReportRequest {
  var request = ReportRequest(
    image: "\(folder)/\(name)",
    grid: try PatchGrid(over: testExtent, patch: Extent(6), overlap: .voxels(2)))
  request.pictureVoxels = 200
  return request
}

/// Decodes the 32-bit floats of a response.
func floats(_ bytes: [UInt8]) -> [Float] {
  stride(from: 0, to: bytes.count, by: 4).map { start in
    Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) })
  }
}

/// The expected values of a slice, collected voxel by voxel.
func expected(_ volume: Volume<Int16>, axis: Int, at index: Int, channel: Int = 0) -> [Float] {
  let sizes = volume.extent.sizes.all
  var values: [Float] = []
  for z in 0..<sizes[2] {
    for y in 0..<sizes[1] {
      for x in 0..<sizes[0] where [x, y, z][axis] == index {
        values.append(
          Float(volume.voxels[((channel * sizes[2] + z) * sizes[1] + y) * sizes[0] + x]))
      }
    }
  }
  return values
}
