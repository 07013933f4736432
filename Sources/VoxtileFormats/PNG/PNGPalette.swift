import CSPNG
import Voxtile

/// The colors that the samples of a palette image stand for.
struct PNGPalette: Sendable {
  /// Samples per color: 3, or 4 where some color has alpha.
  let channels: Int
  /// All colors, one after another.
  let samples: [UInt8]

  /// The number of colors, 1 to 256.
  var count: Int { samples.count / channels }

  /// Reads the palette of an open PNG.
  init(_ context: PNGContext) throws(VoxtileError) {
    var colors = spng_plte()
    try context.check(spng_get_plte(context.pointer, &colors))
    var alpha = spng_trns()
    let hasAlpha = try context.isPresent(spng_get_trns(context.pointer, &alpha))
    let alphas = withUnsafeBytes(of: &alpha.type3_alpha) { $0.prefix(Int(alpha.n_type3_entries)) + [] }
    let channels = hasAlpha ? 4 : 3
    samples = withUnsafeBytes(of: &colors.entries) { bytes in
      bytes.bindMemory(to: spng_plte_entry.self).prefix(Int(colors.n_entries)).enumerated().flatMap {
        let color = [$1.red, $1.green, $1.blue]
        // Colors that tRNS leaves out are opaque.
        return hasAlpha ? color + [$0 < alphas.count ? alphas[$0] : 255] : color
      }
    }
    self.channels = channels
  }
}
