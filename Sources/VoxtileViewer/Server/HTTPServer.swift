import Dispatch
import Synchronization
import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A small HTTP server for one page. It listens on 127.0.0.1, on threads of its own, so that nothing that a client does or does not
/// do keeps anybody else waiting.
final class HTTPServer: Sendable {
  /// The most connections at a time. A browser opens six.
  static let maxConnections = 64

  private struct Client {
    let socket: Socket
    /// Whether one of its requests was answered with what it asked for.
    var isTrusted = false
  }

  private struct State {
    /// Closing this end wakes all threads.
    var running: Socket?
    var clients: [Int: Client] = [:]
    var nextNumber = 0
  }

  /// The port that is listened on.
  let port: UInt16
  private let listener: Mutex<Socket?>
  private let stopSignal: Socket
  private let state: Mutex<State>
  private let threads = DispatchGroup()
  private let patience: Connection.Patience
  private let respond: @Sendable (RequestHead) -> Response

  /// Opens a port. Requests are answered from ``start()`` on.
  ///
  /// - Parameters:
  ///   - port: the port; 0 chooses a free one.
  ///   - patience: how long clients may take.
  ///   - respond: answers a request. It is called on several threads at a time.
  /// - Throws: `VoxtileError.Code.fileAccess` where the port cannot be opened.
  init(
    port: UInt16, patience: Connection.Patience = .init(),
    respond: @escaping @Sendable (RequestHead) -> Response
  ) throws(VoxtileError) {
    let socket = try Socket(listeningOn: port)
    let pipe = try Socket.pipe()
    self.port = socket.port
    listener = Mutex(socket)
    stopSignal = pipe.end
    state = Mutex(State(running: pipe.other))
    self.patience = patience
    self.respond = respond
  }

  /// Starts to accept connections.
  func start() {
    guard let socket = listener.withLock({ $0 }) else { return }
    run { [self] in
      while socket.wait(for: .bytes, orStop: stopSignal) {
        if let client = socket.accept() {
          serve(client)
        } else {
          // Too many open files, for example: they will be fewer.
          usleep(50_000)
        }
      }
    }
  }

  /// Closes the port and all connections. A response that is being made is not waited for longer than a moment.
  func stop() {
    listener.withLock { $0 = nil }
    state.withLock { state in
      state.running = nil
      for client in state.clients.values { client.socket.end() }
    }
    _ = threads.wait(timeout: .now() + 2)
  }

  private func serve(_ socket: Socket) {
    let number = state.withLock { state in
      // The client that has waited longest without a valid request makes room. So a program that opens connections and says nothing
      // does not keep others out.
      if state.clients.count >= Self.maxConnections {
        let idle = state.clients.filter { !$0.value.isTrusted }.keys.min() ?? state.clients.keys.min()
        idle.flatMap { state.clients.removeValue(forKey: $0) }?.socket.end()
      }
      state.nextNumber += 1
      state.clients[state.nextNumber] = Client(socket: socket)
      return state.nextNumber
    }
    let isServed = run { [self] in
      Connection(
        socket: socket, stop: stopSignal, patience: patience,
        answered: { [self] response in
          if response.status == .ok { state.withLock { $0.clients[number]?.isTrusted = true } }
        }, respond: respond
      ).run()
      socket.end()
      state.withLock { _ = $0.clients.removeValue(forKey: number) }
    }
    if !isServed { state.withLock { $0.clients.removeValue(forKey: number) }?.socket.end() }
  }

  /// Does something on a thread of its own.
  ///
  /// - Returns: whether there was room for one more.
  @discardableResult private func run(_ body: @escaping @Sendable () -> Void) -> Bool {
    threads.enter()
    let isStarted = OwnThread.start { [threads] in
      body()
      threads.leave()
    }
    if !isStarted { threads.leave() }
    return isStarted
  }
}
