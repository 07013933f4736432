import ArgumentParser
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
struct ViewCommand: MessagingCommand, ReadingCommand {
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
      Serves the page of report on 127.0.0.1, which only this machine can reach, and opens a browser. While a large file \
      is read, the page shows what has been read. The address has a \
      random part without which nothing is answered, so other users of the machine cannot look. Full-resolution slices are \
      read from the files when you look at them; nothing else is served. Ctrl-C ends it.
      """)

  @Argument(help: "A patch folder, or an image.", completion: .file())
  var input: String

  @OptionGroup var shown: ShownOptions

  @OptionGroup(.running) var serving: Serving

  @OptionGroup(.inputAndOutput) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    let request = try Page.described(try shown.request(of: input))
    let session = try ReportServer(preparing: request.title, port: serving.port).start()
    defer { session.end() }
    try Console.result(session.address)
    Console.note("serving to you only: the address is secret; press Ctrl-C to stop")
    let browser = serving.staysClosed ? nil : Browser(opening: session.address)
    let watch = Stopwatch("report")
    do {
      try session.show(request) { $0.add(watch.step) }
    } catch {
      // Who looks at the page asks a few times a second, and is told.
      if !Interrupt.isAsked { usleep(500_000) }
      throw error
    }
    // Nobody has seen the page yet.
    try Interrupt.check()
    // The server has threads of its own, so this one is free to see that it should stop.
    while !Interrupt.isAsked { usleep(50_000) }
    // The page that leads the browser to the address is kept until now.
    withExtendedLifetime(browser) {}
  }
}
