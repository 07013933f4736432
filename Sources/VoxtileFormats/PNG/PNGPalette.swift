import CSPNG
import Voxtile

/// The colors that the samples of a palette image stand for, 1 to 256 of them.
enum PNGPalette {
  /// Reads the palette of an open PNG.
  static func read(_ context: PNGContext) throws(VoxtileError) -> [VolumeInfo.Color] {
    var colors = spng_plte()
    try context.check(spng_get_plte(context.pointer, &colors))
    var alpha = spng_trns()
    let hasAlpha = try context.isPresent(spng_get_trns(context.pointer, &alpha))
    let count = hasAlpha ? Int(alpha.n_type3_entries) : 0
    let alphas = withUnsafeBytes(of: &alpha.type3_alpha) { Array($0.prefix(count)) }
    return withUnsafeBytes(of: &colors.entries) { bytes in
      bytes.bindMemory(to: spng_plte_entry.self).prefix(Int(colors.n_entries)).enumerated().map {
        // Colors that tRNS leaves out are opaque.
        VolumeInfo.Color(
          red: $1.red, green: $1.green, blue: $1.blue, alpha: $0 < alphas.count ? alphas[$0] : 255)
      }
    }
  }

  /// Gives a palette to an encoder, with its alpha where a color is not opaque.
  static func encode(_ palette: [VolumeInfo.Color], to context: PNGContext) throws(VoxtileError) {
    var colors = spng_plte()
    colors.n_entries = UInt32(palette.count)
    withUnsafeMutableBytes(of: &colors.entries) { bytes in
      let entries = bytes.bindMemory(to: spng_plte_entry.self)
      for (index, color) in palette.enumerated() {
        entries[index] = spng_plte_entry(red: color.red, green: color.green, blue: color.blue, alpha: 255)
      }
    }
    try context.check(spng_set_plte(context.pointer, &colors))
    guard let last = palette.lastIndex(where: { $0.alpha != 255 }) else { return }
    var alpha = spng_trns()
    alpha.n_type3_entries = UInt32(last + 1)
    withUnsafeMutableBytes(of: &alpha.type3_alpha) { bytes in
      for index in 0...last { bytes[index] = palette[index].alpha }
    }
    try context.check(spng_set_trns(context.pointer, &alpha))
  }
}
