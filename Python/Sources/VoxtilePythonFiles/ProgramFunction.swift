import Dispatch
import VoxtileCLI
import VoxtilePython

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs the program `voxtile` and ends the process with its exit status; so it returns only where it cannot start.
///
/// - Parameters:
///   - count: how many words were typed after the name of the program.
///   - words: these words.
@c(voxtile_program)
public func program(
  _ count: Int, _ words: UnsafePointer<UnsafePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    guard isMainThread() else {
      throw CallError(.invalidArgument, "the program runs on the main thread of a process of its own")
    }
    guard let words, (0...1 << 20).contains(count) else {
      throw CallError(.invalidArgument, "there are no \(count) words")
    }
    let arguments = try (0..<count).map { try text(words[$0], name: "a word") }
    Task { @MainActor in await Program.run(arguments) }
    dispatchMain()
  }
}

private func isMainThread() -> Bool {
  #if canImport(Darwin)
    return pthread_main_np() != 0
  #else
    // The number of a process is that of its first thread.
    var target = [UInt8](repeating: 0, count: 64)
    let count = readlink("/proc/thread-self", &target, target.count)
    return String(decoding: target.prefix(max(0, count)), as: UTF8.self).hasSuffix("/task/\(getpid())")
  #endif
}
