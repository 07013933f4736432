#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Standard input, output and error of the program.
enum StandardStreams {
  /// Opens `/dev/null` for each stream that is closed.
  ///
  /// Otherwise the next file that is opened would get its number, and what the program prints would be written into that
  /// file.
  static func keepOpen() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
      // The lowest free number is given, so it is this one.
      _ = open("/dev/null", number == STDIN_FILENO ? O_RDONLY : O_WRONLY)
    }
  }
}
