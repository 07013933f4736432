import Voxtile

extension VolumeInfo.Color {
  /// A color for the n-th label: distant hues in three lightness levels. As `labelColor` in `Page/layers.js`.
  init(ofLabel number: Int) {
    let light = [0.58, 0.46, 0.7][((number % 3) + 3) % 3]
    let hue = (Double(number) * 137.508).truncatingRemainder(dividingBy: 360)
    let strong = 0.62 * min(light, 1 - light)
    func part(_ shift: Double) -> UInt8 {
      var step = (shift + hue / 30).truncatingRemainder(dividingBy: 12)
      if step < 0 { step += 12 }
      return UInt8((255 * (light - strong * max(-1, min(step - 3, 9 - step, 1)))).rounded())
    }
    self.init(red: part(0), green: part(8), blue: part(4))
  }

  /// The color as CSS writes it: `#1b2027`.
  var css: String {
    "#"
      + [red, green, blue].map { part in
        let digits = String(part, radix: 16)
        return digits.count < 2 ? "0" + digits : digits
      }.joined()
  }

  /// This color with another one over it.
  ///
  /// - Parameter share: how much of the other one is seen, 0...1.
  func under(_ other: VolumeInfo.Color, share: Double) -> VolumeInfo.Color {
    func mix(_ one: UInt8, _ two: UInt8) -> UInt8 {
      UInt8((Double(one) * (1 - share) + Double(two) * share).rounded())
    }
    return VolumeInfo.Color(
      red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
  }
}
