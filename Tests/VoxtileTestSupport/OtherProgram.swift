import Foundation

/// Other programs, which tests compare with where they are installed.
public enum OtherProgram {
  /// A program that ended with another status than 0.
  public struct Failure: Error, CustomStringConvertible {
    /// The status.
    public let status: Int32
    /// What it wrote to standard error.
    public let messages: String

    /// Both.
    public var description: String { "exit status \(status): \(messages)" }
  }

  /// The exit status of a program, and all that it prints.
  ///
  /// - Parameter program: its name, looked up as a shell does, or its path.
  public static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let pipe = Pipe()
    let process = try start(program, arguments, output: pipe, errors: pipe)
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  /// What a program writes to standard output.
  ///
  /// - Throws: ``Failure`` with its messages where it fails.
  public static func output(of program: String, _ arguments: [String]) throws -> Data {
    let (output, errors) = (Pipe(), Pipe())
    let process = try start(program, arguments, output: output, errors: errors)
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let messages = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(status: process.terminationStatus, messages: String(decoding: messages, as: UTF8.self))
    }
    return data
  }

  /// Whether there is a program of that name.
  public static func isThere(_ program: String) -> Bool { (try? run("which", [program]).status) == 0 }

  /// A Python with modules, such as `nibabel, numpy`, or `nil`: the one that the environment variable `VOXTILE_PYTHON` names, or
  /// `python3`.
  ///
  /// - Parameter condition: what else has to hold, such as `zarr.__version__ >= '3'`.
  public static func python(with modules: String, where condition: String = "True") -> String? {
    let python = ProcessInfo.processInfo.environment["VOXTILE_PYTHON"] ?? "python3"
    return (try? run(python, ["-c", "import \(modules); assert \(condition)"]).status) == 0 ? python : nil
  }

  private static func start(
    _ program: String, _ arguments: [String], output: Pipe, errors: Pipe
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return process
  }
}
