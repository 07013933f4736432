/// The fields of a TIFF page that are read or written, with the numbers of TIFF 6.0 and of libtiff.
enum TIFFTag: UInt32, Sendable {
  case subfileType = 254
  case oldSubfileType = 255
  case imageWidth = 256
  case imageLength = 257
  case bitsPerSample = 258
  case compression = 259
  case photometric = 262
  case description = 270
  case orientation = 274
  case samplesPerPixel = 277
  case rowsPerStrip = 278
  case xResolution = 282
  case yResolution = 283
  case planarConfiguration = 284
  case resolutionUnit = 296
  case dateTime = 306
  case artist = 315
  case predictor = 317
  case colorMap = 320
  case tileWidth = 322
  case tileLength = 323
  case extraSamples = 338
  case sampleFormat = 339
  case imageDepth = 32997
  case tileDepth = 32998
  case profile = 34675
}

/// How the blocks of a page are compressed.
enum TIFFCompression: UInt16, Sendable {
  case none = 1
  case lzw = 5
  case deflate = 8
  case packBits = 32773
  case oldDeflate = 32946
  case zstd = 50000

  /// The name for a person.
  var name: String {
    switch self {
    case .none: "none"
    case .lzw: "LZW"
    case .deflate, .oldDeflate: "deflate"
    case .packBits: "PackBits"
    case .zstd: "Zstandard"
    }
  }

  /// How many bytes one compressed byte can become, at most: a string of the table for each code of 9 bits (LZW), 258 bytes for 2
  /// bits (deflate), 128 bytes for 2 (PackBits), a block of 128 KiB for 4 (Zstandard).
  var largestRatio: Int {
    switch self {
    case .none: 1
    case .lzw: 4096
    case .deflate, .oldDeflate: 1032
    case .packBits: 64
    case .zstd: 1 << 15
    }
  }

  /// The name of a compression that is not read.
  static func name(of code: UInt16) -> String {
    switch code {
    case 2, 3, 4: "fax (CCITT)"
    case 6, 7: "JPEG"
    case 33003, 33004, 33005, 34712: "JPEG 2000"
    case 34661: "JBIG"
    case 34887: "LERC"
    case 34925: "LZMA"
    case 50001: "WebP"
    case 50002, 52546: "JPEG XL"
    default: "compression \(code)"
    }
  }
}

/// What the samples of a pixel mean.
enum TIFFPhotometric: UInt16, Sendable {
  case whiteIsZero = 0
  case blackIsZero = 1
  case rgb = 2
  case palette = 3

  /// The name for a person.
  var name: String {
    switch self {
    case .whiteIsZero: "gray, 0 is white"
    case .blackIsZero: "gray"
    case .rgb: "RGB"
    case .palette: "palette"
    }
  }

  /// The name of a meaning that is not read.
  static func name(of code: UInt16) -> String {
    switch code {
    case 4: "a transparency mask"
    case 5: "inks (CMYK)"
    case 6: "YCbCr"
    case 8, 9, 10: "CIE L*a*b*"
    case 32803: "a color filter array"
    case 32844, 32845: "LogLuv"
    default: "pixels of kind \(code)"
    }
  }
}
