/// One connection: reads requests, one after another, and sends the responses. It runs on a thread of its own.
struct Connection {
  /// How long a client may take.
  struct Patience: Sendable {
    /// For a whole head, from its first byte on.
    var head = Duration.seconds(10)
    /// Between two requests, and before the first one.
    var idle = Duration.seconds(60)
    /// For taking any bytes of a response.
    var response = Duration.seconds(30)
  }

  let socket: Socket
  let stop: Socket
  let patience: Patience
  /// Called with each response.
  let answered: (Response) -> Void
  let respond: @Sendable (RequestHead) -> Response

  /// Serves until the client is done or too slow, or the server stops.
  func run() {
    var bytes: [UInt8] = []
    while true {
      let head: RequestHead
      do {
        guard let next = try nextHead(&bytes) else { return }
        head = next
      } catch {
        finish(Response(error))
        return
      }
      let response = respond(head)
      answered(response)
      let closes = head.closes || head.hasBody
      if closes { return finish(response, withoutBody: head.method == "HEAD") }
      guard send(response.bytes(withoutBody: head.method == "HEAD", closes: false)) else { return }
    }
  }

  /// The next request; `nil` where none arrives in time.
  private func nextHead(_ bytes: inout [UInt8]) throws(RequestFault) -> RequestHead? {
    var deadline: ContinuousClock.Instant?
    while true {
      if let head = try RequestHead.take(from: &bytes) { return head }
      if deadline == nil, !bytes.isEmpty { deadline = .now + patience.head }
      guard socket.wait(for: .bytes, orStop: stop, until: deadline ?? .now + patience.idle) else {
        return nil
      }
      // Enough to see that a head is too long, and no more.
      guard socket.receive(atMost: 4096, to: &bytes) else { return nil }
    }
  }

  private func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      guard socket.wait(for: .room, orStop: stop, until: .now + patience.response),
        let count = socket.send(bytes, from: sent)
      else { return false }
      sent += count
    }
    return true
  }

  /// Sends the last response, and gives the client a moment to take it before the connection is closed: closing while bytes arrive
  /// would throw it away.
  private func finish(_ response: Response, withoutBody: Bool = false) {
    guard send(response.bytes(withoutBody: withoutBody, closes: true)) else { return }
    socket.endSending()
    let deadline = ContinuousClock.now + .seconds(1)
    var ignored: [UInt8] = []
    while socket.wait(for: .bytes, orStop: stop, until: deadline),
      socket.receive(atMost: 1 << 16, to: &ignored)
    {
      ignored.removeAll(keepingCapacity: true)
    }
  }
}
