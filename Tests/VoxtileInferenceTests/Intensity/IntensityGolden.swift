import Foundation
import Testing
import VoxtileTestSupport

@testable import VoxtileInference

/// What numpy computed: `Fixtures/intensity.json`.
struct IntensityGolden: Decodable, Sendable {
  struct Scan: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    /// The bits of each voxel.
    let voxels: [UInt32]
    /// By the name of the normalization; `nil` where it means nothing.
    let maps: [String: Map?]

    var testDescription: String { name }
    var values: [Float] { voxels.map { Float(bitPattern: $0) } }
  }

  struct Map: Decodable, Sendable {
    let offset: Double
    let divisor: Double
    let lower: Double?
    let upper: Double?
    let keepsZero: Bool
    /// The bits of the first voxels, normalized.
    let first: [UInt32]
  }

  let scans: [Scan]

  static func scans() throws -> [Scan] {
    try Fixture.json("intensity.json", as: IntensityGolden.self).scans
  }
}

extension IntensityStatistics {
  /// Makes all passes over channels, each cut into parts as long as the lengths say, which repeat.
  mutating func gather(_ channels: [[Float]], lengths: [Int]) {
    while needsPass {
      for (channel, values) in channels.enumerated() {
        var (start, turn) = (0, 0)
        while start < values.count {
          let end = min(values.count, start + lengths[turn % lengths.count])
          add(values.span.extracting(start..<end), channel: channel)
          (start, turn) = (end, turn + 1)
        }
      }
      endPass()
    }
  }
}

/// The maps of channels that are added as a whole.
func intensityMaps(_ name: String, _ channels: [Float]...) throws -> [IntensityMap] {
  var statistics = IntensityStatistics(for: try #require(Normalization(name)), channels: channels.count)
  statistics.gather(channels, lengths: [.max / 2])
  return try statistics.maps()
}
