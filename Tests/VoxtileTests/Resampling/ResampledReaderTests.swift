import Synchronization
import Testing
import Voxtile
import VoxtileTestSupport

@Suite("ResampledReader")
struct ResampledReaderTests {
  /// Counts how often each plane of a volume is read.
  private final class CountingReader: VolumeReader {
    let inner: VolumeInMemory
    let counts: Mutex<[Int]>

    init(_ volume: some AnyVolume) {
      inner = VolumeInMemory(volume)
      counts = Mutex([Int](repeating: 0, count: volume.extent.depth))
    }

    var info: VolumeInfo { inner.info }
    var isRandomAccess: Bool { false }

    func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
      counts.withLock { counts in for z in region.z { counts[z] += 1 } }
      try inner.read(region, into: destination)
    }
  }

  private func noise<Scalar: VoxelScalar>(
    _ extent: Extent, channels: Int, _ type: Scalar.Type, _ random: inout SplitMix64
  ) throws -> Volume<Scalar> {
    let voxels = (0..<channels * extent.voxelCount).map { _ in
      Scalar(nearest: .random(in: -100...100, using: &random))
    }
    return try Volume(extent: extent, channels: channels, voxels: voxels)
  }

  @Test("boxes in any order hold the bits of the whole volume, all channels")
  func boxes() throws {
    for var random in SplitMix64.cases(40, from: 8000) {
      let extent = Extent(width: 9, height: 8, depth: Int.random(in: 1...90, using: &random))
      let volume = try noise(extent, channels: Int.random(in: 1...3, using: &random), Int16.self, &random)
      let convention = ResamplingConvention.allCases.randomElement(using: &random) ?? .nnunet
      let resampling = try Resampling(
        of: extent, spacing: PerAxis(1), to: PerAxis(.random(in: 0.6...1.7, using: &random)),
        convention: convention)
      let whole = try volume.resampled(resampling, as: Float.self)
      let reader = try ResampledReader(
        VolumeInMemory(volume), resampling, as: .float32, planes: Int.random(in: 1...9, using: &random))
      #expect(reader.info.extent == whole.extent && reader.info.scalarType == .float32)
      #expect(reader.info.metadata.affine == whole.metadata.affine)
      for _ in 0..<6 {
        func range(_ count: Int) -> Range<Int> {
          let first = Int.random(in: 0..<count, using: &random)
          return first..<Int.random(in: first + 1...count, using: &random)
        }
        let region = Region(
          x: range(whole.extent.width), y: range(whole.extent.height), z: range(whole.extent.depth))
        #expect(try reader.read(region, as: Float.self) == whole[region], "\(random) \(region)")
      }
    }
  }

  @Test("in ascending order the image is read once, and once before where values are clipped")
  func once() throws {
    var random = SplitMix64(seed: 8100)
    let volume = try noise(Extent(width: 6, height: 5, depth: 70), channels: 2, Float.self, &random)
    for (convention, times) in [(ResamplingConvention.nnunet, 2), (.monai, 1), (.torchio, 1)] {
      let source = CountingReader(volume)
      let resampling = try Resampling(
        of: volume.extent, spacing: PerAxis(1), to: PerAxis(1.3), convention: convention,
        interpolation: .cubic)
      let reader = try ResampledReader(source, resampling, planes: 3)
      try reader.forEachSlab(maximumBytes: 300) { _, _ in }
      #expect(source.counts.withLock { $0 } == [Int](repeating: times, count: 70), "\(convention)")
    }
  }

  @Test("the memory does not depend on the depth, and is that of some 60 small planes")
  func memory() throws {
    let jobs = Jobs(2)
    let bytes = try [300, 1200].map { depth in
      let info = VolumeInfo(extent: Extent(width: 512, height: 512, depth: depth), scalarType: .float32)
      let resampling = try Resampling(of: info.extent, spacing: PerAxis(0.8), to: PerAxis(1.5))
      return ResampledReader.streamBytes(info, resampling, planes: 8, jobs: jobs)
    }
    #expect(bytes[0] == bytes[1])
    #expect(bytes[0] < 90 << 20, "\(bytes[0])")
  }

  @Test("NaN is refused each time, and indices into a palette where means would be made")
  func refused() throws {
    var volume = Volume<Float>(extent: Extent(6), repeating: 1)
    volume[x: 1, y: 2, z: 3] = .nan
    let linear = try Resampling(
      of: volume.extent, spacing: PerAxis(1), to: PerAxis(2), convention: .monai)
    let reader = try ResampledReader(VolumeInMemory(volume), linear)
    for _ in 0..<2 {
      #expect(throws: VoxtileError.self) { try reader.read(as: Float.self) }
    }
    let replaced = try ResampledReader(VolumeInMemory(volume), linear, notFinite: .replace(with: 1))
    #expect(try replaced.read(as: Float.self).voxels.allSatisfy { $0 == 1 })
    #expect(replaced.replacedCount == 1)
    let cubic = try Resampling(of: volume.extent, spacing: PerAxis(1), to: PerAxis(2))
    #expect(throws: VoxtileError.self) { try ResampledReader(VolumeInMemory(volume), cubic) }
  }
}
