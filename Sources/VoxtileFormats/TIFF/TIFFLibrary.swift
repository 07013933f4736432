import Voxtile

/// The functions of libtiff that are called.
///
/// Its functions with a variable number of arguments cannot be called from Swift; those that take a `va_list` instead can. Swift
/// does not let a C function have a parameter of that type either, so it is passed as what it is in the machine's calling
/// convention: a pointer (``withArguments(_:_:)``).
struct TIFFLibrary: Sendable {
  /// An open TIFF.
  typealias Handle = OpaquePointer
  /// What our own functions get to know which file they are called for.
  typealias Client = UnsafeMutableRawPointer
  /// The arguments of a function that takes a `va_list`.
  typealias Arguments = UnsafeMutableRawPointer

  typealias Transfer = @Sendable @convention(c) (Client?, UnsafeMutableRawPointer?, Int) -> Int
  typealias Seek = @Sendable @convention(c) (Client?, UInt64, Int32) -> UInt64
  typealias Close = @Sendable @convention(c) (Client?) -> Int32
  typealias Size = @Sendable @convention(c) (Client?) -> UInt64
  typealias Map =
    @Sendable @convention(c) (
      Client?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafeMutablePointer<UInt64>?
    ) -> Int32
  typealias Unmap = @Sendable @convention(c) (Client?, UnsafeMutableRawPointer?, UInt64) -> Void
  /// A handler of one file's errors or warnings, from libtiff 4.5 on; it returns 1 where nobody else has to be told.
  typealias Handler =
    @Sendable @convention(c) (
      Handle?, Client?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, Arguments?
    ) -> Int32
  typealias OldHandler =
    @Sendable @convention(c) (UnsafePointer<CChar>?, UnsafePointer<CChar>?, Arguments?) -> Void

  typealias Open =
    @Sendable @convention(c) (
      UnsafePointer<CChar>, UnsafePointer<CChar>, Client?, Transfer, Transfer, Seek, Close, Size, Map?, Unmap?
    ) -> Handle?
  typealias OpenWithOptions =
    @Sendable @convention(c) (
      UnsafePointer<CChar>, UnsafePointer<CChar>, Client?, Transfer, Transfer, Seek, Close, Size, Map?,
      Unmap?,
      OpaquePointer?
    ) -> Handle?
  typealias SetHandler = @Sendable @convention(c) (OpaquePointer?, Handler?, Client?) -> Void
  typealias SetOldHandler = @Sendable @convention(c) (OldHandler?) -> OldHandler?
  typealias OfHandle = @Sendable @convention(c) (Handle) -> Int32
  typealias Field = @Sendable @convention(c) (Handle, UInt32, Arguments) -> Int32
  typealias Block = @Sendable @convention(c) (Handle, UInt32, UnsafeMutableRawPointer?, Int) -> Int
  typealias BlockNumber = @Sendable @convention(c) (Handle, UInt32) -> UInt64

  /// What a version before 4.5 does not have: how a file gets handlers and limits of its own.
  struct Options: Sendable {
    let allocate: @Sendable @convention(c) () -> OpaquePointer?
    let free: @Sendable @convention(c) (OpaquePointer?) -> Void
    let setLargestAllocation: @Sendable @convention(c) (OpaquePointer?, Int) -> Void
    let setErrorHandler: SetHandler
    let setWarningHandler: SetHandler
    let open: OpenWithOptions

    init(_ library: SharedLibrary) throws(VoxtileError) {
      func function<Function>(_ name: String) throws(VoxtileError) -> Function {
        try library.function(name, as: Function.self)
      }
      allocate = try function("TIFFOpenOptionsAlloc")
      free = try function("TIFFOpenOptionsFree")
      setLargestAllocation = try function("TIFFOpenOptionsSetMaxSingleMemAlloc")
      setErrorHandler = try function("TIFFOpenOptionsSetErrorHandlerExtR")
      setWarningHandler = try function("TIFFOpenOptionsSetWarningHandlerExtR")
      open = try function("TIFFClientOpenExt")
    }
  }

