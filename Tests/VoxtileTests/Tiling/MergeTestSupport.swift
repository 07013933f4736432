import Foundation
import Synchronization
import Voxtile
import VoxtileTestSupport

/// Slabs as they come out of a merger.
final class Slabs: Sendable {
  private let slabs = Mutex<[PlacedVolume<Float>]>([])

  func append(_ slab: PlacedVolume<Float>) { slabs.withLock { $0.append(slab) } }

  var ranges: [Range<Int>] { slabs.withLock { $0.map(\.region.z) } }

  /// The slabs as one volume.
  func joined(extent: Extent, channels: Int) throws -> Volume<Float> {
    let slabs = slabs.withLock { $0 }
    let voxels = (0..<channels).flatMap { channel in
      slabs.flatMap { slab in
        let count = slab.volume.extent.voxelCount
        return slab.volume.voxels[channel * count..<(channel + 1) * count]
      }
    }
    return try Volume(extent: extent, channels: channels, voxels: voxels)
  }
}

/// The weight of each index of a patch of each length, by the name of the blend, straight from the definitions.
let naiveProfiles: [(String, @Sendable (Int, Int) -> Double)] = [
  ("average", { _, _ in 1 }),
  (
    "gaussian",
    { index, length in
      let x = (Double(index) - Double(length - 1) / 2) / (Double(length) / 8)
      return exp(-x * x / 2)
    }
  ),
  (
    "hann",
    { index, length in
      let s = sin(Double.pi * Double(index + 1) / Double(length + 1))
      return s * s
    }
  ),
  (
    "triangular",
    { index, length in 1 + Double(length - 1) / 2 - abs(Double(index) - Double(length - 1) / 2) }
  ),
]

extension Volume {
  /// A volume of small random numbers.
  static func random(_ extent: Extent, upTo limit: Int, using random: inout SplitMix64) -> Volume {
    var volume = Volume(extent: extent)
    for index in volume.voxels.indices {
      volume.voxels[index] = Scalar(nearest: Double(Int.random(in: 0..<limit, using: &random)))
    }
    return volume
  }

  /// The volume with its axes turned: x becomes y, y becomes z, z becomes x.
  var turned: Volume {
    var turned = Volume(extent: extent.turned, channels: channels)
    for channel in 0..<channels {
      for voxel in extent.positions {
        turned[x: voxel.z, y: voxel.x, z: voxel.y, channel: channel] =
          self[x: voxel.x, y: voxel.y, z: voxel.z, channel: channel]
      }
    }
    return turned
  }
}

extension Extent {
  /// The extent with its axes turned: x becomes y, y becomes z, z becomes x.
  var turned: Extent { Extent(width: depth, height: width, depth: height) }
}

extension PerAxis {
  /// The values with their axes turned: x becomes y, y becomes z, z becomes x.
  var turned: PerAxis { PerAxis(x: z, y: x, z: y) }
}

extension GridCase {
  /// The problem with its axes turned: x becomes y, y becomes z, z becomes x.
  var turned: GridCase {
    var turned = self
    turned.extent = extent.turned
    turned.settings.patch = settings.patch.turned
    turned.settings.overlap = settings.overlap.turned
    turned.settings.edge = settings.edge.turned
    return turned
  }
}
