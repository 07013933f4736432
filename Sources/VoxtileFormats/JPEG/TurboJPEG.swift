import Voxtile

/// The functions of libjpeg-turbo's interface TurboJPEG that are called: it reports errors by codes, where the library beneath
/// leaves functions with longjmp, which Swift does not survive.
struct TurboJPEG: Sendable {
  typealias Create = @convention(c) () -> OpaquePointer?
  typealias Destroy = @convention(c) (OpaquePointer?) -> Int32
  typealias ErrorText = @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?
  typealias ReadHeader =
    @convention(c) (
      OpaquePointer?, UnsafePointer<UInt8>?, CUnsignedLong, UnsafeMutablePointer<Int32>?,
      UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<Int32>?
    ) -> Int32
  typealias Decompress =
    @convention(c) (
      OpaquePointer?, UnsafePointer<UInt8>?, CUnsignedLong, UnsafeMutablePointer<UInt8>?, Int32, Int32, Int32,
      Int32, Int32
    ) -> Int32

  let create: Create
  let destroy: Destroy
  let errorText: ErrorText
  let readHeader: ReadHeader
  let decompress: Decompress

  private static let loaded = Result { () throws(VoxtileError) in try TurboJPEG() }

  /// The functions of the library, which is opened once.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where it is not installed.
  static func library() throws(VoxtileError) -> TurboJPEG { try loaded.get() }

  private init() throws(VoxtileError) {
    let library = try SharedLibrary(
      .init(
        name: "libjpeg-turbo", purpose: "JPEG files",
        files: ["libturbojpeg.so.0", "libturbojpeg.0.dylib", "libturbojpeg.dylib"],
        debianPackage: "libturbojpeg0",
        homebrewPackage: "jpeg-turbo"))
    create = try library.function("tjInitDecompress", as: Create.self)
    destroy = try library.function("tjDestroy", as: Destroy.self)
    errorText = try library.function("tjGetErrorStr2", as: ErrorText.self)
    readHeader = try library.function("tjDecompressHeader3", as: ReadHeader.self)
    decompress = try library.function("tjDecompress2", as: Decompress.self)
  }
}

extension TurboJPEG {
  /// TJPF_RGB and TJPF_GRAY of turbojpeg.h.
  private static let colorFormat: Int32 = 0
  private static let grayFormat: Int32 = 6
  /// TJFLAG_STOPONWARNING: a file that is cut short is an error, not gray rows. TJFLAG_LIMITSCANS, where the library has it.
  private static let flags: Int32 = 8192 | 32768

  /// Unpacks a whole image.
  ///
  /// - Parameters:
  ///   - data: the whole file.
  ///   - header: what its markers say.
  ///   - pixels: room for all pixels, colors side by side.
  /// - Throws: `VoxtileError.Code.malformedFile` where the data are damaged.
  func decode(
    _ data: [UInt8], _ header: JPEGHeader, into pixels: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) {
    precondition(pixels.count == header.pixelCount * header.channels, "there is room for all pixels")
    guard let decoder = create() else { throw fault(nil) }
    defer { _ = destroy(decoder) }
    var (width, height, sampling, space): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    let size = CUnsignedLong(data.count)
    let target = pixels.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard readHeader(decoder, data, size, &width, &height, &sampling, &space) == 0 else {
      throw fault(decoder)
    }
    // Never writes past the buffer, even if the library reads another size from the markers.
    guard Int(width) == header.width, Int(height) == header.height else {
      throw .jpeg(
        "has a frame of \(header.width)x\(header.height) pixels and another one of \(width)x\(height)")
    }
    let format = header.channels == 1 ? Self.grayFormat : Self.colorFormat
    guard decompress(decoder, data, size, target, width, 0, height, format, Self.flags) == 0 else {
      throw fault(decoder)
    }
  }

  private func fault(_ decoder: OpaquePointer?) -> VoxtileError {
    let reason = errorText(decoder).map { String(cString: $0) } ?? "no decoder can be made"
    return .jpeg("cannot be unpacked: \(reason)")
  }
}
