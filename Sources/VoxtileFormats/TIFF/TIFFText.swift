import Voxtile

/// What the first page of a TIFF says beside its pixels.
struct TIFFText: Sendable {
  /// The ImageDescription, in which ImageJ and OME keep what TIFF has no fields for.
  var description: String
  var artist: String
  var dateTime: String
  /// The color profile (ICC), or nothing.
  var profile: [UInt8]
  /// Pixels per unit of length along x and y, as far as they are known.
  var resolution: (x: Double, y: Double)?
  /// The unit of the resolution: 2 for the inch, 3 for the centimeter, otherwise unknown.
  var resolutionUnit: Int
  /// Where the first row and column lie: 1 for the top left, as almost always.
  var orientation: Int
  /// The colors of a palette page.
  var palette: [VolumeInfo.Color]?

  /// The longest description that is read, in bytes.
  private static let largestDescription = 64 << 20

  /// Reads the fields of the page that is selected.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where the description is longer than is read.
  init(_ file: TIFFFile) throws(VoxtileError) {
    description = file.text(.description) ?? ""
    guard description.utf8.count <= Self.largestDescription else {
      throw .tiffHas("a description of \(description.utf8.count) bytes", advice: "shorten it")
    }
    artist = file.text(.artist) ?? ""
    dateTime = file.text(.dateTime) ?? ""
    profile = file.profile
    resolutionUnit = Int(file.number(.resolutionUnit, as: UInt16.self) ?? 2)
    orientation = Int(file.number(.orientation, as: UInt16.self) ?? 1)
    let (x, y): (Float?, Float?) = (file.number(.xResolution), file.number(.yResolution))
    if let x, let y, x > 0, y > 0, x.isFinite, y.isFinite { resolution = (Double(x), Double(y)) }
    if file.number(.photometric, as: UInt16.self) == TIFFPhotometric.palette.rawValue {
      palette = Self.palette(file)
    }
  }

  private static func palette(_ file: TIFFFile) -> [VolumeInfo.Color]? {
    let bits = Int(file.number(.bitsPerSample, as: UInt16.self) ?? 1)
    guard (1...16).contains(bits), let channels = file.colorMap(count: 1 << bits) else { return nil }
    // Some programs store 8 bits where 16 belong.
    let isEightBits = channels.allSatisfy { $0.allSatisfy { $0 < 256 } }
    func value(_ sample: UInt16) -> UInt8 { UInt8(truncatingIfNeeded: isEightBits ? sample : sample >> 8) }
    return channels[0].indices.map {
      VolumeInfo.Color(
        red: value(channels[0][$0]), green: value(channels[1][$0]), blue: value(channels[2][$0]))
    }
  }

  /// Millimeters in the unit of the resolution, or `nil` where it has none.
  var unitMillimeters: Double? { resolutionUnit == 2 ? 25.4 : resolutionUnit == 3 ? 10 : nil }

  /// The size of a pixel in mm, or `nil` where the resolution has no unit.
  var pixelSize: (x: Double, y: Double)? {
    guard let resolution, let unitMillimeters else { return nil }
    return (unitMillimeters / resolution.x, unitMillimeters / resolution.y)
  }
}
