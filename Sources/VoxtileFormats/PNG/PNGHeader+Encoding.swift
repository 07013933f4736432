import CSPNG
import Voxtile

extension PNGHeader {
  /// Gives the header to an encoder.
  ///
  /// - Throws: what ``PNGContext/check(_:)`` throws.
  func encode(to context: PNGContext, extent: Extent) throws(VoxtileError) {
    var image = spng_ihdr()
    image.width = UInt32(extent.width)
    image.height = UInt32(extent.height)
    image.bit_depth = UInt8(pixelFormat.bitDepth)
    image.color_type = pixelFormat.colorType.rawValue
    try context.check(spng_set_ihdr(context.pointer, &image))
    try encodeColorSpace(to: context)
    if let palette { try PNGPalette.encode(palette, to: context) }
    try encodeSamples(to: context)
    if let resolution {
      var size = spng_phys(
        ppu_x: resolution.x, ppu_y: resolution.y, unit_specifier: resolution.isPerMeter ? 1 : 0)
      try context.check(spng_set_phys(context.pointer, &size))
    }
    if let offset {
      var place = spng_offs(x: offset.x, y: offset.y, unit_specifier: offset.isMicrometers ? 1 : 0)
      try context.check(spng_set_offs(context.pointer, &place))
    }
    try encodeTexts(to: context)
  }

  private func encodeColorSpace(to context: PNGContext) throws(VoxtileError) {
    if let gamma { try context.check(spng_set_gama_int(context.pointer, gamma)) }
    if let values = chromaticities, values.count == 8 {
      var points = spng_chrm_int(
        white_point_x: values[0], white_point_y: values[1], red_x: values[2], red_y: values[3],
        green_x: values[4], green_y: values[5], blue_x: values[6], blue_y: values[7])
      try context.check(spng_set_chrm_int(context.pointer, &points))
    }
    if let renderingIntent { try context.check(spng_set_srgb(context.pointer, renderingIntent)) }
    if let profile {
      var chunk = spng_iccp()
      withUnsafeMutableBytes(of: &chunk.profile_name) {
        $0.copyBytes(from: profile.name.prefix($0.count - 1))
      }
      chunk.profile = context.string(profile.bytes)
      chunk.profile_len = profile.bytes.count
      try context.check(spng_set_iccp(context.pointer, &chunk))
    }
  }

  private func encodeSamples(to context: PNGContext) throws(VoxtileError) {
    if let color = transparentColor, color.count == pixelFormat.channels {
      var key = spng_trns()
      if color.count == 1 { key.gray = color[0] }
      if color.count == 3 { (key.red, key.green, key.blue) = (color[0], color[1], color[2]) }
      try context.check(spng_set_trns(context.pointer, &key))
    }
    guard let bits = significantBits, bits.count == pixelFormat.colorType.significantChannels else { return }
    var chunk = spng_sbit()
    switch pixelFormat.colorType {
    case .gray: chunk.grayscale_bits = bits[0]
    case .grayAlpha: (chunk.grayscale_bits, chunk.alpha_bits) = (bits[0], bits[1])
    case .rgb, .palette: (chunk.red_bits, chunk.green_bits, chunk.blue_bits) = (bits[0], bits[1], bits[2])
    case .rgba:
      (chunk.red_bits, chunk.green_bits, chunk.blue_bits, chunk.alpha_bits) =
        (bits[0], bits[1], bits[2], bits[3])
    }
    try context.check(spng_set_sbit(context.pointer, &chunk))
  }

  private func encodeTexts(to context: PNGContext) throws(VoxtileError) {
    if texts.isEmpty { return }
    var chunks = texts.map { text in
      var chunk = spng_text()
      withUnsafeMutableBytes(of: &chunk.keyword) { $0.copyBytes(from: text.keyword.prefix($0.count - 1)) }
      switch text.kind {
      case .plain: chunk.type = Int32(SPNG_TEXT.rawValue)
      case .compressed: chunk.type = Int32(SPNG_ZTXT.rawValue)
      case .international: chunk.type = Int32(SPNG_ITXT.rawValue)
      }
      chunk.compression_flag = text.isCompressed ? 1 : 0
      chunk.text = context.string(text.text)
      chunk.length = text.text.count
      chunk.language_tag = context.string(text.language)
      chunk.translated_keyword = context.string(text.translatedKeyword)
      return chunk
    }
    try context.check(spng_set_text(context.pointer, &chunks, UInt32(chunks.count)))
  }
}
