#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How much memory the program takes.
enum ProcessMemory {
  /// What is in memory now, in bytes; `nil` where the system does not say.
  static var resident: Int? {
    guard let file = fopen("/proc/self/statm", "r") else { return nil }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 128)
    guard fgets(&text, Int32(text.count), file) != nil else { return nil }
    let line = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let pages = line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return pages.map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
  }

  /// The most that was in memory, in bytes; `nil` where the system does not say.
  static var peak: Int? {
    var usage = rusage()
    // RUSAGE_SELF, which is of another type in every C library.
    guard getrusage(0, &usage) == 0 else { return nil }
    // Kilobytes on Linux, bytes on Darwin.
    #if canImport(Darwin)
      return Int(usage.ru_maxrss)
    #else
      return Int(usage.ru_maxrss) << 10
    #endif
  }
}
