import Voxtile

/// A TIFF in the words of a volume.
struct TIFFDescription {
  private let pages: TIFFPages
  private let stack: TIFFStack
  private let pixels: TIFFPixels
  private let text: TIFFText

  init(_ pages: TIFFPages, _ stack: TIFFStack, _ pixels: TIFFPixels) {
    self.pages = pages
    self.stack = stack
    self.pixels = pixels
    text = pages.text
  }

  /// What the file says.
  var volumeInfo: VolumeInfo {
    let palette = isPalette ? text.palette : nil
    return VolumeInfo(
      extent: Extent(width: pixels.width, height: pixels.height, depth: stack.depth),
      channels: pixels.samples * stack.channels * stack.frames, scalarType: pixels.scalarType,
      isLabelMap: palette != nil, palette: palette,
      metadata: header.metadata(affine: Affine(spacing: stack.spacing ?? PerAxis(1))), details: details,
      notes: stack.notes + notes)
  }

  /// Whether values are indices. The colors of a stack of ImageJ's are those in which it shows intensities.
  private var isPalette: Bool { pixels.photometric == .palette && stack.writer != "ImageJ" }

  private var header: TIFFHeader {
    var header = TIFFHeader()
    (header.samples, header.channels, header.frames) = (pixels.samples, stack.channels, stack.frames)
    (header.isRGB, header.hasAlpha) = (pixels.photometric == .rgb, pixels.hasAlpha)
    header.isVolume = stack.depth > 1 || stack.hasDepth
    header.hasSize = stack.spacing != nil
    header.palette = isPalette ? text.palette ?? [] : []
    header.names = stack.names
    (header.artist, header.dateTime, header.profile) = (text.artist, text.dateTime, text.profile)
    return header
  }

  private var notes: [String] {
    var notes: [String] = []
    if pixels.photometric == .whiteIsZero {
      notes.append("says that 0 is white; its values are taken as they are stored")
    }
    if pixels.photometric == .palette, !isPalette {
      notes.append("has colors in which ImageJ shows its values; they are not kept")
    }
    if text.orientation != 1 {
      notes.append(
        "says that its first row is not at the top or its first column not at the left (orientation \(text.orientation)); its "
          + "pixels are taken as they are stored")
    }
    return notes
  }

  private var details: [(name: String, value: String)] {
    var details: [(name: String, value: String)] = [
      ("variant", pages.isBig ? "BigTIFF" : "classic TIFF"),
      ("byte order", pages.isBigEndian ? "big-endian" : "little-endian"),
      ("pages", "\(pages.all.count)"),
      ("pixels", "\(pixels.photometric.name), \(pixels.samples) x \(pixels.bits) bits"),
    ]
    if let page = stack.pages.first.flatMap({ pages.all[$0] }) {
      details.append(("stored as", page.blocks.description))
    }
    if let writer = stack.writer { details.append(("description", writer)) }
    if stack.channels > 1 { details.append(("channels", "\(stack.channels)")) }
    if stack.frames > 1 {
      let step = stack.names.frameSeconds
      details.append(("time points", "\(stack.frames)" + (step > 0 ? ", \(step) s apart" : "")))
    }
    for (name, value) in [
      ("name", stack.names.image), ("channel names", stack.names.channels.joined(separator: ", ")),
      ("text", stack.names.text), ("artist", text.artist), ("date", text.dateTime),
    ] where !value.isEmpty {
      details.append((name, Self.line(value)))
    }
    if !text.profile.isEmpty { details.append(("ICC profile", "\(text.profile.count) bytes")) }
    return details
  }

  /// A text on one line, cut where it is long.
  private static func line(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 200 ? line.prefix(200) + "..." : line
  }
}
