import Voxtile

/// Answers the HTTP requests of the page.
struct ReportHandler: Sendable {
  let shown: ShownReport
  let token: AccessToken

  /// Answers a request. It is called on several threads at a time.
  func respond(to request: RequestHead) -> Response {
    guard Self.isThisMachine(request.host) else {
      return .failure(.forbidden, "this server answers only requests to 127.0.0.1")
    }
    guard let path = token.path(of: request.target) else {
      return .failure(.forbidden, "this address is not the one that was printed; open that")
    }
    guard request.method == "GET" || request.method == "HEAD" else {
      return .failure(.methodNotAllowed, "only GET and HEAD are supported")
    }
    return answer(path)
  }

  /// Answers a request for a path below the token. The path is compared as sent, without decoding or resolving it, so `..` and
  /// `%2e` cannot escape.
  private func answer(_ path: String) -> Response {
    if path == "/" { return Response(.ok, type: "text/html; charset=utf-8", shown.page) }
    if path == "/picture", let picture = shown.preparation.picture {
      return Response(.ok, type: "application/octet-stream", picture.pixels)
    }
    do {
      if path == "/progress" { return Response(.ok, type: "application/json", try shown.progress()) }
      guard let name = Self.sliceName(path) else { return .failure(.notFound, "not found") }
      guard let bytes = try shown.report?.slice(name) else {
        return .failure(.notFound, "this slice does not exist")
      }
      return Response(.ok, type: "application/octet-stream", bytes)
    } catch {
      return .failure(.failed, "\(error)")
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
}
