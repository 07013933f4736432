import ArgumentParser
import Synchronization
import VoxtileReport
import VoxtileViewer

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `voxtile view`: the page of `report`, served to a browser of this machine with slices as fine as the files.
struct ViewCommand: MessagingCommand {
  static let configuration = CommandConfiguration(
    commandName: "view",
    abstract: "Look at an image and its patches in a browser, as finely as the file has them.",
    discussion: """
      Serves the page of report on 127.0.0.1, where only this machine reaches it, and opens a browser. Finer slices \
      than the page holds are read from the files when they are looked at; nothing else can be asked for. Ctrl-C ends \
      it.
      """)

  @OptionGroup var input: ReportInput

  @Option(help: ArgumentHelp("The port to listen on; by default a free one.", valueName: "n"))
  var port: UInt16 = 0

  @Flag(name: .customLong("no-browser"), help: "Only print the address.")
  var staysClosed = false

  @OptionGroup(title: "Messages") var messages: MessageOptions

  func run() throws {
    let request = Page.described(try input.request())
    // Reading takes a while, after which nobody likes to hear of a port that is taken.
    try ReportServer.checkPort(port)
    let watch = Stopwatch("report")
    var report = try ServedReport(request)
    report.add(watch.step)
    let server = try ReportServer(report, port: port)
    let opensBrowser = !staysClosed
    let outcome = Outcome()
    Task {
      do {
        try await server.serve { address in
          try Console.result(address)
          Console.note("serving on this machine only; Ctrl-C ends it")
          if opensBrowser { Browser.open(address) }
          while !Interrupt.isAsked { try await Task.sleep(for: .milliseconds(50)) }
        }
        outcome.set(.success(()))
      } catch {
        outcome.set(.failure(error))
      }
    }
    try outcome.wait()
  }
}

/// What a task gave, for a thread that waits.
private final class Outcome: Sendable {
  private let result = Mutex<Result<Void, any Error>?>(nil)

  func set(_ value: Result<Void, any Error>) { result.withLock { $0 = value } }

  /// Waits for the end of the task.
  func wait() throws {
    while true {
      if let result = result.withLock({ $0 }) { return try result.get() }
      usleep(20_000)
    }
  }
}
