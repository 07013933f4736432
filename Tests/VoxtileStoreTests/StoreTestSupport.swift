import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

/// An image that a test writes to a file: its description and what its voxels are like.
struct TestImage {
  /// What the voxels are like.
  enum Content {
    /// Any values; most neighbors differ.
    case noise
    /// Boxes of labels on a background of 0.
    case regions
  }

  var info: VolumeInfo
  var content = Content.noise

  /// An oblique affine with unequal voxels.
  static let affine = Affine(rows: [[0, -1.5, 0.25, 12.5], [-0.75, 0, 0, -40.25], [0, 0.125, 2.5, 7.75]])

  init(
    _ extent: Extent, channels: Int = 1, _ scalarType: ScalarType, scaling: VolumeInfo.Scaling? = nil,
    isLabelMap: Bool = false, affine: Affine = TestImage.affine, content: Content = .noise
  ) {
    info = VolumeInfo(
      extent: extent, channels: channels, scalarType: scalarType, scaling: scaling, isLabelMap: isLabelMap,
      metadata: VolumeMetadata(affine: affine))
    self.content = content
  }

  /// Values of any size that the scalar type has, finite where it is floating point.
  func volume<Scalar: VoxelScalar>(seed: UInt64, as type: Scalar.Type) throws -> Volume<Scalar> {
    var random = SplitMix64(seed: seed)
    let count = info.extent.voxelCount * info.channels
    let voxels: [Scalar]
    switch content {
    case .noise:
      voxels = (0..<count).map { _ in
        let bits = Int64(bitPattern: random.next())
        return Scalar.scalarType.isInteger
          ? Scalar(truncating: bits) : Scalar(nearest: Double(bits) / 0x1p40)
      }
    case .regions:
      voxels = (0..<info.channels).flatMap { channel in
        info.extent.positions.map { position in
          Scalar(nearest: Double((position.x / 5 + 2 * (position.y / 4) + position.z / 3 + channel) % 4 * 7))
        }
      }
    }
    return try Volume(
      extent: info.extent, channels: info.channels, voxels: voxels, metadata: info.metadata)
  }

  /// Writes the image.
  func write(to path: String, seed: UInt64 = 1) throws {
    func run<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      try write(try volume(seed: seed, as: type), to: path)
    }
    try run(info.scalarType.type)
  }

  /// Writes an image with given voxels.
  func write(_ volume: Volume<some VoxelScalar>, to path: String) throws {
    let writer = try ImageFormats.create(path, info: info, options: WriteOptions(isReplacing: true))
    try writer.write(volume, slices: 0..<info.extent.depth)
    try writer.finish()
  }
}

extension VoxelScalar {
  /// The low bits of a number, where this is an integer.
  fileprivate init(truncating bits: Int64) {
    var value = Self.zero
    withUnsafeBytes(of: bits.littleEndian) { source in
      withUnsafeMutableBytes(of: &value) { target in
        target.copyBytes(from: source.prefix(target.count))
      }
    }
    self = value
  }
}

/// The bytes of all stored voxels of a file.
func storedBytes(_ path: String) throws -> [UInt8] {
  let reader = try ImageFormats.open(path)
  var bytes = [UInt8](repeating: 0, count: reader.info.byteCount(of: Region(reader.info.extent)))
  try bytes.withUnsafeMutableBytes { try reader.read(Region(reader.info.extent), into: $0) }
  return bytes
}

/// The stored values of a file, as numbers.
func storedValues(_ path: String) throws -> [Double] {
  func values(_ volume: some AnyVolume) -> [Double] { volume.typed.voxels.map(\.double) }
  return values(try ImageFormats.open(path).readAny())
}

extension GridSettings {
  /// One overlap and one policy for all axes.
  static func with(
    _ patch: Extent, _ overlap: Int, _ edge: EdgePolicy = .shift, padding: Padding = .constant(0),
    order: PatchOrder = .xFastest
  ) -> GridSettings {
    GridSettings(patch: patch, overlap: .voxels(overlap), edge: edge, padding: padding, order: order)
  }
}

extension PatchStore {
  /// Writes each patch anew, as another tool would, into another folder.
  func transform<Scalar: VoxelScalar>(
    into folder: String, fileExtension: String = "nii.gz", channels: Int = 1, as type: Scalar.Type,
    scaling: (Patch) -> VolumeInfo.Scaling? = { _ in nil },
    _ value: (_ old: Double, _ channel: Int, _ patch: Patch) -> Double
  ) throws {
    for patch in manifest.grid {
      let old = try storedValues(path(of: patch))
      let voxels = (0..<channels).flatMap { channel in
        old.prefix(patch.region.voxelCount).map { Scalar(nearest: value($0, channel, patch)) }
      }
      let image = TestImage(
        patch.region.extent, channels: channels, Scalar.scalarType, scaling: scaling(patch),
        affine: manifest.source.metadata.affine.moved(to: patch.region.origin))
      let stem = ImageFormats.registry.stem(of: manifest.entries[patch.index].file)
      try image.write(
        try Volume(extent: patch.region.extent, channels: channels, voxels: voxels),
        to: "\(folder)/\(stem).\(fileExtension)")
    }
  }
}
