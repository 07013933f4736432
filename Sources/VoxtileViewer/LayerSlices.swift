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

  /// The slices of a layer; `nil` where no file has them, the page holds every value itself, or labels are above 2^24.
  init?(of layer: ReportData.Layer, in images: ViewedImages) throws {
    guard let source = layer.source, !layer.isExact else { return nil }
    // Slices are sent as Float, in which large labels are no longer themselves.
    if layer.kind == .labels, layer.levels.contains(where: { Double(Float($0)) != $0 }) { return nil }
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

  /// The slices that are read together with one: across x, where each voxel is a read of its own, neighbours cost
  /// next to nothing.
  func together(across axis: Axis, with index: Int) -> Range<Int> {
    let most = 8
    let count = count(across: axis)
    guard axis == .x, info.extent.voxelCount / max(1, count) * info.channels * most <= Self.mostValues else {
      return index..<index + 1
    }
    let first = index / most * most
    return first..<min(first + most, count)
  }

  /// The bytes of slices, for each the first of its axes fastest: values as 32-bit floats in the order of most processors,
  /// lowest byte first, or of colours a plane of bytes each for red, green and blue.
  ///
  /// - Precondition: there are such slices, and across other axes than x there is one.
  /// - Throws: what reading the file throws.
  /// - Complexity: O(values of the slices, all channels).
  func bytes(across axis: Axis, in slices: Range<Int>) throws -> [[UInt8]] {
    precondition((0..<count(across: axis)).contains(slices), "slices \(slices) across \(axis) are there")
    precondition(axis == .x || slices.count == 1, "only along x are slices beside each other in memory")
    var ranges = info.extent.sizes.map { _, size in 0..<size }
    ranges[axis] = slices
    let region = Region(x: ranges.x, y: ranges.y, z: ranges.z)
    let values = try scan.values(region)
    let originals = try original?.values(region).voxels
    return slices.map { slice in
      func part(_ voxels: [Double]) -> [Double] {
        let first = slice - slices.lowerBound
        return slices.count == 1
          ? voxels : stride(from: first, to: voxels.count, by: slices.count).map { voxels[$0] }
      }
      return bytes(of: part(values.voxels), originals.map(part), count: region.voxelCount / slices.count)
    }
  }

  /// The bytes of one slice of so many voxels, from the values of all channels.
  private func bytes(of values: [Double], _ originals: [Double]?, count: Int) -> [UInt8] {
    if let originals { return Self.bytes(Self.differences(values, originals, count: count)) }
    if layer.kind == .color {
      let scale = 255 / info.colorScale
      return values[..<(3 * count)].map { UInt8(nearest: $0 * scale) }
    }
    return Self.bytes(values[channel * count..<(channel + 1) * count])
  }

  /// The largest difference of all channels at each voxel; NaN where none is a number.
  private static func differences(_ a: [Double], _ b: [Double], count: Int) -> [Double] {
    (0..<count).map { voxel in
      stride(from: voxel, to: a.count, by: count).reduce(.nan) { largest, index in
        // `maximum` prefers numbers to NaN.
        let (x, y) = (a[index], b[index])
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
