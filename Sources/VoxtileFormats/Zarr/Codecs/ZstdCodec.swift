import Voxtile

/// Zstandard, through libzstd.
struct ZstdCodec: ByteCodec {
  let name = "zstd"

  /// A block of 128 KiB of one byte takes 4 bytes.
  let expansionLimit = 1 << 15

  func decode(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) -> Int {
    let library = try ZstdLibrary.shared()
    let count = library.decompress(target.baseAddress, target.count, source.baseAddress, source.count)
    guard library.isError(count) == 0 else {
      throw corrupt("libzstd says: \(library.errorName(count).map { String(cString: $0) } ?? "error")")
    }
    return count
  }
}

/// The functions of libzstd that are called.
struct ZstdLibrary: Sendable {
  typealias Pointer = UnsafeMutableRawPointer
  typealias Decompress = @convention(c) (Pointer?, Int, UnsafeRawPointer?, Int) -> Int
  typealias IsError = @convention(c) (Int) -> UInt32
  typealias ErrorName = @convention(c) (Int) -> UnsafePointer<CChar>?
  typealias CompressBound = @convention(c) (Int) -> Int
  typealias CreateContext = @convention(c) () -> OpaquePointer?
  typealias FreeContext = @convention(c) (OpaquePointer?) -> Int
  typealias SetParameter = @convention(c) (OpaquePointer?, Int32, Int32) -> Int
  typealias Compress = @convention(c) (OpaquePointer?, Pointer?, Int, UnsafeRawPointer?, Int) -> Int

  let decompress: Decompress
  let isError: IsError
  let errorName: ErrorName
  let compressBound: CompressBound
  let createContext: CreateContext
  let freeContext: FreeContext
  let setParameter: SetParameter
  let compress: Compress

  private init() throws(VoxtileError) {
    let library = try SharedLibrary(
      .init(
        name: "libzstd", purpose: "data that are compressed with Zstandard",
        files: ["libzstd.so.1", "libzstd.1.dylib"], debianPackage: "libzstd1", homebrewPackage: "zstd"))
    decompress = try library.function("ZSTD_decompress", as: Decompress.self)
    isError = try library.function("ZSTD_isError", as: IsError.self)
    errorName = try library.function("ZSTD_getErrorName", as: ErrorName.self)
    compressBound = try library.function("ZSTD_compressBound", as: CompressBound.self)
    createContext = try library.function("ZSTD_createCCtx", as: CreateContext.self)
    freeContext = try library.function("ZSTD_freeCCtx", as: FreeContext.self)
    setParameter = try library.function("ZSTD_CCtx_setParameter", as: SetParameter.self)
    compress = try library.function("ZSTD_compress2", as: Compress.self)
  }

  private static let opened = Result { () throws(VoxtileError) in try ZstdLibrary() }

  /// The library, which is opened when it is first asked for.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where it is not installed, or too old.
  static func shared() throws(VoxtileError) -> ZstdLibrary { try opened.get() }
}
