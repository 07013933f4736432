import Voxtile
import VoxtileFormats
import VoxtileTestSupport

/// An image of random noise, computed when it is read.
struct NoiseReader: VolumeReader {
  let info: VolumeInfo
  var isRandomAccess: Bool { true }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    var random = SplitMix64(seed: UInt64(region.origin.z))
    for index in destination.indices { destination[index] = UInt8.random(in: 0...255, using: &random) }
  }
}
