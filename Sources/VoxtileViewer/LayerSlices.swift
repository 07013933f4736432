import Voxtile
import VoxtileFormats
import VoxtileReport

/// Slices of a layer as fine as its file.
struct LayerSlices: Sendable {
  /// The most values of a slice, all channels together: a slice is in memory as a whole, with up to 20 bytes each.
  static let mostValues = 16 << 20

  private let layer: ReportData.Layer
  private let scan: SlabScan
  private let original: SlabScan?
  private let channel: Int

  /// The slices of a layer; `nil` where no file has them, or the page holds every value itself.
  init?(of layer: ReportData.Layer, in images: ViewedImages) throws {
    guard let source = layer.source, !layer.isExact else { return nil }
    self.layer = layer
    channel = source.channel
    scan = SlabScan(reader: try images.open(source.file), name: source.file)
    original = try source.original.map { SlabScan(reader: try images.open($0), name: $0) }
  }

  private var info: VolumeInfo { scan.reader.info }

  /// How many slices there are across an axis, 0 where they are too large.
  func count(across axis: Axis) -> Int {
    // The extent was checked when the file was opened: its voxels can be counted.
    let values = info.extent.voxelCount / info.extent.sizes[axis] * info.channels
    return values <= Self.mostValues ? info.extent.sizes[axis] : 0
  }

  /// The bytes of a slice, the first of its axes fastest: values as 32-bit floats in the order of most processors,
  /// lowest byte first, or of colours a plane of bytes each for red, green and blue.
  ///
  /// - Precondition: there is such a slice.
  /// - Throws: what reading the file throws.
  /// - Complexity: O(values of the slice, all channels).
  func bytes(across axis: Axis, at index: Int) throws -> [UInt8] {
    precondition((0..<count(across: axis)).contains(index), "slice \(index) across \(axis) is there")
    var ranges = info.extent.sizes.map { _, size in 0..<size }
    ranges[axis] = index..<index + 1
    let region = Region(x: ranges.x, y: ranges.y, z: ranges.z)
    let values = try scan.values(region)
    let count = region.voxelCount
    if let original {
      return Self.bytes(Self.differences(values, try original.values(region)))
    }
    if layer.kind == .color {
      let scale = 255 / info.colorScale
      return values.voxels[..<(3 * count)].map { UInt8(nearest: $0 * scale) }
    }
    return Self.bytes(values.voxels[channel * count..<(channel + 1) * count])
  }

  /// The largest difference of all channels at each voxel; NaN where none is a number.
  private static func differences(_ a: Volume<Double>, _ b: Volume<Double>) -> [Double] {
    let count = a.extent.voxelCount
    return (0..<count).map { voxel in
      stride(from: voxel, to: a.voxels.count, by: count).reduce(.nan) { largest, index in
        // `maximum` prefers numbers to NaN.
        let (x, y) = (a.voxels[index], b.voxels[index])
        let difference = x == y ? (x.isFinite ? 0 : .nan) : (x - y).magnitude
        return Double.maximum(largest, difference.isFinite ? difference : .nan)
      }
    }
  }

  private static func bytes(_ values: some Collection<Double>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * values.count)
    for value in values {
      let bits = Float(value).bitPattern
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
    }
    return bytes
  }
}
