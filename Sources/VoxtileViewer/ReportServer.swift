import Voxtile
import VoxtileReport

/// Serves one report to browsers of the person who started it.
///
/// The server listens on 127.0.0.1 only. Its address has a random token, without which nothing is answered, so that other users of the
/// machine cannot read the report. It never turns a request path into a file name. It refuses requests whose `Host` header names
/// another machine, which protects against DNS rebinding. Requests have limits in size and time.
public struct ReportServer: Sendable {
  private let shown: ShownReport
  private let port: UInt16

  /// Renders the page of a report and prepares to serve it.
  ///
  /// - Parameters:
  ///   - report: the report to serve.
  ///   - port: the port to listen on; 0 chooses a free port.
  /// - Throws: `VoxtileError.Code.malformedFile` if a number in the report is not finite.
  public init(_ report: ServedReport, port: UInt16 = 0) throws {
    self.port = port
    shown = try ShownReport(title: report.data.title, report)
  }

  /// Prepares to serve a report that is not there yet. Until it is, a page says how far it is, with a slice of what has been read.
  ///
  /// - Parameters:
  ///   - title: what the report will be about.
  ///   - port: the port to listen on; 0 chooses a free port.
  package init(preparing title: String, port: UInt16 = 0) throws {
    self.port = port
    shown = try ShownReport(title: title)
  }

  /// A report that is being served.
  package struct Session: Sendable {
    /// The address of the page, with its token.
    package let address: String
    fileprivate let server: HTTPServer
    fileprivate let shown: ShownReport

    /// Reads the images of a report and shows it from then on.
    ///
    /// - Parameters:
    ///   - request: the images, the grid and the options.
    ///   - describe: may add to the report before it is shown.
    /// - Throws: any error of `ServedReport.init(_:)` and `ReportPage.html()`, which the page has then told for a moment.
    package func show(
      _ request: ReportRequest, describing describe: (inout ServedReport) -> Void = { _ in }
    ) throws {
      do {
        var report = try ServedReport(request, telling: shown.preparation)
        describe(&report)
        try shown.show(report)
      } catch {
        shown.fail(
          error is CancellationError ? "The program was stopped before the report was there." : "\(error)")
        throw error
      }
    }

    /// Closes the port. It returns after a moment, even while a slice is being read.
    package func end() { server.stop() }
  }

  /// Starts to serve, on threads of its own.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` if the port cannot be opened.
  package func start() throws -> Session { try start(patience: .init()) }

  func start(patience: Connection.Patience) throws -> Session {
    let token = AccessToken()
    let handler = ReportHandler(shown: shown, token: token)
    let server = try HTTPServer(port: port, patience: patience, respond: handler.respond)
    server.start()
    return Session(address: "http://127.0.0.1:\(server.port)/\(token.text)/", server: server, shown: shown)
  }

  /// Serves the report while a closure runs, and closes the port when it returns.
  ///
  /// - Parameter body: called with the address of the page when the server is ready. Whoever has the address can read the report.
  /// - Throws: `VoxtileError.Code.fileAccess` if the port cannot be opened, and any error that `body` throws.
  public func serve(while body: @escaping @Sendable (_ address: String) async throws -> Void) async throws {
    let session = try start()
    defer { session.end() }
    try await body(session.address)
  }
}
