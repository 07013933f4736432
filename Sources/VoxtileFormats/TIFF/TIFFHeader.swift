import Voxtile

/// What a TIFF says besides its pixels, as far as it is kept from one file to the next.
struct TIFFHeader: Hashable, Sendable {
  /// Samples of a pixel that lie side by side.
  var samples = 1
  /// Pages for each slice and time point.
  var channels = 1
  /// Time points.
  var frames = 1
  var isRGB = false
  /// Whether the last sample says how opaque a pixel is.
  var hasAlpha = false
  /// Whether it is a volume, even where it has one slice.
  var isVolume = false
  /// Whether the size of a voxel is known.
  var hasSize = false
  /// The colors that values are indices of, or none.
  var palette: [VolumeInfo.Color] = []
  var names = TIFFNames()
  var artist = ""
  var dateTime = ""
  /// The color profile (ICC), or nothing.
  var profile: [UInt8] = []

  /// Whether samples are colors, and all that there is.
  var isColor: Bool {
    channels * frames == 1 && (isRGB ? (3...4).contains(samples) : samples == 2 && hasAlpha)
  }

  /// Samples, channels and time points together.
  var channelCount: Int { samples * channels * frames }

  /// What they are.
  var channelMeaning: ChannelMeaning {
    if isColor { return .colors }
    guard frames > 1 else { return .unknown }
    let values = samples * channels
    return values > 1
      ? .axes([values, frames])
      : .time(stepSeconds: names.frameSeconds > 0 ? names.frameSeconds : nil)
  }

  /// Where the image lies, with the header.
  func metadata(affine: Affine) -> VolumeMetadata {
    VolumeMetadata(
      affine: affine, header: .init(format: TIFFFormat.name, bytes: bytes),
      place: hasSize ? .spacing : .unknown, spatialRank: isVolume ? 3 : 2)
  }
}

// MARK: - Bytes

extension TIFFHeader {
  /// The first bytes, with the version of what follows.
  private static let signature = Array("VOXTILE-TIFF-1\n".utf8)

  /// The bytes by which a header travels with a volume: parts, each with its length of 4 bytes.
  var bytes: [UInt8] {
    let flags = [isRGB, hasAlpha, isVolume, hasSize].map { UInt8($0 ? 1 : 0) }
    let numbers = [samples, channels, frames].flatMap { Self.bytes(of: UInt32(truncatingIfNeeded: $0)) }
    let parts: [[UInt8]] =
      [
        flags, numbers, palette.flatMap { [$0.red, $0.green, $0.blue] }, profile, Array(artist.utf8),
        Array(dateTime.utf8), Self.bytes(of: names.frameSeconds.bitPattern), Array(names.image.utf8),
        Array(names.text.utf8),
      ] + names.channels.map { Array($0.utf8) }
    return Self.signature + parts.flatMap { Self.bytes(of: UInt32(truncatingIfNeeded: $0.count)) + $0 }
  }

  /// Reads what ``bytes`` has written.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where they are damaged.
  init(bytes: [UInt8]) throws(VoxtileError) {
    guard bytes.starts(with: Self.signature) else { throw .damagedHeader }
    var parts: [ArraySlice<UInt8>] = []
    var rest = bytes[Self.signature.count...]
    while !rest.isEmpty {
      guard let count: UInt32 = Self.number(rest.prefix(4)), rest.count - 4 >= Int(count) else {
        throw .damagedHeader
      }
      parts.append(rest.dropFirst(4).prefix(Int(count)))
      rest = rest.dropFirst(4 + Int(count))
    }
    guard parts.count >= 9, parts[0].count == 4, parts[1].count == 12, parts[2].count.isMultiple(of: 3),
      let seconds: UInt64 = Self.number(parts[6])
    else { throw .damagedHeader }
    let flags = parts[0].map { $0 != 0 }
    (isRGB, hasAlpha, isVolume, hasSize) = (flags[0], flags[1], flags[2], flags[3])
    let numbers: [UInt32] = (0..<3).compactMap { Self.number(parts[1].dropFirst(4 * $0).prefix(4)) }
    // The product of three of these is still a number.
    guard numbers.count == 3, numbers.allSatisfy({ (1...1 << 20).contains($0) }) else { throw .damagedHeader }
    (samples, channels, frames) = (Int(numbers[0]), Int(numbers[1]), Int(numbers[2]))
    let colors = Array(parts[2])
    palette = stride(from: 0, to: colors.count, by: 3).map {
      VolumeInfo.Color(red: colors[$0], green: colors[$0 + 1], blue: colors[$0 + 2])
    }
    profile = Array(parts[3])
    let texts = parts.map { String(decoding: $0, as: UTF8.self) }
    (artist, dateTime, names.image, names.text) = (texts[4], texts[5], texts[7], texts[8])
    let time = Double(bitPattern: seconds)
    names.frameSeconds = time.isFinite && time > 0 ? time : 0
    names.channels = Array(texts[9...])
  }

  private static func bytes<Number: FixedWidthInteger>(of number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  private static func number<Number: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>) -> Number? {
    guard bytes.count == Number.bitWidth / 8 else { return nil }
    return bytes.reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }
}

extension VoxtileError {
  fileprivate static var damagedHeader: VoxtileError {
    VoxtileError(
      .malformedFile,
      "the TIFF header that was kept with the image is damaged; read the image again from its file")
  }
}
