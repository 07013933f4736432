import Voxtile
import VoxtileFormats
import VoxtileReport

/// Reads slices of a layer at the full resolution of its file.
struct LayerSlices: Sendable {
  /// The maximum number of values of a slice, over all channels. A whole slice is in memory at once, with up to
  /// 20 bytes for each value.
  static let maxValues = 16 << 20

  private let layer: ReportData.Layer
  private let scan: SlabScan
  private let original: SlabScan?
  private let channel: Int

  /// Opens the slices of a layer. Returns `nil` if no file has them, if the page already contains every value, or if
  /// labels are too large for `Float`.
  init?(of layer: ReportData.Layer, in images: ViewedImages) throws {
    guard let source = layer.source, !layer.isExact else { return nil }
    // Slices are sent as `Float`, which cannot represent every integer above 2^24.
    if layer.kind == .labels, layer.levels.contains(where: { Double(Float($0)) != $0 }) { return nil }
    self.layer = layer
    channel = source.channel
    scan = SlabScan(reader: try images.open(source.file), name: source.file)
    original = try source.original.map { SlabScan(reader: try images.open($0), name: $0) }
  }

  private var info: VolumeInfo { scan.reader.info }

  /// The number of slices across an axis; 0 if they are too large to serve.
  func count(across axis: Axis) -> Int {
    // Cannot overflow: the extent was checked when the file was opened.
    let values = info.extent.voxelCount / info.extent.sizes[axis] * info.channels
    return values <= Self.maxValues ? info.extent.sizes[axis] : 0
  }

  /// The slices to read together with a slice. A slice across x needs a separate read for each voxel, so reading its
  /// neighbors at the same time costs almost nothing.
  func together(across axis: Axis, with index: Int) -> Range<Int> {
    let most = 8
    let count = count(across: axis)
    guard axis == .x, info.extent.voxelCount / max(1, count) * info.channels * most <= Self.maxValues else {
      return index..<index + 1
    }
    let first = index / most * most
    return first..<min(first + most, count)
  }

  /// Reads and encodes slices. The lower of the two remaining axes runs fastest.
  ///
  /// - Parameters:
  ///   - axis: the axis perpendicular to the slices.
  ///   - slices: the coordinates of the slices along that axis; a single slice, except across x.
  /// - Returns: for each slice, its values as little-endian 32-bit floats; for color, one plane of bytes each for red,
  ///   green and blue.
  /// - Throws: any error from reading the file.
  /// - Complexity: O(values of the slices, all channels).
  func bytes(across axis: Axis, in slices: Range<Int>) throws -> [[UInt8]] {
    precondition((0..<count(across: axis)).contains(slices), "slices \(slices) across \(axis) do not exist")
    precondition(axis == .x || slices.count == 1, "several slices can be read together only across x")
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

  /// Encodes one slice of `count` voxels, given the values of all channels.
  private func bytes(of values: [Double], _ originals: [Double]?, count: Int) -> [UInt8] {
    if let originals { return Self.bytes(Self.differences(values, originals, count: count)) }
    if layer.kind == .color {
      let scale = 255 / info.colorScale
      return values[..<(3 * count)].map { UInt8(nearest: $0 * scale) }
    }
    return Self.bytes(values[channel * count..<(channel + 1) * count])
  }

  /// The largest difference of all channels at each voxel; NaN if none is finite.
  private static func differences(_ a: [Double], _ b: [Double], count: Int) -> [Double] {
    (0..<count).map { voxel in
      stride(from: voxel, to: a.count, by: count).reduce(.nan) { largest, index in
        // `maximum` returns the number if the other argument is NaN.
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
