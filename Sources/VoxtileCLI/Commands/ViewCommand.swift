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

/// `voxtile view`: the page of `report`, served to a browser on this machine with full-resolution slices.
struct ViewCommand: MessagingCommand {
  /// How the page is served.
  struct Serving: ParsableArguments {
    @Option(help: ArgumentHelp("The port to listen on; by default a free one.", valueName: "n"))
    var port: UInt16 = 0

    @Flag(name: .customLong("no-browser"), help: "Print the address, but open no browser.")
    var staysClosed = false
  }

  static let configuration = CommandConfiguration(
    commandName: "view",
    abstract: "Look at an image and its patches in a browser, at full resolution.",
    discussion: """
      Serves the page of report on 127.0.0.1, which only this machine can reach, and opens a browser. Full-resolution \
      slices are read from the files when you look at them; nothing else is served. Ctrl-C ends it.
      """)

  @Argument(help: "A patch folder, or an image.", completion: .file())
  var input: String

  @OptionGroup var shown: ShownOptions

  @OptionGroup(.running) var serving: Serving

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    let request = Page.described(try shown.request(of: input))
    // A taken port is found before the files are read, which takes a while.
    try ReportServer.checkPort(serving.port)
    let watch = Stopwatch("report")
    var report = try ServedReport(request)
    report.add(watch.step)
    let server = try ReportServer(report, port: serving.port)
    let opensBrowser = !serving.staysClosed
    let outcome = Outcome()
    Task {
      do {
        try await server.serve { address in
          try Console.result(address)
          Console.note("serving on this machine only; press Ctrl-C to stop")
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

/// The result of a task, for a thread that waits for it.
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
