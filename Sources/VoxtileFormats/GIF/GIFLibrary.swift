import Voxtile

/// The functions of giflib that write a GIF. None of them needs a structure of its header.
struct GIFLibrary: Sendable {
  /// A file that is being written: a structure of the library.
  typealias Handle = OpaquePointer
  /// Takes bytes of the file; gives how many it took.
  typealias Output = @convention(c) (Handle?, UnsafePointer<UInt8>?, Int32) -> Int32

  let open:
    @Sendable @convention(c) (UnsafeMutableRawPointer?, Output, UnsafeMutablePointer<Int32>?) -> Handle?
  /// Writes the end of the file and releases the structure, also where that fails.
  let close: @Sendable @convention(c) (Handle, UnsafeMutablePointer<Int32>?) -> Int32
  let setVersion: @Sendable @convention(c) (Handle, Bool) -> Void
  let putScreen: @Sendable @convention(c) (Handle, Int32, Int32, Int32, Int32, OpaquePointer?) -> Int32
  let putImage: @Sendable @convention(c) (Handle, Int32, Int32, Int32, Int32, Bool, OpaquePointer?) -> Int32
  let putLine: @Sendable @convention(c) (Handle, UnsafeMutablePointer<UInt8>?, Int32) -> Int32
  let putExtension: @Sendable @convention(c) (Handle, Int32, Int32, UnsafeRawPointer?) -> Int32
  let beginExtension: @Sendable @convention(c) (Handle, Int32) -> Int32
  let putBlock: @Sendable @convention(c) (Handle, Int32, UnsafeRawPointer?) -> Int32
  let endExtension: @Sendable @convention(c) (Handle) -> Int32
  /// A palette of 2, 4, ... 256 colors, each of three bytes, which are copied.
  let makePalette: @Sendable @convention(c) (Int32, UnsafePointer<UInt8>?) -> OpaquePointer?
  let freePalette: @Sendable @convention(c) (OpaquePointer?) -> Void

  private static let loaded = Result { () throws(VoxtileError) in try GIFLibrary() }

  /// The functions of the library, which is opened once.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where it is not installed.
  static func library() throws(VoxtileError) -> GIFLibrary { try loaded.get() }

  private init() throws(VoxtileError) {
    let library = try SharedLibrary(
      .init(
        name: "giflib", purpose: "GIF files", files: ["libgif.so.7", "libgif.7.dylib", "libgif.dylib"],
        debianPackage: "libgif7", homebrewPackage: "giflib"))
    func function<Function>(_ name: String) throws(VoxtileError) -> Function {
      try library.function(name, as: Function.self)
    }
    open = try function("EGifOpen")
    close = try function("EGifCloseFile")
    setVersion = try function("EGifSetGifVersion")
    putScreen = try function("EGifPutScreenDesc")
    putImage = try function("EGifPutImageDesc")
    putLine = try function("EGifPutLine")
    putExtension = try function("EGifPutExtension")
    beginExtension = try function("EGifPutExtensionLeader")
    putBlock = try function("EGifPutExtensionBlock")
    endExtension = try function("EGifPutExtensionTrailer")
    makePalette = try function("GifMakeMapObject")
    freePalette = try function("GifFreeMapObject")
  }
}
