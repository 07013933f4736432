import Voxtile

/// How one voxel is stored: the `datatype` codes of NIfTI that are read and written.
enum NiftiDatatype: Int, CaseIterable, Sendable {
  case uint8 = 2
  case int16 = 4
  case int32 = 8
  case float32 = 16
  case complex64 = 32
  case float64 = 64
  case rgb24 = 128
  case int8 = 256
  case uint16 = 512
  case uint32 = 768
  case int64 = 1024
  case uint64 = 1280
  case complex128 = 1792
  case rgba32 = 2304

  /// The datatype of plain values.
  init(_ scalarType: ScalarType) {
    switch scalarType {
    case .uint8: self = .uint8
    case .int8: self = .int8
    case .uint16: self = .uint16
    case .int16: self = .int16
    case .uint32: self = .uint32
    case .int32: self = .int32
    case .uint64: self = .uint64
    case .int64: self = .int64
    case .float32: self = .float32
    case .float64: self = .float64
    }
  }

  /// The type of each component.
  var scalarType: ScalarType {
    switch self {
    case .uint8, .rgb24, .rgba32: .uint8
    case .int8: .int8
    case .uint16: .uint16
    case .int16: .int16
    case .uint32: .uint32
    case .int32: .int32
    case .uint64: .uint64
    case .int64: .int64
    case .float32, .complex64: .float32
    case .float64, .complex128: .float64
    }
  }

  /// Values that are stored side by side for one voxel: colors, or a real and an imaginary part.
  var components: Int {
    switch self {
    case .complex64, .complex128: 2
    case .rgb24: 3
    case .rgba32: 4
    default: 1
    }
  }

  /// Bytes of one voxel with all its components.
  var voxelByteCount: Int { scalarType.byteCount * components }

  /// Whether the components are colors, to which NIfTI applies no scaling.
  var isColor: Bool { self == .rgb24 || self == .rgba32 }
}

extension NiftiDatatype {
  /// The datatype of a code in a file.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` for codes of the standard that no scalar type can
  ///   hold, `VoxtileError.Code.malformedFile` for others.
  init(code: Int) throws(VoxtileError) {
    guard let datatype = NiftiDatatype(rawValue: code) else {
      let known = [1: "single bits", 1536: "float128", 2048: "complex256"]
      if let name = known[code] {
        throw VoxtileError(
          .unsupportedFormat,
          "stores \(name) (datatype \(code)), which is not read here; convert it to float64 or uint8",
          context: .init(found: "\(code)"))
      }
      throw .nifti(field: "datatype", expected: "a code of the standard", found: "\(code)")
    }
    self = datatype
  }
}

extension VoxelOrder {
  /// How voxels of a datatype are stored.
  init(_ datatype: NiftiDatatype, _ byteOrder: ByteOrder) {
    self.init(scalarType: datatype.scalarType, components: datatype.components, byteOrder: byteOrder)
  }
}
