import CSPNG
import Voxtile

extension PNGHeader {
  /// Reads the header of an open PNG, all chunks up to the image.
  ///
  /// - Parameters:
  ///   - context: a decoder.
  ///   - stored: the format of the pixels in the file.
  /// - Throws: what ``PNGContext/check(_:)`` throws.
  init(decoding context: PNGContext, stored: PNGPixelFormat) throws(VoxtileError) {
    self.init(pixelFormat: stored)
    if stored.colorType == .palette { palette = try PNGPalette.read(context) }
    try decodeColorSpace(context)
    try decodeSamples(context, stored: stored)
    var size = spng_phys()
    if try context.isPresent(spng_get_phys(context.pointer, &size)) {
      resolution = Resolution(x: size.ppu_x, y: size.ppu_y, isPerMeter: size.unit_specifier == 1)
    }
    var place = spng_offs()
    if try context.isPresent(spng_get_offs(context.pointer, &place)) {
      offset = Offset(x: place.x, y: place.y, isMicrometers: place.unit_specifier == 1)
    }
    try decodeTexts(context)
  }

  private mutating func decodeColorSpace(_ context: PNGContext) throws(VoxtileError) {
    var gamma: UInt32 = 0
    if try context.isPresent(spng_get_gama_int(context.pointer, &gamma)) { self.gamma = gamma }
    var points = spng_chrm_int()
    if try context.isPresent(spng_get_chrm_int(context.pointer, &points)) {
      chromaticities = [
        points.white_point_x, points.white_point_y, points.red_x, points.red_y, points.green_x,
        points.green_y, points.blue_x, points.blue_y,
      ]
    }
    var intent: UInt8 = 0
    if try context.isPresent(spng_get_srgb(context.pointer, &intent)) { renderingIntent = intent }
    var profile = spng_iccp()
    if try context.isPresent(spng_get_iccp(context.pointer, &profile)), let bytes = profile.profile {
      self.profile = Profile(
        name: withUnsafeBytes(of: &profile.profile_name) { Array($0.prefix { $0 != 0 }) },
        bytes: Array(UnsafeRawBufferPointer(start: bytes, count: profile.profile_len)))
    }
  }

  private mutating func decodeSamples(
    _ context: PNGContext, stored: PNGPixelFormat
  ) throws(VoxtileError) {
    var key = spng_trns()
    if stored.colorType != .palette, try context.isPresent(spng_get_trns(context.pointer, &key)) {
      transparentColor = stored.colorType == .gray ? [key.gray] : [key.red, key.green, key.blue]
    }
    var bits = spng_sbit()
    guard try context.isPresent(spng_get_sbit(context.pointer, &bits)) else { return }
    switch stored.colorType {
    case .gray: significantBits = [bits.grayscale_bits]
    case .grayAlpha: significantBits = [bits.grayscale_bits, bits.alpha_bits]
    case .rgb, .palette: significantBits = [bits.red_bits, bits.green_bits, bits.blue_bits]
    case .rgba: significantBits = [bits.red_bits, bits.green_bits, bits.blue_bits, bits.alpha_bits]
    }
  }

  private mutating func decodeTexts(_ context: PNGContext) throws(VoxtileError) {
    var count: UInt32 = 0
    guard try context.isPresent(spng_get_text(context.pointer, nil, &count)), count > 0 else { return }
    var found = [spng_text](repeating: spng_text(), count: Int(count))
    try context.check(spng_get_text(context.pointer, &found, &count))
    texts = found.compactMap { text in
      // libspng writes no empty text.
      guard text.length > 0, let bytes = text.text else { return nil }
      let kinds: [spng_text_type: Text.Kind] = [SPNG_ZTXT: .compressed, SPNG_ITXT: .international]
      let kind = kinds[spng_text_type(UInt32(text.type))] ?? .plain
      return Text(
        kind: kind,
        keyword: withUnsafeBytes(of: text.keyword) { Array($0.prefix { $0 != 0 }) },
        text: Array(UnsafeRawBufferPointer(start: bytes, count: text.length)),
        isCompressed: text.compression_flag != 0,
        language: kind == .international ? Self.bytes(of: text.language_tag) : [],
        translatedKeyword: kind == .international ? Self.bytes(of: text.translated_keyword) : [])
    }
  }

  private static func bytes(of string: UnsafeMutablePointer<CChar>?) -> [UInt8] {
    guard let string else { return [] }
    return string.withMemoryRebound(to: UInt8.self, capacity: 1) { start in
      var end = start
      while end.pointee != 0 { end += 1 }
      return Array(UnsafeBufferPointer(start: start, count: end - start))
    }
  }
}
