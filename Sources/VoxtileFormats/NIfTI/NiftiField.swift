/// Where a field of the header lies in the two versions of the format.
///
/// Source: `nifti1.h` and `nifti2.h` of the NIfTI data format working group.
struct NiftiField: Sendable {
  /// How a number is stored.
  enum Encoding: Int, Sendable {
    case uint8, int16, int32, int64, float32, float64

    var byteCount: Int {
      switch self {
      case .uint8: 1
      case .int16: 2
      case .int32, .float32: 4
      case .int64, .float64: 8
      }
    }
  }

  /// An offset in the header, and how the number (or each number of an array) is stored there.
  struct Place: Sendable {
    let offset: Int
    let encoding: Encoding
  }

  /// The name in the standard.
  let name: String
  private let first: Place
  private let second: Place

  private init(
    _ name: String, _ offset1: Int, _ encoding1: Encoding, _ offset2: Int, _ encoding2: Encoding
  ) {
    self.name = name
    first = Place(offset: offset1, encoding: encoding1)
    second = Place(offset: offset2, encoding: encoding2)
  }

  /// The place in one version.
  func place(in version: NiftiVersion) -> Place { version == .one ? first : second }

  static let dimInfo = NiftiField("dim_info", 39, .uint8, 524, .uint8)
  static let dim = NiftiField("dim", 40, .int16, 16, .int64)
  static let intentParameters = NiftiField("intent_p", 56, .float32, 80, .float64)
  static let intentCode = NiftiField("intent_code", 68, .int16, 504, .int32)
  static let datatype = NiftiField("datatype", 70, .int16, 12, .int16)
  static let bitpix = NiftiField("bitpix", 72, .int16, 14, .int16)
  static let sliceStart = NiftiField("slice_start", 74, .int16, 224, .int64)
  static let pixdim = NiftiField("pixdim", 76, .float32, 104, .float64)
  static let voxOffset = NiftiField("vox_offset", 108, .float32, 168, .int64)
  static let slope = NiftiField("scl_slope", 112, .float32, 176, .float64)
  static let intercept = NiftiField("scl_inter", 116, .float32, 184, .float64)
  static let sliceEnd = NiftiField("slice_end", 120, .int16, 232, .int64)
  static let sliceCode = NiftiField("slice_code", 122, .uint8, 496, .int32)
  static let units = NiftiField("xyzt_units", 123, .uint8, 500, .int32)
  static let calMax = NiftiField("cal_max", 124, .float32, 192, .float64)
  static let calMin = NiftiField("cal_min", 128, .float32, 200, .float64)
  static let sliceDuration = NiftiField("slice_duration", 132, .float32, 208, .float64)
  static let timeOffset = NiftiField("toffset", 136, .float32, 216, .float64)
  static let qformCode = NiftiField("qform_code", 252, .int16, 344, .int32)
  static let sformCode = NiftiField("sform_code", 254, .int16, 348, .int32)
  static let quaternion = NiftiField("quatern_b, c, d", 256, .float32, 352, .float64)
  static let qoffset = NiftiField("qoffset_x, y, z", 268, .float32, 376, .float64)
  /// The three rows of four numbers, one after another.
  static let srow = NiftiField("srow_x, y, z", 280, .float32, 400, .float64)
}

/// The two versions of the format.
enum NiftiVersion: Int, Sendable {
  case one = 1
  case two = 2

  /// The size of the fixed header, which is also the value of its first field.
  var headerByteCount: Int { self == .one ? 348 : 540 }

  /// The least `vox_offset` of a single file: the header and the four bytes that announce extensions.
  var firstVoxelOffset: Int { headerByteCount + 4 }

  /// The size of the largest axis.
  var largestDimension: Int { self == .one ? Int(Int16.max) : Int.max }

  /// Where the magic bytes lie.
  var magicOffset: Int { self == .one ? 344 : 4 }

  /// The magic bytes of a single file or of a pair.
  func magic(isSingleFile: Bool) -> [UInt8] {
    let start = Array((isSingleFile ? "n+\(rawValue)" : "ni\(rawValue)").utf8)
    // Version 2 ends with bytes that a transfer as text would change.
    return self == .one ? start + [0] : start + [0, 0x0D, 0x0A, 0x1A, 0x0A]
  }
}
