import FlyingFox
import FlyingSocks
import Foundation
import Voxtile

/// Hands out one report to browsers of this machine, and nothing else.
///
/// It listens on 127.0.0.1 only. Paths are compared with the few that there are and never become names of files; a
/// request that names another host than this machine is refused, so that no other site can have its name resolved
/// to here.
public struct ReportServer: Sendable {
  private let report: ServedReport
  private let page: [UInt8]
  private let port: UInt16

  /// Makes the page of a report.
  ///
  /// - Parameters:
  ///   - report: what is served.
  ///   - port: the port; 0 for one that is free.
  /// - Throws: what ``ServedReport/page()`` throws.
  public init(_ report: ServedReport, port: UInt16 = 0) throws {
    self.report = report
    self.port = port
    page = try report.page()
  }

  /// Makes sure, before a report is made, that it could be served.
  ///
  /// - Parameter port: the port; 0, for one that is free, is always fine.
  /// - Throws: `VoxtileError.Code.fileAccess` where the port cannot be opened.
  public static func checkPort(_ port: UInt16) throws {
    guard port != 0 else { return }
    do {
      // As the server opens it.
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

  /// Serves the report while something else runs, and closes the port when that ends.
  ///
  /// - Parameter body: called once the server answers, with its address.
  /// - Throws: `VoxtileError.Code.fileAccess` where the port cannot be opened, and what `body` throws.
  public func serve(while body: @escaping @Sendable (_ address: String) async throws -> Void) async throws {
    // Reading a slice of a large file from a slow disk may take its time.
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
      .fileAccess, "port \(port) cannot be opened: \(reason); name another one, or none for one that is free",
      context: .init(found: "\(port)"))
  }
}
