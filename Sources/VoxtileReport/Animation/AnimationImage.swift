import Voxtile

/// The brightness of an image at any place, from its picture in a report.
struct AnimationImage {
  /// The size of the picture in voxels.
  let size: PerAxis<Int>
  /// 1, or 3 for red, green and blue.
  let channels: Int
  private let bytes: [UInt8]
  /// The brightness of each byte, 0...1.
  private let brightness: [Double]
  private let isSmooth: Bool

  init(_ layer: ReportData.Layer) {
    size = PerAxis(of: layer.extent)
    bytes = layer.bytes
    channels = layer.kind == .color ? 3 : 1
    isSmooth = layer.kind != .labels
    switch layer.kind {
    case .color: brightness = (0..<256).map { Double($0) / 255 }
    case .labels:
      let colors = LabelColors(layer)
      brightness = Self.table(layer) { $0 == 0 ? 0 : colors.color(of: $0).brightness }
    case .intensity, .difference:
      let (low, high) = (layer.window[0], layer.window[1])
      brightness = Self.table(layer) { level in
        // Halves, since the difference of two finite numbers need not be finite.
        high > low ? min(1, max(0, (level / 2 - low / 2) / (high / 2 - low / 2))) : level > low ? 1 : 0.5
      }
    }
  }

  /// A value for each byte, of which 0 stands for no number.
  private static func table(_ layer: ReportData.Layer, _ value: (Double) -> Double) -> [Double] {
    let table = [0] + layer.levels.map(value)
    return table + [Double](repeating: 0, count: max(0, 256 - table.count))
  }

  /// The brightness at a place, interpolated between voxels of the picture.
  ///
  /// - Parameter place: parts of the image along each axis, 0...1.
  func brightness(at place: PerAxis<Double>, channel: Int) -> Double {
    func corner(_ axis: Axis) -> (low: Int, high: Int, share: Double) {
      let at = min(Double(size[axis] - 1), max(0, place[axis] * Double(size[axis]) - 0.5))
      let low = isSmooth ? Int(at) : Int(at.rounded())
      return (low, min(size[axis] - 1, low + 1), isSmooth ? at - Double(low) : 0)
    }
    let (x, y, z) = (corner(.x), corner(.y), corner(.z))
    let start = channel * size.x * size.y * size.z
    func row(_ y: Int, _ z: Int) -> Double {
      let line = start + (z * size.y + y) * size.x
      let low = brightness[Int(bytes[line + x.low])]
      return x.share == 0 ? low : low + (brightness[Int(bytes[line + x.high])] - low) * x.share
    }
    func slice(_ z: Int) -> Double {
      let low = row(y.low, z)
      return y.share == 0 ? low : low + (row(y.high, z) - low) * y.share
    }
    let low = slice(z.low)
    return z.share == 0 ? low : low + (slice(z.high) - low) * z.share
  }
}

/// The colors of labels, as the page shows them.
struct LabelColors {
  private let ranks: [Double: Int]
  private let given: [Double: VolumeInfo.Color]

  init(_ layer: ReportData.Layer) {
    let values = (layer.labels?.map(\.value) ?? layer.levels).sorted()
    ranks = Dictionary(values.enumerated().map { ($1, $0) }) { first, _ in first }
    given = Dictionary(
      (layer.labels ?? []).compactMap { label in
        label.color.map { (label.value, VolumeInfo.Color(red: $0[0], green: $0[1], blue: $0[2])) }
      }
    ) { first, _ in first }
  }

  /// The color of a label: that of its table, else the one for its place among all labels. As `LabelStyles` in `Page/labelStyles.js`.
  func color(of label: Double) -> VolumeInfo.Color {
    given[label] ?? VolumeInfo.Color(ofLabel: ranks[label] ?? Int(exactly: label.magnitude.rounded()) ?? 0)
  }
}

extension VolumeInfo.Color {
  /// How bright a color looks, 0...1.
  fileprivate var brightness: Double {
    (0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)) / 255
  }
}
