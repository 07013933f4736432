import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// Channels that are normalized each in its own way, before a scan is resampled.
@Suite("PreparedScan") struct PreparedScanTests {
  private static let extent = Extent(width: 5, height: 5, depth: 5)

  /// A shell around a hole, in a background that reaches the border; the second channel differs.
  private func scan() throws -> Volume<Float> {
    var voxels = [Float](repeating: 0, count: 250)
    for index in 0..<125 {
      let place = [index % 5, index / 5 % 5, index / 25]
      guard place.allSatisfy({ (1...3).contains($0) }), place != [2, 2, 2] else { continue }
      (voxels[index], voxels[125 + index]) = (Float(index), Float(index % 7) - 3)
    }
    return try Volume(extent: Self.extent, channels: 2, voxels: voxels)
  }

  private func prepared(_ schemes: [ChannelScheme]) throws -> [Float] {
    let source = try ScanSource([VolumeInMemory(scan())])
    return try PreparedScan(source, schemes: schemes) {}.read(as: Float.self).voxels
  }

  @Test("holes belong to what is not background, and the background stays as it is")
  func masked() throws {
    let scan = try scan()
    let inside = (0..<125).filter { index in
      [index % 5, index / 5 % 5, index / 25].allSatisfy { (1...3).contains($0) }
    }
    let found = try prepared([.zScore(masked: true), .zScore(masked: true)])
    for channel in 0...1 {
      let values = inside.map { Double(scan.voxels[channel * 125 + $0]) }
      let mean = values.reduce(0, +) / 27
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 27).squareRoot()
      for index in 0..<125 {
        let value = Double(scan.voxels[channel * 125 + index])
        let expected = inside.contains(index) ? (value - mean) / deviation : value
        #expect(abs(Double(found[channel * 125 + index]) - expected) < 1e-6)
      }
    }
  }

  @Test("each channel has its own scheme, and nothing is divided by 0")
  func schemes() throws {
    let scan = try scan()
    let found = try prepared([.ct(low: 40, high: 60, mean: 50, deviation: 10), .rescaled])
    for index in 0..<125 {
      #expect(found[index] == (min(max(scan.voxels[index], 40), 60) - 50) / 10)
      #expect(abs(found[125 + index] - (scan.voxels[125 + index] + 3) / 6) < 1e-6)
    }
    let flat = try PreparedScan(
      ScanSource([
        VolumeInMemory(Volume<Float>(extent: Self.extent, voxels: [Float](repeating: 7, count: 125)))
      ]),
      schemes: [.zScore(masked: false)]
    ) {}
    #expect(try flat.read(as: Float.self).voxels.allSatisfy { $0 == 0 })
  }

  @Test("colors beyond 255 and another number of channels are refused")
  func refusals() throws {
    #expect(throws: VoxtileError.self) { try prepared([.none, .rgb]) }
    #expect(try prepared([.rgb, .none])[62 + 1] == scan().voxels[63] / 255)
    #expect(throws: VoxtileError.self) { try prepared([.none]) }
  }
}
