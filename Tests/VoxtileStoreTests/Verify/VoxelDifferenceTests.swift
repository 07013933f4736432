import Synchronization
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Differences of voxels")
struct VoxelDifferenceTests {
  /// A volume in memory that remembers the largest box that was read at once.
  private final class WatchedReader: VolumeReader {
    let base: VolumeInMemory
    let largestByteCount = Mutex(0)

    init(_ volume: some AnyVolume) { base = VolumeInMemory(volume) }

    var info: VolumeInfo { base.info }
    var isRandomAccess: Bool { false }

    func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
      largestByteCount.withLock { $0 = max($0, destination.count) }
      try base.read(region, into: destination)
    }
  }

  @Test("a file is compared without being in memory whole", arguments: [1, 2])
  func memory(channels: Int) throws {
    // 4 MiB a slice and channel: no slab holds a slice.
    let extent = Extent(width: 2048, height: 1024, depth: 2)
    let expected = try Volume<Int16>(
      extent: extent, channels: channels, voxels: [Int16](repeating: 7, count: extent.voxelCount * channels))
    let reader = WatchedReader(expected)
    let difference = try VoxelDifference(of: reader, from: expected)
    #expect(difference == nil)
    #expect(reader.largestByteCount.withLock { $0 } <= 1 << 20)
  }
}
