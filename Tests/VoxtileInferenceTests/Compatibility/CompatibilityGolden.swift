import Foundation
import Testing
import Voxtile
import VoxtileInference
import VoxtileTestSupport

/// What other systems computed: `Fixtures/compat.json` and the values in `Fixtures/compat.f32`.
///
/// Sizes are in the order x, y, z; values lie with x fastest, channels outermost.
struct CompatibilityGolden: Decodable, Sendable {
  /// Where a system places its patches along one axis.
  struct Starts: Sendable, CustomStringConvertible {
    let length: Int
    let patch: Int
    let overlap: Double
    /// `nil` where the system refuses.
    let starts: [Int]?

    var description: String { "length \(length), patch \(patch), overlap \(overlap)" }
  }

  struct Window: Decodable, Sendable, CustomTestStringConvertible {
    let mode: String
    let patch: [Int]
    let offset: Int
    let count: Int

    var testDescription: String { "\(mode) \(patch)" }
  }

  struct Merge: Decodable, Sendable, CustomTestStringConvertible {
    let mode: String
    /// Whether the system summed in half precision.
    let half: Bool
    let name: String
    let image: [Int]
    let patch: [Int]
    let fraction: Double?
    let voxels: [Int]?
    let offset: Int
    let count: Int

    var testDescription: String { "\(mode)\(half ? " in float16" : ""), \(name)" }

    var overlap: PerAxis<Overlap> {
      if let voxels { return PerAxis(x: voxels[0], y: voxels[1], z: voxels[2]).map { .voxels($1) } }
      return PerAxis(.fraction(fraction ?? .nan), patch: Extent(patch))
    }
  }

  /// The sum of the half-precision bits of a window, each times its place modulo 65521, plus 1.
  struct Checksum: Decodable, Sendable {
    let patch: [Int]
    let sum: UInt64
  }

  let versions: [String: String]
  let starts: [String: [Starts]]
  let windows: [Window]
  let nnUNetChecksums: [Checksum]
  let merges: [Merge]

  private enum CodingKeys: String, CodingKey {
    case versions, starts, windows, merges
    case nnUNetChecksums = "nnunet_checksums"
  }

  static func load() throws -> CompatibilityGolden {
    try Fixture.json("compat.json", as: CompatibilityGolden.self)
  }

  /// A part of `compat.f32`.
  static func values(at offset: Int, count: Int) throws -> [Float] {
    let data = try Data(contentsOf: Fixture.url("compat.f32"))
    try #require((offset + count) * 4 <= data.count)
    return (offset..<offset + count).map { index in
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[index * 4 + $1]) << (8 * UInt32($1)) }
      return Float(bitPattern: bits)
    }
  }
}

extension CompatibilityGolden.Starts: Decodable {
  init(from decoder: any Decoder) throws {
    var row = try decoder.unkeyedContainer()
    length = try row.decode(Int.self)
    patch = try row.decode(Int.self)
    overlap = try row.decode(Double.self)
    starts = try row.decodeNil() ? nil : row.decode([Int].self)
  }
}

extension Extent {
  /// An extent from sizes in the order x, y, z.
  init(_ sizes: [Int]) {
    self.init(width: sizes[0], height: sizes[1], depth: sizes[2])
  }
}
