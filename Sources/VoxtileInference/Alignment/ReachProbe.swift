import Voxtile

/// Images of noise with which it is measured how far a network looks along one axis.
struct ReachProbe {
  /// Kinds of noise: what one of them leaves unused in a network, another may use.
  enum Kind: Int, CaseIterable {
    /// From 0 to 1, as normalized intensities often are.
    case positive
    /// From -3 to 3, as z-scores are.
    case wide
  }
  static let kinds = Kind.allCases
  /// How many planes on each side of the middle are compared.
  static let middle = 4
  /// The shortest image with which something can be told: beyond its middle are as many planes again and three more, by which it is moved.
  static let shortest = 4 * middle + 7

  /// The number of the axis among the spatial ones.
  let axis: Int
  /// The sizes of an image, slowest axis first.
  let sizes: [Int]
  let channels: Int

  /// The length of an image along the axis, and its middle.
  var length: Int { sizes[axis] }
  var half: Int { length / 2 }

  /// Lines before one place along the axis, and values after it, in the order of a tensor.
  private var outer: Int { sizes.prefix(axis).reduce(1, *) }
  private var inner: Int { sizes.dropFirst(axis + 1).reduce(1, *) }

  /// The values of an image.
  ///
  /// - Parameters:
  ///   - start: its first plane in noise that goes on along the axis.
  ///   - kept: outside of which planes are other noise, ten times as large; `nil` to change none.
  func image(_ kind: Kind, from start: Int, keeping kept: Range<Int>? = nil) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(channels * sizes.reduce(1, *))
    for line in 0..<channels * outer {
      for plane in start..<start + length {
        let isChanged = kept.map { !$0.contains(plane) } ?? false
        for place in 0..<inner {
          // A hash of the place, so that a moved image has the same values.
          var bits = UInt64(truncatingIfNeeded: (line &* 1_000_003 &+ plane) &* 1_000_033 &+ place)
          if isChanged { bits ^= 0x5851_F42D_4C95_7F2D }
          bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
          bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
          var value = Float((bits ^ (bits >> 31)) >> 40) * 0x1p-24
          if kind == .wide { value = 6 * value - 3 }
          values.append(isChanged ? 10 * value : value)
        }
      }
    }
    return values
  }

  /// The planes that those in the middle may depend on, from a multiple of a stride to another one, as patches begin and end; `nil` where
  /// none are left.
  func planes(within radius: Int, stride: Int) -> Range<Int>? {
    let first = (half - Self.middle - radius) / stride * stride
    let end = (half + Self.middle + radius + stride - 1) / stride * stride
    return half - Self.middle - radius >= stride && end < length ? first..<end : nil
  }

  /// The number of different values in the middle.
  func variety(of values: [Float]) -> Int {
    var found: Set<UInt32> = []
    for line in 0..<values.count / (length * inner) {
      let first = (line * length + half - Self.middle) * inner
      for index in first..<first + 2 * Self.middle * inner { found.insert(values[index].bitPattern) }
    }
    return found.count
  }

  /// Whether what a network gives of two images is the same in the middle, to the bit.
  func areSame(_ one: [Float], _ other: [Float]) -> Bool {
    differs(one, other, shift: 0)[half - Self.middle..<half + Self.middle].allSatisfy { !$0 }
  }

  /// How far from the first and the last plane that two images have in common values differ, at most; `nil` where they differ in the
  /// middle.
  ///
  /// - Parameter shift: how many planes later the second one begins.
  func radius(_ one: [Float], _ moved: [Float], shift: Int) -> Int? {
    let differs = differs(one, moved, shift: shift)
    guard differs[half - Self.middle..<half + Self.middle].allSatisfy({ !$0 }) else { return nil }
    let low = differs[..<half].lastIndex(of: true).map { $0 + 1 } ?? 0
    let high = differs[half...].firstIndex(of: true).map { differs.count - $0 } ?? 0
    return max(low, high)
  }

  /// For each plane that two images have in common, whether some value differs.
  private func differs(_ one: [Float], _ other: [Float], shift: Int) -> [Bool] {
    var differs = [Bool](repeating: false, count: length - shift)
    for line in 0..<one.count / (length * inner) {
      for plane in 0..<length - shift where !differs[plane] {
        let (first, second) = ((line * length + plane + shift) * inner, (line * length + plane) * inner)
        for place in 0..<inner where one[first + place] != other[second + place] {
          differs[plane] = true
          break
        }
      }
    }
    return differs
  }
}
