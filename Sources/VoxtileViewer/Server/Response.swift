#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An HTTP response.
struct Response {
  /// The status codes that are used.
  enum Status: String {
    case ok = "200 OK"
    case badRequest = "400 Bad Request"
    case forbidden = "403 Forbidden"
    case notFound = "404 Not Found"
    case methodNotAllowed = "405 Method Not Allowed"
    case targetTooLong = "414 URI Too Long"
    case headersTooLong = "431 Request Header Fields Too Large"
    case failed = "500 Internal Server Error"
    case busy = "503 Service Unavailable"
  }

  let status: Status
  let type: String
  let body: [UInt8]

  init(_ status: Status, type: String, _ body: [UInt8]) {
    self.status = status
    self.type = type
    self.body = body
  }

  /// A failure, with its reason as JSON, because error messages may contain quotation marks and file names.
  static func failure(_ status: Status, _ message: String) -> Response {
    let json = try? JSONEncoder().encode(["error": message])
    return Response(status, type: "application/json", [UInt8](json ?? Data("{}".utf8)))
  }

  /// The response to a request that is not read.
  init(_ fault: RequestFault) {
    switch fault {
    case .lineTooLong: self = .failure(.targetTooLong, "the request line is too long")
    case .headersTooLong: self = .failure(.headersTooLong, "the headers are too long")
    case .malformed: self = .failure(.badRequest, "this is not a request of HTTP/1.1")
    }
  }

  /// The response as it is sent.
  ///
  /// - Parameters:
  ///   - withoutBody: whether only its head is sent, for `HEAD`.
  ///   - closes: whether the connection is closed after it.
  func bytes(withoutBody: Bool, closes: Bool) -> [UInt8] {
    var headers = [
      "Content-Type: \(type)", "Content-Length: \(body.count)",
      // Another report may later use the same port.
      "Cache-Control: no-store",
      "Content-Security-Policy: default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        + "img-src data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "Cross-Origin-Resource-Policy: same-origin",
      "Referrer-Policy: no-referrer",
      "X-Content-Type-Options: nosniff",
      "Connection: \(closes ? "close" : "keep-alive")",
    ]
    if status == .methodNotAllowed { headers.append("Allow: GET, HEAD") }
    let head = "HTTP/1.1 \(status.rawValue)\r\n" + headers.joined(separator: "\r\n") + "\r\n\r\n"
    return Array(head.utf8) + (withoutBody ? [] : body)
  }
}
