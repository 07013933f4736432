import Foundation
import Synchronization
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileViewer

@Suite("HTTPServer", .serialized, .timeLimit(.minutes(30)))
struct HTTPServerTests {
  private static let quick = Connection.Patience(
    head: .milliseconds(300), idle: .milliseconds(600), response: .milliseconds(300))

  private func withServer(
    patience: Connection.Patience = .init(), body: [UInt8] = Array("hello".utf8),
    _ test: (RawClient.Place) throws -> Void
  ) throws {
    let server = try HTTPServer(port: 0, patience: patience) { head in
      head.target == "/yes" ? Response(.ok, type: "text/plain", body) : .failure(.forbidden, "no")
    }
    server.start()
    defer { server.stop() }
    try test(RawClient.Place(port: server.port))
  }

  private let request = "GET /yes HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

  @Test("requests follow each other on one connection, also when they arrive at once")
  func keepAlive() throws {
    try withServer { place in
      let client = try RawClient(place)
      for _ in 0..<3 {
        try client.send(request)
        #expect(try client.receive(until: "hello").hasPrefix("HTTP/1.1 200 OK\r\n"))
      }
      try client.send(request + request + "GET /yes HTTP/1.1\r\nConnection: close\r\n\r\n")
      #expect(client.rest().components(separatedBy: "hello").count == 4)
    }
  }

  @Test("requests without a line end are refused early, and keep nobody waiting")
  func noLineEnd() throws {
    try withServer { place in
      let clients = try (0..<4).map { _ in try RawClient(place) }
      for client in clients {
        // The server stops reading after 8 KiB, so that not all of it can be sent.
        _ = try? client.send(String(repeating: "A", count: 2 << 20))
      }
      let start = ContinuousClock.now
      let other = try RawClient(place)
      try other.send(request)
      #expect(try other.receive(until: "hello").hasPrefix("HTTP/1.1 200 OK"))
      #expect(ContinuousClock.now - start < .seconds(2))
      for client in clients { #expect(client.rest().hasPrefix("HTTP/1.1 414 ")) }
    }
  }

  @Test("long headers, many headers, a second Host and a lone line feed are refused")
  func refused() throws {
    let many = (0..<200).map { "A\($0): b\r\n" }.joined()
    let cases = [
      ("GET / HTTP/1.1\r\nA: \(String(repeating: "b", count: 1 << 20))", "431"),
      ("GET / HTTP/1.1\r\n\(many)\r\n", "431"),
      ("GET /yes HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1\r\n\r\n", "400"),
      ("GET /yes HTTP/1.1\n\n", "400"),
      ("GET /yes HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "200"),
    ]
    try withServer { place in
      for (text, status) in cases {
        let client = try RawClient(place)
        _ = try? client.send(text)
        #expect(client.rest().hasPrefix("HTTP/1.1 \(status) "), "\(text.prefix(60))")
      }
    }
  }

  @Test("slow and silent clients are disconnected")
  func slow() throws {
    try withServer(patience: Self.quick, body: [UInt8](repeating: 65, count: 64 << 20)) { place in
      let (drip, silent, deaf) = (try RawClient(place), try RawClient(place), try RawClient(place))
      try deaf.send(request)
      let start = ContinuousClock.now
      for byte in request.prefix(20) {
        guard (try? drip.send(String(byte))) != nil else { break }
        usleep(50_000)
      }
      #expect(drip.rest().isEmpty && silent.rest().isEmpty)
      #expect(ContinuousClock.now - start < .seconds(5))
      // 64 MiB were not sent to whoever does not take them.
      #expect(deaf.rest().utf8.count < 64 << 20)
    }
  }

  @Test("silent connections make room for one that asks")
  func crowd() throws {
    try withServer { place in
      let crowd = try (0..<HTTPServer.maxConnections + 20).map { _ in try RawClient(place) }
      let client = try RawClient(place)
      try client.send(request)
      #expect(try client.receive(until: "hello").hasPrefix("HTTP/1.1 200 OK"))
      // Those that came first are gone, and the one that was answered stays.
      #expect(crowd[0].rest().isEmpty)
      let more = try (0..<HTTPServer.maxConnections).map { _ in try RawClient(place) }
      try client.send(request)
      #expect(try client.receive(until: "hello").hasPrefix("HTTP/1.1 200 OK"))
      withExtendedLifetime(more) {}
    }
  }

  @Test("it stops at once although a response is being made and clients are silent")
  func stops() throws {
    let isAsked = Atomic(false)
    let server = try HTTPServer(port: 0) { _ in
      isAsked.store(true, ordering: .relaxed)
      Thread.sleep(forTimeInterval: 8)
      return .failure(.failed, "late")
    }
    server.start()
    let place = RawClient.Place(port: server.port)
    let (silent, busy) = (try RawClient(place), try RawClient(place))
    try busy.send(request)
    while !isAsked.load(ordering: .relaxed) { usleep(1000) }
    let start = ContinuousClock.now
    server.stop()
    #expect(ContinuousClock.now - start < .seconds(4))
    #expect(silent.rest().isEmpty)
    #expect(throws: (any Error).self) { try RawClient(place) }
  }
}
