import Voxtile

/// The colors of an animation, at most 256: shades of gray, and shades of each tint; of a color image a cube of colors.
struct AnimationPalette {
  /// Colors that are no part of an image, by their places.
  enum Mark: UInt8, CaseIterable {
    /// Around the pictures.
    case ground
    /// Leaves a pixel as it is.
    case transparent
    /// The patch that is shown.
    case patch
    /// The patch where the slice does not meet it.
    case patchBeyond
    /// The edges of the image.
    case edge
    /// How far the animation is, and the rest of its way.
    case done
    case left

    /// As the page shows them.
    var color: VolumeInfo.Color {
      switch self {
      case .ground, .transparent: .init(red: 10, green: 12, blue: 16)
      case .patch: .init(red: 251, green: 191, blue: 36)
      case .patchBeyond: .init(red: 138, green: 106, blue: 26)
      case .edge: .init(red: 85, green: 96, blue: 111)
      case .done: .init(red: 45, green: 212, blue: 191)
      case .left: .init(red: 35, green: 41, blue: 50)
      }
    }
  }

  /// All colors.
  let colors: [VolumeInfo.Color]

  private let grays: Int
  private let shades: Int
  /// The brightness of the first and of the last shade of a tint.
  private let range: ClosedRange<Double>
  /// For each slot of an overlay, the place of its shades; of the first, gray, 0.
  private let places: [Int]
  /// The tints of a color image's overlay, by slot.
  private let tints: [AnimationOverlay.Tint]?

  private static let start = Mark.allCases.count
  private static let room = 256 - start
  private static let fewestGrays = 32
  private static let mostGrays = 96
  private static let mostShades = 16
  /// Fewer shades are dithered.
  private static let fewestSmoothShades = 10
  /// The steps of red, green and blue in a cube.
  private static let cube = [6, 8, 5]

  /// - Parameters:
  ///   - tints: what lies over the image.
  ///   - use: which of them are shown.
  ///   - isColor: whether the image has colors.
  init(_ tints: [AnimationOverlay.Tint], _ use: TintUse, isColor: Bool) {
    let marks = Mark.allCases.map(\.color)
    guard !isColor else {
      (grays, shades, places, range) = (0, 0, [], 0...1)
      self.tints = tints
      colors = marks + Self.cubeColors
      return
    }
    self.tints = nil
    // A tint that hides what is below needs one shade.
    let fewest = tints.allSatisfy { $0.share == 1 } ? 1 : 2
    let ranked = tints.indices.filter { use.counts[$0] > 0 }
      .sorted { (use.counts[$1], $0) < (use.counts[$0], $1) }
    let kept = Array(ranked.prefix((Self.room - Self.fewestGrays) / fewest))
    let shades = fewest == 1 ? 1 : min(Self.mostShades, (Self.room - Self.fewestGrays) / max(1, kept.count))
    let grays = min(Self.mostGrays, Self.room - shades * kept.count)
    (self.grays, self.shades, range) = (grays, shades, use.brightness)
    let ranks = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    // Rarer labels get the kept color that is most like theirs.
    places =
      [0]
      + tints.indices.map { index in
        let like =
          ranks[index] ?? kept.indices.min { tints[index].isNearer(tints[kept[$0]], than: tints[kept[$1]]) }
          ?? 0
        return grays + like * shades
      }
    func gray(_ step: Int, of steps: Int, in range: ClosedRange<Double> = 0...1) -> VolumeInfo.Color {
      let part = Double(step) / Double(max(1, steps - 1))
      let level = UInt8((255 * (range.lowerBound + (range.upperBound - range.lowerBound) * part)).rounded())
      return VolumeInfo.Color(red: level, green: level, blue: level)
    }
    colors =
      marks + (0..<grays).map { gray($0, of: grays) }
      + kept.flatMap { index in
        (0..<shades).map {
          gray($0, of: shades, in: use.brightness).under(tints[index].color, share: tints[index].share)
        }
      }
  }

  private static var cubeColors: [VolumeInfo.Color] {
    func level(_ step: Int, _ channel: Int) -> UInt8 { UInt8(255 * step / (cube[channel] - 1)) }
    return (0..<cube.reduce(1, *)).map { index in
      VolumeInfo.Color(
        red: level(index / (cube[1] * cube[2]), 0), green: level(index / cube[2] % cube[1], 1),
        blue: level(index % cube[2], 2))
    }
  }

  /// The place of a pixel's color.
  ///
  /// - Parameters:
  ///   - brightness: of the image, 0...1, of one channel or three.
  ///   - slot: that of the tint over it.
  ///   - x: its column, which decides how few shades are dithered.
  ///   - y: its row.
  func index(_ brightness: [Double], slot: Int, x: Int, y: Int) -> UInt8 {
    if let tints { return cubeIndex(brightness, slot > 0 ? tints[slot - 1] : nil, x: x, y: y) }
    let steps = slot == 0 ? grays : shades
    let part =
      slot == 0
      ? brightness[0]
      : min(1, max(0, (brightness[0] - range.lowerBound) / (range.upperBound - range.lowerBound)))
    let step = Self.step(part, of: steps, x, y, isDithered: steps < Self.fewestSmoothShades)
    return UInt8(Self.start + places[slot] + step)
  }

  private func cubeIndex(_ brightness: [Double], _ tint: AnimationOverlay.Tint?, x: Int, y: Int) -> UInt8 {
    let over = tint.map { [$0.color.red, $0.color.green, $0.color.blue] }
    var index = 0
    for (channel, steps) in Self.cube.enumerated() {
      var value = brightness[min(channel, brightness.count - 1)]
      if let tint, let over { value += (Double(over[channel]) / 255 - value) * tint.share }
      index = index * steps + Self.step(value, of: steps, x, y, isDithered: true)
    }
    return UInt8(Self.start + index)
  }

  /// The step of a brightness, 0...1, out of several.
  private static func step(_ value: Double, of steps: Int, _ x: Int, _ y: Int, isDithered: Bool) -> Int {
    let threshold = isDithered ? (Double(order[y % 4][x % 4]) + 0.5) / 16 : 0.5
    return min(steps - 1, Int(value * Double(steps - 1) + threshold))
  }

  /// The order in which pixels of a square of 4 become brighter (Bayer), so that a few colors look like many.
  private static let order = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]
}

extension AnimationOverlay.Tint {
  /// Whether its color is more like that of one tint than that of another.
  fileprivate func isNearer(_ one: Self, than other: Self) -> Bool { distance(one) < distance(other) }

  private func distance(_ other: Self) -> Int {
    [(color.red, other.color.red), (color.green, other.color.green), (color.blue, other.color.blue)]
      .reduce(0) { $0 + (Int($1.0) - Int($1.1)) * (Int($1.0) - Int($1.1)) }
  }
}
