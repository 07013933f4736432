import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is going to be written.
enum Target {
  /// Throws where a file of that name exists, before long work is begun for nothing.
  static func checkIsFree(_ path: String) throws(VoxtileError) {
    guard access(path, F_OK) == 0 else { return }
    throw VoxtileError(
      .targetExists, "exists; use --force to replace it, or name another file",
      context: .init(file: path))
  }
}
