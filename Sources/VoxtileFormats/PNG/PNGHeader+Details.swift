import Voxtile

extension PNGHeader {
  /// What a person may want to know, in the order of the file.
  func details(isInterlaced: Bool) -> [(name: String, value: String)] {
    var details: [(name: String, value: String)] = []
    let colors = palette.map { " of \($0.count) colors" } ?? ""
    details.append(("color type", pixelFormat.colorType.name + colors))
    details.append(("bit depth", "\(pixelFormat.bitDepth)"))
    details.append(("interlace", isInterlaced ? "Adam7" : "none"))
    if let resolution {
      let unit = resolution.isPerMeter ? "pixels per meter" : "(only the ratio is known)"
      details.append(("resolution", "\(resolution.x) x \(resolution.y) \(unit)"))
    }
    if let offset {
      details.append(("offset", "\(offset.x), \(offset.y) \(offset.isMicrometers ? "µm" : "pixels")"))
    }
    if let gamma { details.append(("gamma", "\(Double(gamma) / 100_000)")) }
    if let chromaticities {
      let values = chromaticities.map { "\(Double($0) / 100_000)" }
      details.append(("chromaticities", values.joined(separator: " ")))
    }
    if let renderingIntent {
      let names = ["perceptual", "relative colorimetric", "saturation", "absolute colorimetric"]
      let intent = Int(renderingIntent)
      details.append(("sRGB intent", names.indices.contains(intent) ? names[intent] : "\(intent)"))
    }
    if let profile {
      details.append(("ICC profile", "\(profile.name.latin1), \(profile.bytes.count) bytes"))
    }
    if let transparentColor {
      details.append(("transparent color", transparentColor.map { "\($0)" }.joined(separator: " ")))
    }
    if let significantBits {
      details.append(("significant bits", significantBits.map { "\($0)" }.joined(separator: " ")))
    }
    for text in texts { details.append((text.keyword.latin1, text.shown)) }
    return details
  }
}

extension PNGHeader.Text {
  /// The text on one line, cut where it is long.
  fileprivate var shown: String {
    let text = kind == .international ? String(decoding: text, as: UTF8.self) : text.latin1
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 200 ? line.prefix(200) + "..." : line
  }
}

extension [UInt8] {
  fileprivate var latin1: String {
    String(String.UnicodeScalarView(map { Unicode.Scalar($0) }))
  }
}
