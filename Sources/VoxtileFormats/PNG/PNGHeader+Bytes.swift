import Voxtile

/// The header as bytes, for a manifest: one record for each chunk: a length (4 bytes, big-endian), the name
/// of the chunk (4 bytes) and that many bytes of content.
///
/// The contents of gAMA, cHRM, sRGB, pHYs, oFFs, tRNS and sBIT are those of the PNG chunks. The others are:
///
/// | name | content |
/// |---|---|
/// | `IHDR`, always first | bit depth and color type, one byte each |
/// | `PLTE` | red, green, blue and alpha of each color, one byte each |
/// | `iCCP` | name, 0, profile (not compressed) |
/// | `tEXt`, `zTXt`, `iTXt` | whether it is compressed (a byte), keyword, 0, language, 0, translated keyword, 0, text |
///
/// Records of other names are skipped, so that a later version may add some.
extension PNGHeader {
  /// The header as bytes.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    func append(_ name: String, _ content: [UInt8]) {
      bytes += UInt32(content.count).bigEndianBytes + Array(name.utf8) + content
    }
    append("IHDR", [UInt8(pixelFormat.bitDepth), pixelFormat.colorType.rawValue])
    if let palette { append("PLTE", palette.flatMap { [$0.red, $0.green, $0.blue, $0.alpha] }) }
    if let gamma { append("gAMA", gamma.bigEndianBytes) }
    if let chromaticities { append("cHRM", chromaticities.flatMap(\.bigEndianBytes)) }
    if let renderingIntent { append("sRGB", [renderingIntent]) }
    if let profile { append("iCCP", profile.name + [0] + profile.bytes) }
    if let resolution {
      append(
        "pHYs",
        resolution.x.bigEndianBytes + resolution.y.bigEndianBytes + [resolution.isPerMeter ? 1 : 0])
    }
    if let offset {
      append("oFFs", offset.x.bigEndianBytes + offset.y.bigEndianBytes + [offset.isMicrometers ? 1 : 0])
    }
    if let transparentColor { append("tRNS", transparentColor.flatMap(\.bigEndianBytes)) }
    if let significantBits { append("sBIT", significantBits) }
    for text in texts {
      append(
        text.kind.rawValue,
        [text.isCompressed ? 1 : 0] + text.keyword + [0] + text.language + [0]
          + text.translatedKeyword + [0] + text.text)
    }
    return bytes
  }

  /// Reads the header back.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the bytes are not what ``bytes`` gave.
  init(bytes: [UInt8]) throws(VoxtileError) {
    var records = PNGHeaderRecords(bytes)
    guard let first = try records.next(), first.name == "IHDR", first.content.count == 2,
      let colorType = PNGPixelFormat.ColorType(rawValue: first.content[1]),
      [1, 2, 4, 8, 16].contains(first.content[0])
    else { throw .damagedPNGHeader("does not begin with a bit depth and a color type") }
    self.init(pixelFormat: PNGPixelFormat(colorType: colorType, bitDepth: Int(first.content[0])))
    while let record = try records.next() { try read(record) }
    guard (colorType == .palette) == (palette != nil) else {
      throw .damagedPNGHeader(
        "has \(palette == nil ? "no palette" : "a palette") for pixels of \(colorType.name)")
    }
  }

  private mutating func read(_ record: PNGHeaderRecords.Record) throws(VoxtileError) {
    let content = record.content
    switch record.name {
    case "PLTE":
      let bytes = try record.bytes(4...1024)
      palette = stride(from: 0, to: bytes.count - 3, by: 4).map {
        VolumeInfo.Color(red: bytes[$0], green: bytes[$0 + 1], blue: bytes[$0 + 2], alpha: bytes[$0 + 3])
      }
    case "gAMA": gamma = try record.integers(1)[0]
    case "cHRM": chromaticities = try record.integers(8)
    case "sRGB": renderingIntent = try record.bytes(1...1)[0]
    case "iCCP":
      let parts = try record.strings(1)
      profile = Profile(name: parts[0], bytes: parts[1])
    case "pHYs":
      let isPerMeter = try record.bytes(9...9)[8] == 1
      resolution = Resolution(
        x: UInt32(bigEndian: content[0..<4]), y: UInt32(bigEndian: content[4..<8]), isPerMeter: isPerMeter)
    case "oFFs":
      let isMicrometers = try record.bytes(9...9)[8] == 1
      offset = Offset(
        x: Int32(bitPattern: UInt32(bigEndian: content[0..<4])),
        y: Int32(bitPattern: UInt32(bigEndian: content[4..<8])), isMicrometers: isMicrometers)
    case "tRNS":
      let bytes = try record.bytes(2...6)
      transparentColor = stride(from: 0, to: bytes.count - 1, by: 2).map {
        UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
      }
    case "sBIT": significantBits = try record.bytes(1...4)
    case "tEXt", "zTXt", "iTXt":
      guard let kind = Text.Kind(rawValue: record.name) else { return }
      let isCompressed = try record.bytes(1...Int.max)[0] == 1
      let parts = try record.strings(3, after: 1)
      texts.append(
        Text(
          kind: kind, keyword: parts[0], text: parts[3], isCompressed: isCompressed, language: parts[1],
          translatedKeyword: parts[2]))
    default: break
    }
  }
}

/// The records of a header kept as bytes, one after another.
private struct PNGHeaderRecords {
  struct Record {
    var name: String
    var content: [UInt8]
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  mutating func next() throws(VoxtileError) -> Record? {
    if rest.isEmpty { return nil }
    guard rest.count >= 8 else { throw .damagedPNGHeader("ends inside a record") }
    let count = Int(UInt32(bigEndian: rest.prefix(4)))
    let name = String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self)
    rest = rest.dropFirst(8)
    guard count <= rest.count else {
      throw .damagedPNGHeader("says that \(name) has \(count) bytes, but \(rest.count) are left")
    }
    defer { rest = rest.dropFirst(count) }
    return Record(name: name, content: Array(rest.prefix(count)))
  }
}

extension PNGHeaderRecords.Record {
  /// The content, where it has a legal number of bytes.
  func bytes(_ counts: ClosedRange<Int>) throws(VoxtileError) -> [UInt8] {
    guard counts.contains(content.count) else {
      throw .damagedPNGHeader("has \(name) of \(content.count) bytes")
    }
    return content
  }

  /// The content as so many integers of 4 bytes.
  func integers(_ count: Int) throws(VoxtileError) -> [UInt32] {
    let bytes = try bytes(count * 4...count * 4)
    return (0..<count).map { UInt32(bigEndian: bytes[($0 * 4)..<($0 * 4 + 4)]) }
  }

  /// So many strings that end with a 0, and what follows them.
  func strings(_ count: Int, after start: Int = 0) throws(VoxtileError) -> [[UInt8]] {
    let parts = content.dropFirst(start).split(
      separator: 0, maxSplits: count, omittingEmptySubsequences: false)
    guard parts.count == count + 1 else {
      throw .damagedPNGHeader("has \(name) of \(parts.count) parts, not \(count + 1)")
    }
    return parts.map { Array($0) }
  }
}

extension FixedWidthInteger {
  /// The bytes of the number, the most significant first.
  fileprivate var bigEndianBytes: [UInt8] {
    (0..<bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) }
  }
}

extension UInt32 {
  fileprivate init(bigEndian bytes: ArraySlice<UInt8>) {
    self = bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }
}

extension VoxtileError {
  fileprivate static func damagedPNGHeader(_ what: String) -> VoxtileError {
    VoxtileError(.malformedFile, "the PNG header kept with the volume \(what); read the image again")
  }
}
