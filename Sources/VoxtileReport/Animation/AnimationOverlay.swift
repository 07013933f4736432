import Voxtile

/// What lies over an image: labels, or values as heat.
struct AnimationOverlay {
  /// A color, and how much of it is seen over the image, 0...1.
  struct Tint: Hashable {
    var color: VolumeInfo.Color
    var share: Double
  }

  /// The tints, those of more voxels first.
  let tints: [Tint]
  /// Along each axis, the slice of the picture in which most voxels have a tint; `nil` where none has.
  let fullestSlices: PerAxis<Int?>

  private let size: PerAxis<Int>
  private let bytes: [UInt8]
  /// For each byte, the place of its tint, from 1 on; 0 for none.
  private let slots: [Int]

  /// How much of a label's color is seen: as in the page.
  private static let labelShare = 0.55
  private static let heatSteps = 12

  /// Nothing.
  init() {
    (tints, size, bytes, slots) = ([], PerAxis(1), [], [])
    fullestSlices = PerAxis(nil)
  }

  init(_ layer: ReportData.Layer) {
    size = PerAxis(of: layer.extent)
    bytes = layer.bytes
    (tints, slots) = layer.kind == .labels ? Self.labels(layer) : Self.heat(layer)
    fullestSlices = Self.fullest(bytes, size, slots)
  }

  /// Whether no voxel has a tint.
  var isEmpty: Bool { fullestSlices.x == nil }

  /// The place of the tint of a voxel in ``tints``, from 1 on; 0 for none.
  func slot(at voxel: PerAxis<Int>, of extent: PerAxis<Int>) -> Int {
    guard !bytes.isEmpty else { return 0 }
    let place = voxel.map { axis, coordinate in
      PictureAxis(count: size[axis], length: extent[axis]).target(of: coordinate)
    }
    return slots[Int(bytes[(place.z * size.y + place.y) * size.x + place.x])]
  }

  private static func labels(_ layer: ReportData.Layer) -> ([Tint], [Int]) {
    let colors = LabelColors(layer)
    var counts = [Int](repeating: 0, count: 256)
    for byte in layer.bytes { counts[Int(byte)] += 1 }
    let kept = layer.levels.indices.filter { layer.levels[$0] != 0 && counts[$0 + 1] > 0 }
      .sorted { (counts[$1 + 1], $0) < (counts[$0 + 1], $1) }
    var slots = [Int](repeating: 0, count: 256)
    for (index, level) in kept.enumerated() { slots[level + 1] = index + 1 }
    // A label map that is the image itself has nothing below.
    let share = layer.role == .base ? 1 : labelShare
    return (kept.map { Tint(color: colors.color(of: layer.levels[$0]), share: share) }, slots)
  }

  /// From nothing over red to yellow and white. As `color` in `Page/layers.js`.
  private static func heat(_ layer: ReportData.Layer) -> ([Tint], [Int]) {
    let (low, high) = (layer.window[0], layer.window[1])
    var slots = [Int](repeating: 0, count: 256)
    for (index, level) in layer.levels.enumerated() where high > low {
      let part = min(1, max(0, (level / 2 - low / 2) / (high / 2 - low / 2)))
      slots[index + 1] = Int((part * Double(heatSteps)).rounded())
    }
    let tints = (1...heatSteps).map { step in
      let part = Double(step) / Double(heatSteps)
      let gray = (255 * part).rounded()
      return Tint(
        color: VolumeInfo.Color(red: 255, green: UInt8(gray), blue: UInt8(gray / 4)), share: part * labelShare
      )
    }
    return (tints, slots)
  }

  private static func fullest(_ bytes: [UInt8], _ size: PerAxis<Int>, _ slots: [Int]) -> PerAxis<Int?> {
    var counts = size.map { _, length in [Int](repeating: 0, count: length) }
    var index = 0
    for z in 0..<size.z {
      for y in 0..<size.y {
        for x in 0..<size.x {
          if slots[Int(bytes[index])] > 0 {
            counts.x[x] += 1
            counts.y[y] += 1
            counts.z[z] += 1
          }
          index += 1
        }
      }
    }
    return counts.map { axis, counts in
      let middle = size[axis] / 2
      let best = counts.indices.max {
        (counts[$0], -abs($0 - middle), $1) < (counts[$1], -abs($1 - middle), $0)
      }
      return best.flatMap { counts[$0] > 0 ? $0 : nil }
    }
  }
}
