import Testing
import Voxtile
import VoxtileTestSupport

@Suite("VolumeReader")
struct VolumeReaderTests {
  private static let extent = Extent(width: 4, height: 3, depth: 5)

  private func reader(_ scaling: VolumeInfo.Scaling? = nil) throws -> VolumeInMemory {
    let voxels = (0..<2 * Self.extent.voxelCount).map { Int16($0 - 40) }
    return VolumeInMemory(
      try Volume(extent: Self.extent, channels: 2, voxels: voxels), scaling: scaling)
  }

  @Test("real values are stored ones with the scaling applied, in any type, of a box or the whole")
  func real() throws {
    let scaled = try reader(.init(slope: 0.5, intercept: -10))
    let box = Region(x: 1..<3, y: 0..<2, z: 4..<5)
    let stored = try scaled.read(box, as: Int16.self)
    let real: Volume<Float> = try scaled.readReal(box)
    #expect(real.voxels == stored.voxels.map { Float($0) * 0.5 - 10 })
    #expect(real.extent == box.extent && real.metadata == stored.metadata)
    // Ties go to the even number, and what is too small saturates.
    let bytes = try scaled.readReal(as: UInt8.self).voxels
    #expect(bytes == (0..<120).map { UInt8(max(0, (Double($0 - 40) * 0.5 - 10).rounded(.toNearestOrEven))) })
  }

  @Test("without a scaling, whole numbers stay exact")
  func exact() throws {
    let large: [Int64] = [.max, .min, 1 << 53 + 1]
    let reader = VolumeInMemory(try Volume(extent: Extent(width: 3, height: 1), voxels: large))
    #expect(try reader.readReal(as: Int64.self).voxels == large)
    #expect(try reader.readReal(as: UInt64.self).voxels == [UInt64(Int64.max), 0, 1 << 53 + 1])
  }

  @Test("slabs cover each voxel once, in the order of a file, and are no larger than allowed")
  func slabs() {
    for depth in 1...4 {
      for height in 1...4 {
        for width in 1...3 {
          let extent = Extent(width: width, height: height, depth: depth)
          let info = VolumeInfo(extent: extent, channels: 2, scalarType: .int16)
          for limit in 1...info.byteCount(of: Region(extent)) + 1 {
            expectTiling(info.slabs(maximumBytes: limit), of: info, limit: limit)
          }
        }
      }
    }
  }

  private func expectTiling(_ slabs: [Region], of info: VolumeInfo, limit: Int) {
    let places = slabs.flatMap { slab in
      slab.z.flatMap { z in slab.y.map { y in z * info.extent.height + y } }
    }
    #expect(places == Array(0..<info.extent.height * info.extent.depth), "\(info.extent), \(limit) bytes")
    for slab in slabs {
      #expect(slab.x == 0..<info.extent.width)
      #expect(info.byteCount(of: slab) <= limit || slab.extent.height * slab.extent.depth == 1)
      #expect(slab.extent.depth == 1 || slab.extent.height == info.extent.height)
    }
  }

  @Test("whole slices are not split where that is asked for, and other values than stored ones count")
  func wholeSlices() {
    let info = VolumeInfo(extent: Self.extent, scalarType: .uint8)
    #expect(info.slabs(maximumBytes: 1, splitsSlices: false).map(\.z) == (0..<5).map { $0..<$0 + 1 })
    #expect(info.slabs(maximumBytes: 12 * 8 * 2, valueByteCount: 8).map(\.z) == [0..<2, 2..<4, 4..<5])
    #expect(
      VolumeInfo(extent: Extent(width: 3, height: 2, depth: 0), scalarType: .uint8).slabs(maximumBytes: 9)
        .isEmpty)
  }

  @Test("each slab is read once, after its check, which may end the reading", arguments: [1, 20, 100, 1000])
  func forEachSlab(limit: Int) throws {
    let reader = try reader()
    var checks = 0
    var seen: [Region] = []
    try reader.forEachSlab(maximumBytes: limit, check: { checks += 1 }) { bytes, region in
      seen.append(region)
      #expect(checks == seen.count)
      let expected = try reader.read(region, as: Int16.self).voxels
      #expect(expected.withUnsafeBytes { $0.elementsEqual(bytes) }, "\(region)")
    }
    #expect(seen == reader.info.slabs(maximumBytes: limit))
    var read = 0
    #expect(throws: CancellationError.self) {
      try reader.forEachSlab(
        maximumBytes: 16, check: { if read == 2 { throw CancellationError() } }, { _, _ in read += 1 })
    }
    #expect(read == 2)
  }
}
