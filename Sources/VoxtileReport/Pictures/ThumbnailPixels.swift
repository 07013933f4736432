import Voxtile

/// The pixels of a small picture, as few colors as its file can be small with.
struct ThumbnailPixels: Sendable {
  /// The most labels that have a color; others are not shown.
  private static let mostLabels = 63
  /// How much of a label's color is seen over the image, where nothing else is said.
  private static let usualLabelShare = 0.55

  /// Red, green and blue of each pixel, 0...1; all the same where there is one plane.
  private let planes: [[Double]]
  /// For each pixel the index of its label, from 1 on, and 0 where it has none.
  private let slots: [Int]
  private let labels: [Int]
  /// How much of a label's color is seen over the image, 0...1.
  private let labelShare: Double

  /// - Parameters:
  ///   - gray: the values of an image; the 0.5th to the 99.5th percentile are black and white. `nil` for black.
  ///   - labels: labels over it.
  ///   - labelShare: how much of their color is seen, 0...1.
  init(gray: [Double]?, labels: [Double]?, labelShare: Double? = nil) {
    self.labelShare = labelShare ?? Self.usualLabelShare
    let count = gray?.count ?? labels?.count ?? 0
    planes = [gray.map(Self.windowed) ?? [Double](repeating: 0, count: count)]
    (slots, self.labels) = Self.slots(labels, count: count)
  }

  /// - Parameters:
  ///   - color: red, green and blue.
  ///   - scale: the value of full brightness.
  ///   - labels: labels over it.
  init(color: [[Double]], scale: Double, labels: [Double]?) {
    labelShare = Self.usualLabelShare
    planes = color.map { plane in plane.map { $0.isFinite ? min(1, max(0, $0 / scale)) : 0 } }
    (slots, self.labels) = Self.slots(labels, count: color[0].count)
  }

  /// The pixels as indices into a palette of at most 256 colors.
  ///
  /// - Parameter shades: how many shades of gray are wanted; of a color image, about 200 colors are taken.
  func indexed(shades: Int) -> (indices: [UInt8], palette: [VolumeInfo.Color]) {
    planes.count == 1 ? indexedGray(shades) : indexedColor()
  }

  private func indexedGray(_ shades: Int) -> (indices: [UInt8], palette: [VolumeInfo.Color]) {
    let steps = max(2, min(shades, 256 / (labels.count + 1)))
    let grays = (0..<steps).map { step in
      let gray = UInt8(255 * step / (steps - 1))
      return VolumeInfo.Color(red: gray, green: gray, blue: gray)
    }
    let palette =
      grays
      + labels.flatMap { label in
        grays.map { $0.under(VolumeInfo.Color(ofLabel: label), share: labelShare) }
      }
    let indices = zip(planes[0], slots).map { value, slot in
      UInt8(slot * steps + Int((value * Double(steps - 1)).rounded()))
    }
    return (indices, palette)
  }

  private func indexedColor() -> (indices: [UInt8], palette: [VolumeInfo.Color]) {
    let steps = [6, 7, 6]
    let palette = (0..<252).map { index -> VolumeInfo.Color in
      let (red, green, blue) = (index / 42, index / 6 % 7, index % 6)
      return VolumeInfo.Color(red: UInt8(51 * red), green: UInt8(255 * green / 6), blue: UInt8(51 * blue))
    }
    let colors = labels.map(VolumeInfo.Color.init(ofLabel:))
    let indices = slots.indices.map { pixel -> UInt8 in
      var index = 0
      for (channel, count) in steps.enumerated() {
        var value = planes[channel][pixel]
        if slots[pixel] > 0 {
          let color = colors[slots[pixel] - 1]
          let over = Double([color.red, color.green, color.blue][channel]) / 255
          value += (over - value) * labelShare
        }
        index = index * count + Int((value * Double(count - 1)).rounded())
      }
      return UInt8(index)
    }
    return (indices, palette)
  }

  /// Values as brightness, 0...1.
  private static func windowed(_ values: [Double]) -> [Double] {
    let sorted = values.filter(\.isFinite).sorted()
    guard let first = sorted.first, let last = sorted.last else { return values.map { _ in 0 } }
    func percentile(_ share: Double) -> Double { sorted[Int((share * Double(sorted.count - 1)).rounded())] }
    let (low, high) =
      percentile(0.005) < percentile(0.995) ? (percentile(0.005), percentile(0.995)) : (first, last)
    guard high > low else { return values.map { _ in 0 } }
    // Halves, since the difference of two finite numbers need not be finite.
    return values.map { value in
      value.isFinite ? min(1, max(0, (value / 2 - low / 2) / (high / 2 - low / 2))) : 0
    }
  }

  /// The labels that are there most often, and for each pixel which of them it has.
  private static func slots(_ values: [Double]?, count: Int) -> ([Int], [Int]) {
    guard let values else { return ([Int](repeating: 0, count: count), []) }
    var counts: [Double: Int] = [:]
    for value in values where value.isFinite && value != 0 { counts[value, default: 0] += 1 }
    let kept = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(mostLabels)
      .compactMap { Int(exactly: $0.key.rounded()) }
    let slots = Dictionary(kept.enumerated().map { (Double($1), $0 + 1) }) { first, _ in first }
    return (values.map { slots[$0.rounded()] ?? 0 }, kept)
  }
}
