import Synchronization
import VoxtileStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Turns Ctrl-C, SIGTERM, SIGHUP and other signals that end a program into an error between two patches, so that temporary files are removed.
enum Interrupt {
  private static let wasAsked = Atomic<Bool>(false)

  /// Whether the program was asked to stop.
  static var isAsked: Bool { wasAsked.load(ordering: .relaxed) }

  /// Starts watching; a second signal ends the program at once.
  ///
  /// A signal that the caller has set to be ignored, as `nohup` does, stays ignored. A file that would be
  /// larger than the shell's limit is an error like a full disk, and not the end of the program.
  static func watch() {
    let numbers = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU]
    for number in numbers where !isIgnored(number) {
      signal(number) { number in
        Interrupt.wasAsked.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
    signal(SIGXFSZ, SIG_IGN)
    // A reader of the output that goes away, such as `head`, is no reason to leave a job unfinished.
    signal(SIGPIPE, SIG_IGN)
    // Started from a thread of Dispatch, a program inherits that all signals are blocked there.
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    for number in numbers { sigaddset(&unblocked, number) }
    pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Throws where the program was asked to stop.
  static func check() throws {
    if isAsked { throw CancellationError() }
  }
}
