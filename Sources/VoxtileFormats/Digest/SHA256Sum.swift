import Voxtile

#if canImport(CryptoKit)
  import CryptoKit
#endif

/// The SHA-256 of bytes that come in pieces: by CryptoKit where it is part of the system, else by OpenSSL's libcrypto, which
/// uses the processor's own instructions for it.
struct SHA256Sum {
  #if canImport(CryptoKit)
    private var sum = SHA256()

    init() throws(VoxtileError) {}

    /// Takes the next bytes in.
    mutating func add(_ bytes: [UInt8]) throws(VoxtileError) { sum.update(data: bytes) }

    /// The 32 bytes of the sum of all that was taken in.
    consuming func finish() throws(VoxtileError) -> [UInt8] { Array(sum.finalize()) }
  #else
    private let state: DigestState

    init() throws(VoxtileError) { state = try DigestState() }

    /// Takes the next bytes in.
    mutating func add(_ bytes: [UInt8]) throws(VoxtileError) { try state.add(bytes) }

    /// The 32 bytes of the sum of all that was taken in.
    consuming func finish() throws(VoxtileError) -> [UInt8] { try state.finish() }
  #endif
}

#if !canImport(CryptoKit)
  /// A state of libcrypto, released with its owner.
  private final class DigestState {
    private let library: CryptoLibrary
    private let context: OpaquePointer

    init() throws(VoxtileError) {
      library = try CryptoLibrary.shared()
      guard let context = library.createContext() else { throw CryptoLibrary.refused }
      self.context = context
      // Everything is set now, so that the state is released even where this throws.
      guard library.begin(context, library.sha256(), nil) == 1 else { throw CryptoLibrary.refused }
    }

    deinit { library.freeContext(context) }

    func add(_ bytes: [UInt8]) throws(VoxtileError) {
      let isTaken = bytes.withUnsafeBytes { library.add(context, $0.baseAddress, $0.count) == 1 }
      guard isTaken else { throw CryptoLibrary.refused }
    }

    func finish() throws(VoxtileError) -> [UInt8] {
      var sum = [UInt8](repeating: 0, count: 32)
      let isDone = sum.withUnsafeMutableBytes { library.finish(context, $0.baseAddress, nil) == 1 }
      guard isDone else { throw CryptoLibrary.refused }
      return sum
    }
  }

  /// The functions of libcrypto that are called.
  private struct CryptoLibrary: Sendable {
    typealias Pointer = UnsafeMutableRawPointer
    typealias Kind = @convention(c) () -> OpaquePointer?
    typealias CreateContext = @convention(c) () -> OpaquePointer?
    typealias FreeContext = @convention(c) (OpaquePointer?) -> Void
    typealias Begin = @convention(c) (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32
    typealias Add = @convention(c) (OpaquePointer?, UnsafeRawPointer?, Int) -> Int32
    typealias Finish = @convention(c) (OpaquePointer?, Pointer?, UnsafeMutablePointer<UInt32>?) -> Int32

    let sha256: Kind
    let createContext: CreateContext
    let freeContext: FreeContext
    let begin: Begin
    let add: Add
    let finish: Finish

    private init() throws(VoxtileError) {
      let library = try SharedLibrary(
        .init(
          name: "libcrypto of OpenSSL", purpose: "the SHA-256 of files",
          files: ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"], debianPackage: "libssl3",
          homebrewPackage: "openssl"))
      sha256 = try library.function("EVP_sha256", as: Kind.self)
      createContext = try library.function("EVP_MD_CTX_new", as: CreateContext.self)
      freeContext = try library.function("EVP_MD_CTX_free", as: FreeContext.self)
      begin = try library.function("EVP_DigestInit_ex", as: Begin.self)
      add = try library.function("EVP_DigestUpdate", as: Add.self)
      finish = try library.function("EVP_DigestFinal_ex", as: Finish.self)
    }

    private static let opened = Result { () throws(VoxtileError) in try CryptoLibrary() }

    /// The library, which is opened when it is first asked for.
    ///
    /// - Throws: `VoxtileError.Code.runtimeNotFound` where it is not installed, or too old.
    static func shared() throws(VoxtileError) -> CryptoLibrary { try opened.get() }

    /// What is thrown where libcrypto refuses; no system is known that does.
    static var refused: VoxtileError {
      VoxtileError(
        .runtimeNotFound,
        "libcrypto of OpenSSL gives no SHA-256 here, which the records of results need; install another")
    }
  }
#endif
