import Voxtile

/// What a page says of its pixels: how many there are, and what a sample is. All pages of a volume agree in it.
struct TIFFPixels: Hashable, Sendable {
  let width: Int
  let height: Int
  /// The type that holds a sample in memory.
  let scalarType: ScalarType
  /// Bits of a sample in the file: those of the scalar type, or 1, 2 or 4.
  let bits: Int
  /// Samples of a pixel.
  let samples: Int
  let photometric: TIFFPhotometric
  /// Whether the last sample says how opaque the pixel is.
  let hasAlpha: Bool

  /// Decodes the fields of the page that is selected.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a field is missing or contradicts another one,
  ///   `VoxtileError.Code.unsupportedFormat` for kinds of pixels that are not read, by their name.
  init(_ file: TIFFFile) throws(VoxtileError) {
    width = try Self.size(file.number(.imageWidth), "width")
    height = try Self.size(file.number(.imageLength), "height")
    let depths: [UInt32] = [file.number(.imageDepth), file.number(.tileDepth)].compactMap(\.self)
    if let depth = depths.first(where: { $0 > 1 }) {
      throw .tiffHas(
        "volumetric blocks of \(depth) slices (ImageDepth, TileDepth)", advice: "write each slice as a page")
    }
    samples = Int(file.number(.samplesPerPixel, as: UInt16.self) ?? 1)
    guard samples >= 1 else { throw .tiff("it says that a pixel has 0 samples") }
    bits = Int(file.number(.bitsPerSample, as: UInt16.self) ?? 1)
    scalarType = try Self.scalarType(bits: bits, format: file.number(.sampleFormat) ?? 1)
    let code: UInt16 = file.number(.photometric) ?? 1
    guard let photometric = TIFFPhotometric(rawValue: code) else {
      throw .tiffHas(TIFFPhotometric.name(of: code), advice: "convert it to gray or RGB")
    }
    self.photometric = photometric
    let extra = file.extraSamples
    hasAlpha = extra.count == 1 && (extra[0] == 1 || extra[0] == 2)
    guard photometric != .rgb || samples >= 3 else {
      throw .tiff("it is RGB with \(samples) samples a pixel")
    }
    guard photometric != .palette || samples == 1 else {
      throw .tiffHas("a palette with \(samples) samples a pixel", advice: "convert it to RGB")
    }
  }

  private static func size(_ field: UInt32?, _ name: String) throws(VoxtileError) -> Int {
    guard let field, (1...UInt32(Int32.max)).contains(field) else {
      throw .tiff("its \(name) is \(field.map { "\($0)" } ?? "missing")")
    }
    return Int(field)
  }

  private static func scalarType(bits: Int, format: UInt16) throws(VoxtileError) -> ScalarType {
    let types: [Int: ScalarType]
    let kind: String
    switch format {
    case 1, 4:
      kind = "unsigned integers"
      types = [
        1: .uint8, 2: .uint8, 4: .uint8, 8: .uint8, 16: .uint16, 32: .uint32, 64: .uint64,
      ]
    case 2: (kind, types) = ("signed integers", [8: .int8, 16: .int16, 32: .int32, 64: .int64])
    case 3: (kind, types) = ("floating-point numbers", [32: .float32, 64: .float64])
    case 5, 6: (kind, types) = ("complex numbers", [:])
    default: (kind, types) = ("samples of format \(format)", [:])
    }
    guard let type = types[bits] else {
      throw .tiffHas("\(kind) of \(bits) bits", advice: "convert them to another type")
    }
    return type
  }

  /// Whether the samples are red, green, blue, and perhaps opacity; or gray and opacity.
  var isColor: Bool { photometric == .rgb && (3...4).contains(samples) || samples == 2 && hasAlpha }

  /// The largest number of bytes that so many pixels of one row take in the file, with the samples that lie side by side.
  func rowByteCount(pixels: Int, samples: Int) -> Int { (pixels * samples * bits + 7) / 8 }

  /// What a person may want to know.
  var description: String {
    "\(width)x\(height) pixels of \(samples) x \(bits) bits (\(scalarType.rawValue), \(photometric.name))"
  }
}
