import Synchronization

/// The program `voxtile` as a function, for what starts it: the executable, and the command of the Python package.
public enum Program {
  private static let given = Mutex<[String]>([])

  /// What was typed after the name of the program.
  static var arguments: [String] { given.withLock { $0 } }

  /// Runs a command and ends the process with its exit status. It is called once in a process, on its main thread.
  ///
  /// Signals that end a program, the reader of a pipe that goes away, and how freed memory is kept are settings of the whole
  /// process, and become those of the program.
  ///
  /// - Parameter arguments: what was typed after the name of the program.
  @MainActor public static func run(_ arguments: [String]) async -> Never {
    given.withLock { $0 = arguments }
    await VoxtileCommand.run(arguments)
  }
}
