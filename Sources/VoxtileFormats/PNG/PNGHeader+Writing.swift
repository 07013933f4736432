import Voxtile

extension PNGHeader {
  /// The header of a file that is to hold an image, with all of the image's own header that still applies.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where a PNG cannot hold such an image,
  ///   `VoxtileError.Code.malformedFile` where its PNG header is damaged.
  init(writing info: VolumeInfo) throws(VoxtileError) {
    if let refusal = Self.refusal(of: info) { throw refusal }
    let colorType = info.palette == nil ? Self.colorTypes[info.channels - 1] : .palette
    let kept = info.metadata.header.flatMap { $0.format == PNGFormat.name ? $0.bytes : nil }
    guard let kept else {
      self.init(pixelFormat: PNGPixelFormat(colorType: colorType, bitDepth: info.scalarType.byteCount * 8))
      palette = info.palette
      let metadata = info.metadata
      // Where only sizes are known, the rest of the affine is made up, and no place on a larger image.
      place(
        as: metadata.place == .spacing
          ? Affine(spacing: metadata.spacing).moved(to: metadata.origin) : metadata.affine)
      return
    }
    self = try PNGHeader(bytes: kept)
    place(as: info.metadata.affine)
    let source = pixelFormat
    palette = info.palette
    pixelFormat = PNGPixelFormat(colorType: colorType, bitDepth: info.scalarType.byteCount * 8)
    // Keep the source's 1, 2 or 4 bits only if color type and scalar type are unchanged.
    let colorCount = palette?.count ?? 0
    if info.scalarType == .uint8, source.colorType == colorType, source.bitDepth < 8,
      colorCount <= 1 << source.bitDepth
    {
      pixelFormat.bitDepth = source.bitDepth
    }
    if source.colorType.hasColor != colorType.hasColor { profile = nil }
    if source != pixelFormat {
      transparentColor = nil
      significantBits = nil
    }
  }

  /// Sets resolution and offset; the file's own are kept to the last digit where they are still true.
  private mutating func place(as affine: Affine) {
    if affine == self.affine { return }
    let spacing = affine.spacing
    if spacing.x != self.spacing.x || spacing.y != self.spacing.y {
      resolution = Resolution(spacing: spacing)
    }
    offset = Offset(placing: affine)
  }

  /// The color types of images of 1, 2, 3 and 4 channels.
  private static let colorTypes: [PNGPixelFormat.ColorType] = [.gray, .grayAlpha, .rgb, .rgba]

  /// Why a PNG cannot hold an image, or `nil` where it can.
  static func refusal(of info: VolumeInfo) -> VoxtileError? {
    guard info.scalarType == .uint8 || info.scalarType == .uint16 else {
      return .notPNG(
        "values of type \(info.scalarType.rawValue), only uint8 and uint16",
        remedy: .convertScalarType(to: [.uint8, .uint16]))
    }
    guard info.extent.depth == 1 else {
      return .notPNG("\(info.extent.depth) slices, only one; write .nii.gz")
    }
    let sizes = 1...Int(Int32.max)
    guard sizes.contains(info.extent.width), sizes.contains(info.extent.height) else {
      return .notPNG("\(info.extent) pixels; each size is 1 to \(Int32.max)")
    }
    guard colorTypes.indices.contains(info.channels - 1) else {
      return .notPNG("\(info.channels) channels, only 1 to 4; write .nii.gz")
    }
    let meaning = info.channelMeaning
    guard !meaning.isKnownAsNoColors else {
      return .notPNG("\(meaning.words(info.channels)), which it would show as colors", remedy: .chooseChannel)
    }
    if let palette = info.palette {
      guard (1...256).contains(palette.count), info.channels == 1, info.scalarType == .uint8 else {
        return .notPNG(
          "a palette of \(palette.count) colors for \(info.channels) channels of \(info.scalarType.rawValue), only 1 to 256 "
            + "colors for one channel of uint8")
      }
    }
    if let scaling = info.scaling {
      return .notPNG(
        "the scaling \(scaling.slope) x stored + \(scaling.intercept) that makes these values real ones",
        remedy: .writeRealValues)
    }
    return nil
  }
}

extension VoxtileError {
  fileprivate static func notPNG(_ what: String, remedy: Remedy? = nil) -> VoxtileError {
    VoxtileError(.unsupportedFormat, "a PNG cannot hold \(what)", remedy: remedy)
  }
}
