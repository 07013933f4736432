import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs another program, and waits for it or does not.
///
/// Not through swift-subprocess, whose functions suspend: files are opened by functions that do not, so a caller would have to
/// wait for a task. With as many such callers as there are cores, no thread of the pool that all tasks share was left to finish
/// one, whatever executor it was given (measured with version 1.0.2 on two cores). A caller here occupies its own thread, as it
/// does while it reads a file.
package enum ChildProcess {
  /// How a program ended.
  struct Outcome: Sendable {
    /// The exit status, or 128 and the number of the signal that ended it.
    var status: Int32
    /// What it printed, errors too.
    var output: String
  }

  /// More than any converter prints.
  private static let outputByteLimit = 16 << 20

  /// Runs a program without input.
  ///
  /// - Parameters:
  ///   - program: its name, looked up as a shell does, or its path.
  ///   - arguments: what it is given; no shell sees them.
  /// - Returns: how it ended, or `nil` where there is no such program.
  /// - Throws: `VoxtileError.Code.fileAccess` where the system cannot run it.
  static func run(_ program: String, _ arguments: [String]) throws(VoxtileError) -> Outcome? {
    #if os(iOS) || os(tvOS) || os(watchOS) || os(visionOS)
      return nil
    #else
      // A file takes any amount of output, and never makes the program wait.
      let printed = try ScratchFile()
      var process: pid_t = 0
      let code = start(&process, program, arguments, output: printed.descriptor)
      if code == ENOENT { return nil }
      guard code == 0 else { throw .system("cannot be run", file: program, number: code) }
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0 {
        guard errno == EINTR else { throw .system("cannot be waited for", file: program) }
      }
      let signal = status & 0x7F
      return Outcome(
        status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: try text(in: printed, of: program))
    #endif
  }

  /// Starts a program without input, and does not wait for it. What it prints is thrown away.
  ///
  /// - Parameters:
  ///   - program: its name, looked up as a shell does, or its path.
  ///   - arguments: what it is given; no shell sees them.
  /// - Returns: whether it was started.
  @discardableResult package static func launch(_ program: String, _ arguments: [String]) -> Bool {
    #if os(iOS) || os(tvOS) || os(watchOS) || os(visionOS)
      return false
    #else
      var process: pid_t = 0
      return start(&process, program, arguments, output: nil) == 0
    #endif
  }

  #if !(os(iOS) || os(tvOS) || os(watchOS) || os(visionOS))
    /// Starts a program, whose output goes to a file or nowhere; gives 0 or the number of the error.
    private static func start(
      _ process: inout pid_t, _ program: String, _ arguments: [String], output: Int32?
    ) -> Int32 {
      #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
      #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
      #endif
      posix_spawn_file_actions_init(&actions)
      posix_spawnattr_init(&attributes)
      defer {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
      }
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      if let output {
        posix_spawn_file_actions_adddup2(&actions, output, 1)
      } else {
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
      }
      posix_spawn_file_actions_adddup2(&actions, 1, 2)
      // It ends with this program, whatever this one does with its own signals.
      var signals = sigset_t()
      sigemptyset(&signals)
      for signal in [SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE] { sigaddset(&signals, signal) }
      posix_spawnattr_setsigdefault(&attributes, &signals)
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
      var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
      defer { for word in words { free(word) } }
      return posix_spawnp(&process, program, &actions, &attributes, &words, environ)
    }

    private static func text(in printed: ScratchFile, of program: String) throws(VoxtileError) -> String {
      var status = stat()
      guard fstat(printed.descriptor, &status) == 0 else {
        throw .system("has output that cannot be read back", file: program)
      }
      let count = min(Int(status.st_size), outputByteLimit)
      let bytes = try [UInt8](checkedCapacity: count) { (buffer) throws(VoxtileError) -> Int in
        try printed.read(at: 0, into: buffer)
        return count
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  #endif
}
