import Synchronization
import VoxtileStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ctrl-C and its kin, turned into an error between two patches, so that temporary files are removed.
enum Interrupt {
  private static let wasAsked = Atomic<Bool>(false)

  /// Starts watching; a second signal ends the program at once.
  static func watch() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { number in
        Interrupt.wasAsked.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// Throws where the program was asked to stop.
  static func check() throws {
    if wasAsked.load(ordering: .relaxed) { throw CancellationError() }
  }
}
