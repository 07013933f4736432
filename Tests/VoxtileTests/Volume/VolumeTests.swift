import Testing
import Voxtile

@Suite("Volume") struct VolumeTests {
  @Test("a change in place does not copy the voxels")
  func changeInPlace() {
    var volume = Volume<Float>(extent: Extent(8))
    let before = volume.voxels.withUnsafeBufferPointer { $0.baseAddress }
    volume[x: 1, y: 2, z: 3] = 4
    volume.voxels[0] = 5
    #expect(volume.voxels.withUnsafeBufferPointer { $0.baseAddress } == before)
    #expect(volume[x: 1, y: 2, z: 3] == 4 && volume[x: 0, y: 0] == 5)
  }

  @Test("voxels lie with x fastest and channels planar")
  func layout() throws {
    let extent = Extent(width: 4, height: 3, depth: 2)
    var volume = try Volume(extent: extent, channels: 2, voxels: (0..<48).map { Int16($0) })
    var next: Int16 = 0
    for channel in 0..<2 {
      for z in 0..<2 {
        for y in 0..<3 {
          for x in 0..<4 {
            #expect(volume[x: x, y: y, z: z, channel: channel] == next)
            next += 1
          }
        }
      }
    }
    volume[x: 3, y: 2, z: 1, channel: 0] = -7
    #expect(volume.voxels[23] == -7)
    #expect(volume.voxels.count { $0 == -7 } == 1)
  }

  @Test("the example of the documentation is true")
  func example() throws {
    let scan = try Volume(extent: Extent(width: 4, height: 2), voxels: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt8])
    #expect(scan[x: 1, y: 1] == 6)
  }

  @Test("values that do not make the shape are refused, with both numbers")
  func shapeMismatch() {
    let error = #expect(throws: VoxtileError.self) {
      try Volume(extent: Extent(width: 4, height: 2), channels: 3, voxels: [UInt8](repeating: 0, count: 23))
    }
    #expect(error?.code == .shapeMismatch)
    #expect(error?.message == "3 channels of 4x2 voxels do not make 23 values")
    #expect(error?.context.expected == "24" && error?.context.found == "23")
  }

  @Test("a volume has a channel, and sizes that overflow are refused")
  func impossibleShapes() {
    for channels in [0, -1, Int.min] {
      let error = #expect(throws: VoxtileError.self) {
        try Volume(extent: Extent(2), channels: channels, voxels: [] as [Float])
      }
      #expect(error?.code == .shapeMismatch)
    }
    for (extent, channels) in [(Extent(1 << 21), 2), (Extent(1 << 22), 1), (Extent(Int.max), Int.max)] {
      let error = #expect(throws: VoxtileError.self) {
        try Volume(extent: extent, channels: channels, voxels: [] as [Float])
      }
      #expect(error?.code == .shapeMismatch)
    }
  }

  @Test("an empty box holds no values")
  func empty() throws {
    let volume = try Volume(extent: Extent(width: 0, height: 5), voxels: [] as [Float])
    #expect(volume.voxels.isEmpty)
    #expect(
      Volume<UInt8>(extent: Extent(width: 3, height: 0))
        == (try Volume(extent: Extent(width: 3, height: 0), voxels: [])))
  }

  @Test("one value everywhere")
  func repeating() {
    let volume = Volume<Int32>(extent: Extent(3), channels: 2, repeating: -5)
    #expect(volume.voxels == [Int32](repeating: -5, count: 54))
    #expect(volume.channels == 2)
    #expect(volume.metadata == VolumeMetadata())
  }

  @Test("equality is shape and values, not where the volume lies")
  func equality() throws {
    let volume = try Volume(extent: Extent(width: 2, height: 3), voxels: [1, 2, 3, 4, 5, 6] as [Float])
    var elsewhere = volume
    elsewhere.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(2)))
    #expect(volume == elsewhere)
    #expect(volume != (try Volume(extent: Extent(width: 3, height: 2), voxels: volume.voxels)))
    #expect(volume != (try Volume(extent: Extent(width: 2, height: 1), channels: 3, voxels: volume.voxels)))
    var changed = volume
    changed[x: 0, y: 0] = 9
    #expect(volume != changed && volume.voxels[0] == 1)
  }

  @Test("a volume of unknown type says its type and opens")
  func anyVolume() {
    func sum(_ volume: some AnyVolume) -> Double { volume.typed.voxels.reduce(0) { $0 + $1.double } }
    let volumes: [any AnyVolume] = [
      Volume<UInt8>(extent: Extent(2), repeating: 3), Volume<Double>(extent: Extent(1), repeating: 0.5),
    ]
    #expect(volumes.map(\.scalarType) == [.uint8, .float64])
    #expect(volumes.map { sum($0) } == [24, 0.5])
  }

  @Test("a voxel outside the volume breaks the contract, even where its offset exists")
  func outside() async {
    await #expect(processExitsWith: .failure) {
      let volume = Volume<UInt8>(extent: Extent(4))
      _ = volume[x: 4, y: 0]
    }
  }

  @Test("another number of values breaks the contract")
  func otherCount() async {
    await #expect(processExitsWith: .failure) {
      var volume = Volume<UInt8>(extent: Extent(2))
      volume.voxels.removeLast()
    }
  }
}
