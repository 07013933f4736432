import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A C library that is opened where it is needed, so that the program builds, starts and does everything else without it.
///
/// It stays open: a library that has been used is not closed under whoever still holds one of its functions.
///
/// Unchecked, because its handle may be used from any thread.
struct SharedLibrary: @unchecked Sendable {
  /// What a library is for and where it comes from, for the error when it is missing.
  struct Description: Sendable {
    /// The library for people, such as `libtiff`.
    var name: String
    /// What it is needed for, such as `TIFF files`.
    var purpose: String
    /// Its file names on Linux and macOS, in the order in which they are tried, such as `libtiff.so.6`.
    var files: [String]
    /// The package of Debian that has it.
    var debianPackage: String
    /// The package of Homebrew that has it.
    var homebrewPackage: String
  }

  private let handle: UnsafeMutableRawPointer
  private let description: Description

  /// Opens a library.
  ///
  /// The loader's own folders are searched first.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound`, which says what to install, where none of its files loads.
  init(_ description: Description) throws(VoxtileError) {
    self.description = description
    let folders = [""] + LibraryFolders.all().map { "\($0)/" }
    var reason = ""
    for file in description.files {
      for folder in folders {
        if let handle = dlopen(folder + file, RTLD_NOW | RTLD_LOCAL) {
          self.handle = handle
          return
        }
        if reason.isEmpty { reason = dlerror().map { String(cString: $0) } ?? "" }
      }
    }
    throw VoxtileError(
      .runtimeNotFound,
      "\(description.name) is needed for \(description.purpose) and is not found; install it with apt install "
        + "\(description.debianPackage) or brew install \(description.homebrewPackage)"
        + (reason.isEmpty ? "" : " (\(reason))"),
      context: .init(expected: description.files.joined(separator: " or ")))
  }

  /// A function of the library.
  ///
  /// - Parameters:
  ///   - name: its name in C.
  ///   - type: its type, a `@convention(c)` function.
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where the library has no such function, as one that is too old.
  func function<Function>(_ name: String, as type: Function.Type) throws(VoxtileError) -> Function {
    guard let symbol = dlsym(handle, name) else {
      throw VoxtileError(
        .runtimeNotFound,
        "\(description.name) has no function \(name); install a newer one: apt install \(description.debianPackage) or "
          + "brew install \(description.homebrewPackage)",
        context: .init(expected: name))
    }
    return unsafeBitCast(symbol, to: type)
  }
}
