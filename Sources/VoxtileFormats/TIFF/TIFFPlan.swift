import Voxtile

/// How an image is going to be stored as a TIFF.
struct TIFFPlan: Sendable {
  let info: VolumeInfo
  /// What is kept from the file that the image came from, with samples, channels and time points that make its channels.
  let header: TIFFHeader
  let compression: WriteOptions.CompressionLevel

  /// The width of images up to which strips do; ITK reads strips of any kind, but of tiles only 8 bits a sample.
  private static let widestStrip = 1024
  /// The bytes of a strip before it is compressed.
  private static let stripByteCount = 1 << 16
  /// The width and height of a tile.
  private static let tileSize = 128

  /// Plans a file.
  ///
  /// - Throws: the error of ``refusal(of:)``, `VoxtileError.Code.malformedFile` where the header of the metadata is damaged.
  init(_ info: VolumeInfo, compression: WriteOptions.CompressionLevel) throws(VoxtileError) {
    if let refusal = Self.refusal(of: info) { throw refusal }
    self.info = info
    self.compression = compression
    header = try Self.header(info)
  }

  private static func header(_ info: VolumeInfo) throws(VoxtileError) -> TIFFHeader {
    var header = TIFFHeader()
    if let kept = info.metadata.header, kept.format == TIFFFormat.name {
      header = try TIFFHeader(bytes: kept.bytes)
    }
    if header.channelCount != info.channels {
      (header.samples, header.channels, header.frames) = (1, info.channels, 1)
      (header.isRGB, header.hasAlpha) = (false, false)
      if info.metadata.header?.format != TIFFFormat.name { header.takeChannels(of: info) }
    }
    if header.samples > 1, !header.isRGB, !header.hasAlpha || header.samples != 2 {
      // Only colors lie side by side: of other channels, one is often wanted alone.
      (header.samples, header.channels) = (1, header.channels * header.samples)
      header.hasAlpha = false
    }
    if header.names.channels.count != header.channels { header.names.channels = [] }
    if header.frames == 1 { header.names.frameSeconds = 0 }
    header.palette = info.palette ?? []
    header.isVolume = !info.isPlanar
    header.hasSize = info.metadata.place != .unknown || info.metadata.spacing != PerAxis(1)
    return header
  }

  /// Why a TIFF cannot hold an image, or `nil` where it can.
  static func refusal(of info: VolumeInfo) -> VoxtileError? {
    let sizes = info.extent.sizes.all
    guard sizes.allSatisfy({ (1...Int(Int32.max)).contains($0) }) else {
      return .notTIFF("\(info.extent) voxels; each size is 1 to \(Int32.max)")
    }
    let (pages, overflowed) = info.extent.depth.multipliedReportingOverflow(by: info.channels)
    guard !overflowed, pages <= TIFFPages.largestCount else {
      return .notTIFF(
        "\(info.extent.depth) slices of \(info.channels) channels, which are more than \(TIFFPages.largestCount) pages"
      )
    }
    if let palette = info.palette {
      let largest = info.scalarType == .uint8 ? 256 : info.scalarType == .uint16 ? 65536 : 0
      guard (1...max(1, largest)).contains(palette.count), largest > 0, info.channels == 1 else {
        return .notTIFF(
          "a palette of \(palette.count) colors for \(info.channels) channels of \(info.scalarType.rawValue)")
      }
      guard palette.allSatisfy({ $0.alpha == 255 }) else {
        return .notTIFF("a palette with transparent colors; write .png")
      }
    }
    if let scaling = info.scaling {
      return .notTIFF(
        "the scaling \(scaling.slope) x stored + \(scaling.intercept) that makes these values real ones",
        remedy: .writeRealValues)
    }
    return nil
  }
}

extension TIFFHeader {
  /// Colors lie side by side, and time points are frames, where the format that an image came from says so.
  fileprivate mutating func takeChannels(of info: VolumeInfo) {
    switch info.channelMeaning {
    case .colors where (2...4).contains(info.channels):
      (samples, channels) = (info.channels, 1)
      (isRGB, hasAlpha) = (info.channels > 2, info.channels != 3)
    case .time(let step):
      (channels, frames) = (1, info.channels)
      names.frameSeconds = step ?? 0
    default: break
    }
  }
}

// MARK: - Blocks

extension TIFFPlan {
  /// Bytes of a pixel with the samples that lie side by side.
  var pixelByteCount: Int { header.samples * info.scalarType.byteCount }

  var isTiled: Bool { info.extent.width > Self.widestStrip }

  /// The size of a block in pixels.
  var block: (width: Int, height: Int) {
    if isTiled { return (Self.tileSize, Self.tileSize) }
    let rows = Self.stripByteCount / (info.extent.width * pixelByteCount)
    return (info.extent.width, min(max(1, rows), info.extent.height))
  }

  /// Whether the file may become larger than a classic TIFF can be.
  var isBig: Bool {
    let voxels = Double(info.extent.width) * Double(info.extent.height) * Double(info.extent.depth)
    return voxels * Double(info.channels * info.scalarType.byteCount) >= Double(1 << 31)
  }

  /// The blocks of one row, and of one page.
  var blockColumns: Int { (info.extent.width - 1) / block.width + 1 }
  var blockCount: Int { blockColumns * ((info.extent.height - 1) / block.height + 1) }

  /// Whether differences of neighbors are stored, which makes intensities smaller. Labels gain nothing, and differences of
  /// numbers that are no integers, or have 64 bits, are not known to every reader.
  var hasPredictor: Bool {
    info.scalarType.isInteger && info.scalarType.byteCount < 8 && !info.isLabelMap && info.palette == nil
  }
}

extension VoxtileError {
  fileprivate static func notTIFF(_ what: String, remedy: Remedy? = nil) -> VoxtileError {
    VoxtileError(.unsupportedFormat, "a TIFF cannot hold \(what)", remedy: remedy)
  }
}
