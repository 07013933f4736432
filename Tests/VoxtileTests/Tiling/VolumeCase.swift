import Voxtile
import VoxtileTestSupport

/// Every blend, by name.
let allBlends: [(name: String, blend: Blend)] = [
  ("average", .average), ("gaussian", .gaussian), ("hann", .hann), ("triangular", .triangular),
  ("center", .center), ("last", .last), ("maximum", .maximum), ("vote", .vote),
  ("vote:plain", .plainVote), ("vote:triangular", .majority(.triangular)),
]

/// A value of any bits, finite or not for floating point.
func randomValue<Scalar: VoxelScalar>(
  _ type: Scalar.Type, using random: inout SplitMix64
) -> Scalar {
  var value = Scalar.zero
  withUnsafeMutableBytes(of: &value) { bytes in
    for index in bytes.indices { bytes[index] = UInt8.random(in: 0...255, using: &random) }
  }
  // NaN has no equal, so comparisons could not tell; infinities stay.
  return value == value ? value : 0
}

/// A volume of random bits.
func randomVolume<Scalar: VoxelScalar>(
  _ extent: Extent, channels: Int = 1, as type: Scalar.Type = Scalar.self,
  using random: inout SplitMix64
) throws -> Volume<Scalar> {
  let voxels = (0..<extent.voxelCount * channels).map { _ in randomValue(type, using: &random) }
  return try Volume(extent: extent, channels: channels, voxels: voxels)
}

extension PatchGrid {
  /// The patches in another order.
  func shuffledPatches(using random: inout SplitMix64) -> [Patch] { shuffled(using: &random) }
}

/// Merges patches that are made one at a time.
func merge<Value: VoxelScalar, Scalar: VoxelScalar>(
  _ grid: PatchGrid, _ blend: Blend, fill: Double = 0, jobs: Jobs = .one,
  as type: Scalar.Type = Scalar.self, order: [Patch]? = nil, _ values: (Patch) -> Volume<Value>
) throws -> Volume<Scalar> {
  let settings = MergeSettings(blend: blend, fill: fill, jobs: jobs)
  let merger = try PatchMerger<Scalar>(grid: grid, settings: settings)
  for patch in order ?? Array(grid) { try merger.add(values(patch), at: patch) }
  return try merger.finish()
}

/// The same bits, where `==` would let -0.0 pass for 0.0.
func sameBits<Scalar: VoxelScalar>(_ a: Volume<Scalar>, _ b: Volume<Scalar>) -> Bool {
  a.extent == b.extent && a.channels == b.channels
    && a.voxels.withUnsafeBytes { first in
      b.voxels.withUnsafeBytes { second in first.elementsEqual(second) }
    }
}
