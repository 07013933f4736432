import Voxtile

extension TIFFPlan {
  /// Sets the fields of the next page.
  func setFields(of tiff: TIFFFile, isFirst: Bool) throws(VoxtileError) {
    try tiff.set(.imageWidth, UInt32(info.extent.width))
    try tiff.set(.imageLength, UInt32(info.extent.height))
    try tiff.set(.bitsPerSample, Int32(info.scalarType.byteCount * 8))
    try tiff.set(.sampleFormat, info.scalarType.tiffFormat)
    try tiff.set(.samplesPerPixel, Int32(header.samples))
    try tiff.set(.planarConfiguration, Int32(1))
    let photometric: TIFFPhotometric = header.palette.isEmpty ? header.isRGB ? .rgb : .blackIsZero : .palette
    try tiff.set(.photometric, Int32(photometric.rawValue))
    let extra = header.samples - (header.isRGB ? 3 : 1)
    if extra > 0 {
      // 2 is opacity by which colors are not multiplied, 0 is anything.
      let kinds = [UInt16](repeating: header.hasAlpha ? 2 : 0, count: extra)
      try tiff.set(.extraSamples, counting: Int32(extra), kinds)
    }
    if isTiled {
      try tiff.set(.tileWidth, UInt32(block.width))
      try tiff.set(.tileLength, UInt32(block.height))
    } else {
      try tiff.set(.rowsPerStrip, UInt32(block.height))
    }
    try tiff.set(.compression, Int32(TIFFCompression.deflate.rawValue))
    try tiff.set(.predictor, Int32(hasPredictor ? 2 : 1))
    try setSize(of: tiff)
    if !header.palette.isEmpty { try tiff.setColorMap(header.palette, bits: info.scalarType.byteCount * 8) }
    if isFirst { try setTexts(of: tiff) }
  }

  private func setSize(of tiff: TIFFFile) throws(VoxtileError) {
    let spacing = info.metadata.spacing
    let perCentimeter = (Float(10 / spacing.x), Float(10 / spacing.y))
    guard header.hasSize, perCentimeter.0.isNormal, perCentimeter.1.isNormal else { return }
    try tiff.set(.xResolution, Double(perCentimeter.0))
    try tiff.set(.yResolution, Double(perCentimeter.1))
    try tiff.set(.resolutionUnit, Int32(3))
  }

  private func setTexts(of tiff: TIFFFile) throws(VoxtileError) {
    try tiff.set(.description, text: description)
    if !header.artist.isEmpty { try tiff.set(.artist, text: header.artist) }
    // The field has just as many characters.
    if header.dateTime.utf8.count == 19 { try tiff.set(.dateTime, text: header.dateTime) }
    if !header.profile.isEmpty {
      try tiff.set(.profile, counting: UInt32(truncatingIfNeeded: header.profile.count), header.profile)
    }
  }
}

extension TIFFFile {
  /// Sets a field of text.
  fileprivate func set(_ tag: TIFFTag, text: String) throws(VoxtileError) {
    let bytes = text.utf8CString.map { $0 }
    try set(tag, pointing: bytes) { [$0] }
  }

  /// Sets a field that has a count and an array.
  fileprivate func set<Element: BitwiseCopyable>(
    _ tag: TIFFTag, counting count: any CVarArg, _ values: [Element]
  ) throws(VoxtileError) {
    try set(tag, pointing: values) { [count, $0] }
  }

  /// Sets the colors of a palette; those that it has not are black.
  fileprivate func setColorMap(_ palette: [VolumeInfo.Color], bits: Int) throws(VoxtileError) {
    let count = 1 << bits
    func channel(_ value: (VolumeInfo.Color) -> UInt8) -> [UInt16] {
      palette.map { UInt16(value($0)) * 257 } + [UInt16](repeating: 0, count: count - palette.count)
    }
    try set(.colorMap, pointing: channel(\.red) + channel(\.green) + channel(\.blue)) { start in
      [start, start + count, start + 2 * count]
    }
  }

  private func set<Element: BitwiseCopyable>(
    _ tag: TIFFTag, pointing values: [Element], _ arguments: (UnsafePointer<Element>) -> [any CVarArg]
  ) throws(VoxtileError) {
    let failure: VoxtileError? = values.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return nil }
      do throws(VoxtileError) { try set(tag, arguments(start)) } catch { return error }
      return nil
    }
    if let failure { throw failure }
  }
}

extension ScalarType {
  /// The number of TIFF 6.0 for what a sample is.
  fileprivate var tiffFormat: Int32 {
    switch self {
    case .uint8, .uint16, .uint32, .uint64: 1
    case .int8, .int16, .int32, .int64: 2
    case .float32, .float64: 3
    }
  }
}
