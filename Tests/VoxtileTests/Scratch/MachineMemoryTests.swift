import Testing

@testable import Voxtile

@Suite("The memory that there is")
struct MachineMemoryTests {
  /// An image that no machine can hold.
  private struct Endless: VolumeReader {
    let info = VolumeInfo(
      extent: Extent(width: 1 << 20, height: 1 << 20, depth: 1 << 10), channels: 1, scalarType: .uint8)
    let isRandomAccess = true

    func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
      destination.initializeMemory(as: UInt8.self, repeating: 7)
    }
  }

  @Test("a box that does not fit in memory is refused before it is allocated, and a small one is read")
  func boxes() throws {
    let error = #expect(throws: VoxtileError.self) { _ = try Endless().read(as: UInt8.self) }
    #expect(error?.code == .memoryTooLow && error?.message.contains("of memory here") == true)
    let small = try Endless().read(Region(x: 0..<2, y: 0..<3, z: 5..<6), as: UInt8.self)
    #expect(small.voxels == [UInt8](repeating: 7, count: 6))
  }

  @Test("without a limit a job may use the memory that there is, and with one no more than that")
  func limits() {
    #expect(MachineMemory.byteCount > 64 << 20)
    #expect(JobLimits().onThisMachine.memory == MachineMemory.byteCount)
    #expect(JobLimits(jobs: .one, memory: 5).onThisMachine == JobLimits(jobs: .one, memory: 5))
  }
}
