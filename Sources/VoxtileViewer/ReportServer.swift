import FlyingFox
import FlyingSocks
import Foundation
import Voxtile

/// Serves one report to browsers on this machine.
///
/// The server listens on 127.0.0.1 only. It never turns a request path into a file name. It refuses requests whose `Host`
/// header names another machine, which protects against DNS rebinding.
public struct ReportServer: Sendable {
  private let report: ServedReport
  private let page: [UInt8]
  private let port: UInt16

  /// Renders the page of a report and prepares to serve it.
  ///
  /// - Parameters:
  ///   - report: the report to serve.
  ///   - port: the port to listen on; 0 chooses a free port.
  /// - Throws: `VoxtileError.Code.malformedFile` if a number in the report is not finite.
  public init(_ report: ServedReport, port: UInt16 = 0) throws {
    self.report = report
    self.port = port
    page = try report.page()
  }

  /// Checks that a port can be opened, before time is spent on a report.
  ///
  /// - Parameter port: the port; 0 always passes, since it chooses a free port.
  /// - Throws: `VoxtileError.Code.fileAccess` if the port cannot be opened.
  package static func checkPort(_ port: UInt16) throws {
    guard port != 0 else { return }
    do {
      // The same options as the server uses.
      let socket = try Socket(domain: AF_INET)
      defer { try? socket.close() }
      try socket.setValue(true, for: .localAddressReuse)
      try socket.bind(to: address(of: port))
      try socket.listen()
    } catch let error as SocketError {
      throw VoxtileError.notServed(port: port, error)
    }
  }

  private static func address(of port: UInt16) throws -> sockaddr_in {
    try .inet(ip4: "127.0.0.1", port: port)
  }

  /// Serves the report while a closure runs, and closes the port when it returns.
  ///
  /// - Parameter body: called with the address of the page when the server is ready.
  /// - Throws: `VoxtileError.Code.fileAccess` if the port cannot be opened, and any error that `body` throws.
  public func serve(while body: @escaping @Sendable (_ address: String) async throws -> Void) async throws {
    // A long timeout, because reading a slice of a large file from a slow disk takes time.
    let server = HTTPServer(
      config: .init(
        address: try Self.address(of: port), timeout: 300,
        logger: .disabled),
      handler: ReportHandler(report: report, page: page))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          try await server.run()
        } catch let error as SocketError {
          throw VoxtileError.notServed(port: port, error)
        }
      }
      group.addTask {
        try await server.waitUntilListening(timeout: 60)
        guard case .ip4(_, let port) = await server.listeningAddress else {
          throw SocketError.disconnected
        }
        try await body("http://127.0.0.1:\(port)/")
      }
      defer { group.cancelAll() }
      try await group.next()
      await server.stop()
    }
  }
}

extension VoxtileError {
  fileprivate static func notServed(port: UInt16, _ error: SocketError) -> VoxtileError {
    var reason = "\(error)"
    if case .failed(_, _, let message) = error { reason = message }
    return VoxtileError(
      .fileAccess, "port \(port) cannot be opened: \(reason); choose another port, or 0 for any free port",
      context: .init(found: "\(port)"))
  }
}
