import Voxtile

/// What the markers of a JPEG say before its pixels.
///
/// Source: ITU-T T.81, annex B.
struct JPEGHeader: Equatable, Sendable {
  var width: Int
  var height: Int
  /// 1 for gray, 3 for colors.
  var channels: Int
  /// Whether pixels come in several scans, each of which refines all of them.
  var isProgressive: Bool
  /// How a viewer is told to turn the picture: 1 for not at all, to 8 (EXIF).
  var orientation: Int

  var pixelCount: Int { width * height }

  /// Pictures have a few tens of markers before their pixels.
  private static let segmentLimit = 4096

  /// Reads markers up to that of the frame.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where there is no frame, or it has more pixels than the file can hold;
  ///   `VoxtileError.Code.unsupportedFormat` for CMYK, other depths than 8 bits, arithmetic coding and lossless frames.
  init(_ file: InputFile) throws(VoxtileError) {
    var orientation = 1
    var offset = 2
    for _ in 0..<Self.segmentLimit {
      let (code, content) = try Self.segment(of: file, at: &offset)
      switch code {
      case 0xE1:
        orientation =
          EXIFOrientation.value(in: try file.bytes(at: content.lowerBound, count: content.count))
          ?? orientation
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
        self = try Self(frame: code, try file.bytes(at: content.lowerBound, count: content.count))
        self.orientation = orientation
        try check(file)
        return
      case 0xDA, 0xD9: throw .jpeg("has no frame before its pixels")
      default: break
      }
    }
    throw .jpeg("has more than \(Self.segmentLimit) markers before its pixels")
  }

  /// The next marker with its content, and moves on to what follows.
  private static func segment(
    of file: InputFile, at offset: inout Int
  ) throws(VoxtileError) -> (code: UInt8, content: Range<Int>) {
    // A few fill bytes may stand before a marker.
    let start = try file.bytes(at: offset, count: 16)
    let fill = start.prefix { $0 == 0xFF }.count
    guard fill >= 1, start.count >= fill + 3 else {
      throw .jpeg("has no marker at byte \(offset), where one should be; it is truncated or damaged")
    }
    let code = start[fill]
    let size = Int(start[fill + 1]) << 8 | Int(start[fill + 2])
    let begin = offset + fill + 1
    guard size >= 2, begin + size <= file.byteCount else {
      throw .jpeg("ends within the marker at byte \(offset); it is truncated or damaged")
    }
    offset = begin + size
    return (code, begin + 2..<begin + size)
  }

  private init(frame code: UInt8, _ bytes: [UInt8]) throws(VoxtileError) {
    guard bytes.count >= 6 else { throw .jpeg("has a frame of \(bytes.count) bytes") }
    (isProgressive, orientation) = (code == 0xC2, 1)
    height = Int(bytes[1]) << 8 | Int(bytes[2])
    width = Int(bytes[3]) << 8 | Int(bytes[4])
    channels = Int(bytes[5])
    guard code <= 0xC2 else {
      throw .refusedJPEG(
        code == 0xC3 ? "is lossless" : "is coded in a way (SOF\(code & 15)) that hardly any program writes")
    }
    guard bytes[0] == 8 else { throw .refusedJPEG("has \(bytes[0]) bits per sample, not 8") }
    guard channels == 1 || channels == 3 else {
      throw .refusedJPEG(channels == 4 ? "has CMYK colors" : "has \(channels) components, not 1 or 3")
    }
  }

  private func check(_ file: InputFile) throws(VoxtileError) {
    guard width > 0, height > 0 else { throw .jpeg("says that it has \(width)x\(height) pixels") }
    // A block of 8x8 pixels takes at least one bit.
    let bound = file.byteCount.multipliedReportingOverflow(by: 512)
    guard bound.overflow || pixelCount <= bound.partialValue else {
      throw .jpeg(
        "says that it has \(width)x\(height) pixels, but its \(file.byteCount) bytes cannot hold more than "
          + "\(bound.partialValue); it is truncated or damaged")
    }
  }
}

/// The tag of EXIF that says how a viewer should turn a picture.
enum EXIFOrientation {
  /// The value in the content of a marker APP1: 1 to 8, or `nil` where it has none.
  static func value(in segment: [UInt8]) -> Int? {
    guard segment.starts(with: Array("Exif\0\0".utf8)) else { return nil }
    let bytes = Array(segment.dropFirst(6))
    let isLittle = bytes.starts(with: [0x49, 0x49])
    guard isLittle || bytes.starts(with: [0x4D, 0x4D]) else { return nil }
    func number(_ offset: Int, _ count: Int) -> Int? {
      guard offset >= 0, offset <= bytes.count - count else { return nil }
      let field = bytes[offset..<offset + count]
      return (isLittle ? field.reversed() : Array(field)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(4, 4), let count = number(directory, 2) else { return nil }
    for entry in 0..<count {
      let place = directory + 2 + 12 * entry
      guard let tag = number(place, 2) else { return nil }
      if tag == 0x0112 { return number(place + 8, 2).flatMap { (1...8).contains($0) ? $0 : nil } }
    }
    return nil
  }
}

extension VoxtileError {
  /// What is wrong with a file.
  static func jpeg(_ what: String) -> VoxtileError {
    VoxtileError(.malformedFile, "is a JPEG that \(what); get the file again")
  }

  fileprivate static func refusedJPEG(_ what: String) -> VoxtileError {
    VoxtileError(.unsupportedFormat, "is a JPEG that \(what), which is not read here; convert it to PNG")
  }
}
