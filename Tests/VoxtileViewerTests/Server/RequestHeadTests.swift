import Testing
import VoxtileTestSupport

@testable import VoxtileViewer

@Suite("RequestHead")
struct RequestHeadTests {
  private func take(_ text: String) throws -> RequestHead? {
    var bytes = Array(text.utf8)
    return try RequestHead.take(from: &bytes)
  }

  @Test("a head is taken when it is whole, and what follows stays")
  func whole() throws {
    let text = "GET /a/b HTTP/1.1\r\nHost:  127.0.0.1:80 \t\r\nX-Empty:\r\nConnection: keep-alive\r\n\r\n"
    for count in 0..<text.utf8.count {
      #expect(
        try take(String(decoding: text.utf8.prefix(count), as: UTF8.self)) == nil, "first \(count) bytes")
    }
    var bytes = Array(("\r\n" + text + "GET").utf8)
    let head = try #require(try RequestHead.take(from: &bytes))
    #expect(head.method == "GET" && head.target == "/a/b" && head.host == "127.0.0.1:80")
    #expect(!head.closes && !head.hasBody && bytes == Array("GET".utf8))
  }

  @Test("what ends a connection and what has a body is known")
  func connection() throws {
    let cases = [
      ("GET / HTTP/1.0\r\n\r\n", true, false), ("GET / HTTP/1.1\r\nconnection: Close\r\n\r\n", true, false),
      ("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", false, false),
      ("GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", false, true),
      ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", false, true),
    ]
    for (text, closes, hasBody) in cases {
      let head = try #require(try take(text))
      #expect(head.closes == closes && head.hasBody == hasBody, "\(text)")
    }
  }

  @Test("what is no request is refused")
  func malformed() {
    for text in [
      "GET /\r\n\r\n", "GET / HTTP/2\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", " GET / HTTP/1.1\r\n\r\n",
      "G(T / HTTP/1.1\r\n\r\n",
      "GET /\u{e9} HTTP/1.1\r\n\r\n", "GET /\u{7f} HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
      "GET / HTTP/1.1\r\nHost a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
      "GET / HTTP/1.1\r\nA: b\u{1}c\r\n\r\n",
      "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", "\u{0}\r\n\r\n",
    ] {
      #expect(throws: RequestFault.malformed, "\(text)") { try take(text) }
    }
  }

  @Test("lines and heads have limits, which are known before their ends have come")
  func limits() throws {
    let path = String(repeating: "a", count: RequestHead.maxLineBytes - 14)
    #expect(try take("GET /\(path) HTTP/1.1\r\n\r\n") != nil)
    #expect(throws: RequestFault.lineTooLong) { try take("GET /\(path)a HTTP/1.1\r\n\r\n") }
    #expect(throws: RequestFault.lineTooLong) {
      try take(String(repeating: "a", count: RequestHead.maxLineBytes + 1))
    }
    let headers = (0..<RequestHead.maxHeaders).map { "A\($0): b\r\n" }.joined()
    #expect(try take("GET / HTTP/1.1\r\n\(headers)\r\n") != nil)
    #expect(throws: RequestFault.headersTooLong) { try take("GET / HTTP/1.1\r\n\(headers)B: c\r\n\r\n") }
    #expect(throws: RequestFault.headersTooLong) {
      try take("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: RequestHead.maxBytes))
    }
  }

  @Test("any bytes are a request, refused, or not yet whole")
  func noise() {
    let good = Array("GET /slice/0/1/2 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n".utf8)
    for var random in SplitMix64.cases(20_000, from: 1) {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: bytes.indices, using: &random)
        if Bool.random(using: &random) {
          bytes[index] = UInt8.random(in: 0...255, using: &random)
        } else {
          bytes.remove(at: index)
        }
      }
      let head = try? RequestHead.take(from: &bytes)
      #expect(head.map { !$0.method.isEmpty && !$0.target.isEmpty } ?? true, "\(random)")
    }
  }
}
