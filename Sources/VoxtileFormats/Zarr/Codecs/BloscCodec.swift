import Voxtile

/// Blosc, through libblosc: blocks that are shuffled by bytes or bits, and compressed with LZ4, Zstandard and others.
///
/// How they were made is said by each chunk itself.
struct BloscCodec: ByteCodec {
  let name = "blosc"

  /// No compressor within Blosc does better than twice what Zstandard does.
  let expansionLimit = 1 << 16

  func decode(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) -> Int {
    let library = try BloscLibrary.shared()
    var count = 0
    guard source.count >= 16, library.validate(source.baseAddress, source.count, &count) == 0 else {
      throw corrupt("it holds no valid Blosc data")
    }
    guard count <= target.count else { throw tooLong(target.count) }
    let found = library.decompress(source.baseAddress, target.baseAddress, target.count, 1)
    guard found >= 0, Int(found) == count else {
      throw corrupt("libblosc cannot decode it (error \(found)), or was built without its compressor")
    }
    return count
  }
}

/// The functions of libblosc that are called.
struct BloscLibrary: Sendable {
  typealias Validate = @convention(c) (UnsafeRawPointer?, Int, UnsafeMutablePointer<Int>?) -> Int32
  typealias Decompress = @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, Int32) -> Int32

  let validate: Validate
  /// Keeps no state between calls, unlike the library's other functions.
  let decompress: Decompress

  private init() throws(VoxtileError) {
    let library = try SharedLibrary(
      .init(
        name: "libblosc", purpose: "data that are compressed with Blosc",
        files: ["libblosc.so.1", "libblosc.1.dylib"], debianPackage: "libblosc1", homebrewPackage: "c-blosc"))
    validate = try library.function("blosc_cbuffer_validate", as: Validate.self)
    decompress = try library.function("blosc_decompress_ctx", as: Decompress.self)
  }

  private static let opened = Result { () throws(VoxtileError) in try BloscLibrary() }

  /// The library, which is opened when it is first asked for.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where it is not installed, or too old.
  static func shared() throws(VoxtileError) -> BloscLibrary { try opened.get() }
}