  let options: Options?
  let open: Open
  let close: @Sendable @convention(c) (Handle) -> Void
  let getField: Field
  let setField: Field
  let isTiled: OfHandle
  let isBigEndian: OfHandle
  let isCodecConfigured: @Sendable @convention(c) (UInt16) -> Int32
  let readDirectory: OfHandle
  let isLastDirectory: OfHandle
  let directoryOffset: @Sendable @convention(c) (Handle) -> UInt64
  let selectDirectory: @Sendable @convention(c) (Handle, UInt64) -> Int32
  let blockOffset: BlockNumber
  let blockByteCount: BlockNumber
  let readTile: Block
  let readStrip: Block
  let writeTile: Block
  let writeStrip: Block
  let writeDirectory: OfHandle
  private let format:
    @Sendable @convention(c) (UnsafeMutablePointer<CChar>?, Int, UnsafePointer<CChar>?, Arguments?) -> Int32

  /// The library of this machine.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound`, which says what to install, where there is none.
  static func load() throws(VoxtileError) -> TIFFLibrary { try shared.get() }

  private static let shared: Result<TIFFLibrary, VoxtileError> = {
    do throws(VoxtileError) { return .success(try TIFFLibrary(description)) } catch { return .failure(error) }
  }()

  /// Where it comes from.
  static let description = SharedLibrary.Description(
    name: "libtiff", purpose: "TIFF files",
    files: ["libtiff.so.6", "libtiff.so.5", "libtiff.6.dylib", "libtiff.5.dylib", "libtiff.dylib"],
    debianPackage: "libtiff6", homebrewPackage: "libtiff")

  /// Opens the library.
  ///
  /// - Parameter isOld: whether to treat it as a version before 4.5, for tests.
  init(_ description: SharedLibrary.Description, isOld: Bool = false) throws(VoxtileError) {
    let library = try SharedLibrary(description)
    func function<Function>(_ name: String) throws(VoxtileError) -> Function {
      try library.function(name, as: Function.self)
    }
    open = try function("TIFFClientOpen")
    close = try function("TIFFClose")
    getField = try function("TIFFVGetField")
    setField = try function("TIFFVSetField")
    isTiled = try function("TIFFIsTiled")
    isBigEndian = try function("TIFFIsBigEndian")
    isCodecConfigured = try function("TIFFIsCODECConfigured")
    readDirectory = try function("TIFFReadDirectory")
    isLastDirectory = try function("TIFFLastDirectory")
    directoryOffset = try function("TIFFCurrentDirOffset")
    selectDirectory = try function("TIFFSetSubDirectory")
    blockOffset = try function("TIFFGetStrileOffset")
    blockByteCount = try function("TIFFGetStrileByteCount")
    readTile = try function("TIFFReadEncodedTile")
    readStrip = try function("TIFFReadEncodedStrip")
    writeTile = try function("TIFFWriteRawTile")
    writeStrip = try function("TIFFWriteRawStrip")
    writeDirectory = try function("TIFFWriteDirectory")
    // Of the C library, which libtiff brings with it.
    format = try function("vsnprintf")
    options = isOld ? nil : try? Options(library)
    if options == nil {
      // An older version knows only handlers for all files, which print to the standard error unless they are taken away.
      let setErrorHandler: SetOldHandler = try function("TIFFSetErrorHandler")
      let setWarningHandler: SetOldHandler = try function("TIFFSetWarningHandler")
      _ = setErrorHandler(nil)
      _ = setWarningHandler(nil)
    }
  }

  /// The text that a format and its arguments make; at most 511 bytes of it.
  func text(_ format: UnsafePointer<CChar>?, _ arguments: Arguments?) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
      guard let start = buffer.baseAddress, self.format(start, buffer.count, format, arguments) >= 0 else {
        return ""
      }
      return String(cString: start)
    }
  }

  /// Calls a function that takes a `va_list`: on some machines that is a pointer, on others a structure whose address is passed.
  static func withArguments<Result>(
    _ values: [any CVarArg], _ body: (Arguments) -> Result
  ) -> Result {
    withVaList(values) { list in
      if MemoryLayout<CVaListPointer>.size == MemoryLayout<Arguments>.size {
        return body(unsafeBitCast(list, to: Arguments.self))
      }
      var list = list
      return withUnsafeMutablePointer(to: &list) { body(Arguments($0)) }
    }
  }
}
