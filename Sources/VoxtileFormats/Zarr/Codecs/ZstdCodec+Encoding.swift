import Voxtile

extension ZstdCodec {
  /// Compresses bytes, with a checksum of them.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where libzstd is not installed.
  static func encoded(
    _ bytes: [UInt8], _ compression: WriteOptions.CompressionLevel
  ) throws(VoxtileError) -> [UInt8] {
    let library = try ZstdLibrary.shared()
    let context = library.createContext()
    defer { _ = library.freeContext(context) }
    _ = library.setParameter(context, Parameter.compressionLevel, compression.zstdLevel)
    _ = library.setParameter(context, Parameter.checksumFlag, 1)
    return try [UInt8](checkedCapacity: library.compressBound(bytes.count)) {
      (target) throws(VoxtileError) -> Int in
      let count = bytes.withUnsafeBytes {
        library.compress(context, target.baseAddress, target.count, $0.baseAddress, $0.count)
      }
      // The room is enough, so that only memory can be missing.
      guard library.isError(count) == 0 else {
        throw VoxtileError(
          .fileAccess,
          "cannot be compressed: libzstd says \(library.errorName(count).map { String(cString: $0) } ?? "error")"
        )
      }
      return count
    }
  }

  /// Numbers of `ZSTD_cParameter`.
  private enum Parameter {
    static let compressionLevel: Int32 = 100
    static let checksumFlag: Int32 = 201
  }

  /// The codec in the metadata of Zarr v3.
  static func json(_ compression: WriteOptions.CompressionLevel) -> JSONValue {
    .members([
      "name": .string("zstd"),
      "configuration": .members([
        "level": .integer(Int(compression.zstdLevel)), "checksum": .boolean(true),
      ]),
    ])
  }

  /// The codec in the metadata of Zarr v2.
  static func version2JSON(_ compression: WriteOptions.CompressionLevel) -> JSONValue {
    .members(["id": .string("zstd"), "level": .integer(Int(compression.zstdLevel))])
  }
}

extension WriteOptions.CompressionLevel {
  /// The level of libzstd. Level 1 makes images about as small as level 3 in two thirds of the time.
  fileprivate var zstdLevel: Int32 {
    switch self {
    case .fast: 1
    case .standard: 2
    case .small: 12
    }
  }
}
