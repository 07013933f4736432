import FlyingFox
import Foundation
import Voxtile

/// Answers the HTTP requests of the page.
struct ReportHandler: HTTPHandler {
  let report: ServedReport
  let page: [UInt8]

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard Self.isThisMachine(request.headers[.host]) else {
      return Self.failure(.forbidden, "this server answers only requests to 127.0.0.1")
    }
    guard request.method == .GET || request.method == .HEAD else {
      var response = Self.failure(.methodNotAllowed, "only GET and HEAD are supported")
      response.headers[HTTPHeader("Allow")] = "GET, HEAD"
      return response
    }
    var response = await answer(request.target.rawValue)
    if request.method == .HEAD {
      let count = try await response.bodyData.count
      response = HTTPResponse(statusCode: response.statusCode, headers: response.headers)
      response.headers[.contentLength] = "\(count)"
    }
    return response
  }

  /// Answers a request for a path. The path is compared as sent, without decoding or resolving it, so `..` and `%2e`
  /// cannot escape.
  private func answer(_ path: String) async -> HTTPResponse {
    if path == "/" { return Self.response(.ok, type: "text/html; charset=utf-8", page) }
    guard let name = Self.sliceName(path) else { return Self.failure(.notFound, "not found") }
    do {
      guard let bytes = try await report.slice(name) else {
        return Self.failure(.notFound, "this slice does not exist")
      }
      return Self.response(.ok, type: "application/octet-stream", bytes)
    } catch {
      return Self.failure(.internalServerError, "\(error)")
    }
  }

  /// Parses a path such as `/slice/0/2/90`: layer, axis and index, in ASCII digits.
  static func sliceName(_ path: String) -> ServedReport.SliceName? {
    let prefix = "/slice/"
    guard path.hasPrefix(prefix) else { return nil }
    let numbers = path.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false).map {
      $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int($0) : nil
    }
    guard numbers.count == 3, let layer = numbers[0], let axis = numbers[1], let index = numbers[2] else {
      return nil
    }
    return .init(layer: layer, axis: axis, index: index)
  }

  /// Whether a `Host` header names this machine. The port may differ, for example behind a tunnel.
  static func isThisMachine(_ host: String?) -> Bool {
    guard let parts = host?.split(separator: ":", omittingEmptySubsequences: false), parts.count <= 2 else {
      return false
    }
    if parts.count == 2, UInt16(parts[1]) == nil { return false }
    return ["127.0.0.1", "localhost"].contains(parts[0].lowercased())
  }

  private static func failure(_ status: HTTPStatusCode, _ message: String) -> HTTPResponse {
    // Encoded as JSON, because error messages may contain quotation marks and file names.
    let json = try? JSONEncoder().encode(["error": message])
    return response(status, type: "application/json", [UInt8](json ?? Data("{}".utf8)))
  }

  private static func response(_ status: HTTPStatusCode, type: String, _ bytes: [UInt8]) -> HTTPResponse {
    // Not cached by the browser, because another report may later use the same port.
    let headers: HTTPHeaders = [
      .contentType: type, .cacheControl: "no-store",
      HTTPHeader("Content-Security-Policy"):
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
      HTTPHeader("Referrer-Policy"): "no-referrer",
      HTTPHeader("X-Content-Type-Options"): "nosniff",
    ]
    return HTTPResponse(statusCode: status, headers: headers, body: Data(bytes))
  }
}
