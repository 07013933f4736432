import Foundation
import Testing
import VoxtileTestSupport

/// The built `voxtile` program, run as a person would.
struct Program {
  /// What a run gave.
  struct Run {
    let status: Int32
    let output: String
    let messages: String

    /// The output as JSON.
    func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
      try JSONDecoder().decode(type, from: Data(output.utf8))
    }
  }

  /// A run that is going on.
  struct Started {
    fileprivate let process: Process
    fileprivate let files: (output: String, messages: String)

    /// Whether it has not ended.
    var isRunning: Bool { process.isRunning }

    /// The number of the process.
    var number: Int32 { process.processIdentifier }

    /// What it has printed until now.
    var outputSoFar: String {
      get throws { String(decoding: try fileBytes(files.output), as: UTF8.self) }
    }

    /// Sends a signal.
    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for its end.
    func wait() throws -> Run {
      process.waitUntilExit()
      defer {
        try? FileManager.default.removeItem(atPath: files.output)
        try? FileManager.default.removeItem(atPath: files.messages)
      }
      return Run(
        status: process.terminationStatus,
        output: String(decoding: try fileBytes(files.output), as: UTF8.self),
        messages: String(decoding: try fileBytes(files.messages), as: UTF8.self))
    }
  }

  /// The folder that it runs in.
  let folder: String

  /// Runs it with arguments.
  func callAsFunction(_ arguments: String...) throws -> Run { try run(arguments) }

  /// Runs it with arguments.
  func run(_ arguments: [String]) throws -> Run { try start(Self.path(), arguments).wait() }

  /// Runs it from a shell that says something first: `$0` is the program and `$@` are its arguments.
  func shell(_ command: String, _ arguments: [String]) throws -> Started {
    try start("/bin/sh", ["-c", command, Self.path()] + arguments)
  }

  private func start(_ program: String, _ arguments: [String]) throws -> Started {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    // What is kept for the user who tests would change what is printed.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["VOXTILE_CACHE": "\(folder)/.cache"]) { _, own in own }
    let stem = FileManager.default.temporaryDirectory.appending(path: "voxtile-run-\(UUID())").path
    let files = (output: stem + ".out", messages: stem + ".err")
    for file in [files.output, files.messages] { try writeFile([], to: file) }
    process.standardOutput = FileHandle(forWritingAtPath: files.output)
    process.standardError = FileHandle(forWritingAtPath: files.messages)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return Started(process: process, files: files)
  }

  /// Where the program was built: beside the tests, or at `VOXTILE_PROGRAM`.
  private static func path() throws -> String {
    if let path = ProcessInfo.processInfo.environment["VOXTILE_PROGRAM"] { return path }
    var places = Bundle.allBundles.map(\.bundleURL)
    places += [Bundle.main.bundleURL, URL(filePath: CommandLine.arguments[0])]
    for place in places {
      for folder in [place, place.deletingLastPathComponent()] {
        let program = folder.appending(path: "voxtile").path
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: program, isDirectory: &isFolder), !isFolder.boolValue {
          return program
        }
      }
    }
    throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: "voxtile beside \(places)"])
  }
}

/// Runs a test with the program in a folder of its own.
func withProgram<Result>(_ body: (Program) throws -> Result) throws -> Result {
  try withTemporaryFolder { try body(Program(folder: $0)) }
}
