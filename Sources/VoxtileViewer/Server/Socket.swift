import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A TCP socket or an end of a pipe. It never blocks, programs that are started do not inherit it, and it is closed together
/// with this object.
final class Socket: Sendable {
  private let descriptor: Int32

  private init(_ descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    #if canImport(Darwin)
      // Linux is told with each `send`.
      var isOn: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &isOn, socklen_t(MemoryLayout<Int32>.size))
    #endif
  }

  deinit { close(descriptor) }

  /// Listens on a port of 127.0.0.1.
  ///
  /// - Parameter port: the port; 0 chooses a free one.
  /// - Throws: `VoxtileError.Code.fileAccess` where the port cannot be opened.
  convenience init(listeningOn port: UInt16) throws(VoxtileError) {
    #if canImport(Darwin)
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #else
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    guard descriptor >= 0 else { throw .portNotOpened(port) }
    self.init(descriptor)
    var isOn: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isBound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isBound, listen(descriptor, 64) == 0 else { throw .portNotOpened(port) }
  }

  /// A pipe. When its second end is closed, whoever waits for the first one is woken.
  static func pipe() throws(VoxtileError) -> (end: Socket, other: Socket) {
    var ends: [Int32] = [-1, -1]
    #if canImport(Glibc)
      let isMade = Glibc.pipe(&ends) == 0
    #elseif canImport(Musl)
      let isMade = Musl.pipe(&ends) == 0
    #else
      let isMade = Darwin.pipe(&ends) == 0
    #endif
    guard isMade else { throw .system("cannot be made", file: "a pipe") }
    return (Socket(ends[0]), Socket(ends[1]))
  }

  /// The port that is listened on.
  var port: UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &size) }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  /// The next connection; `nil` where there is none now.
  func accept() -> Socket? {
    #if canImport(Glibc)
      let client = Glibc.accept(descriptor, nil, nil)
    #elseif canImport(Musl)
      let client = Musl.accept(descriptor, nil, nil)
    #else
      let client = Darwin.accept(descriptor, nil, nil)
    #endif
    return client >= 0 ? Socket(client) : nil
  }

  /// Ends a connection in both directions, whoever waits for it.
  func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Says that nothing more will be sent.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }
}

// MARK: - Bytes

extension Socket {
  /// Appends the bytes that have arrived, up to a limit.
  ///
  /// - Returns: whether the connection still stands.
  func receive(atMost count: Int, to bytes: inout [UInt8]) -> Bool {
    var part = [UInt8](repeating: 0, count: count)
    let found = recv(descriptor, &part, count, 0)
    if found > 0 { bytes += part[..<found] }
    return found > 0 || found < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
  }

  /// Sends some of the bytes from an offset on.
  ///
  /// - Returns: how many were sent; `nil` where the connection does not stand any more.
  func send(_ bytes: [UInt8], from offset: Int) -> Int? {
    #if canImport(Darwin)
      let flags: Int32 = 0
    #else
      let flags = Int32(MSG_NOSIGNAL)
    #endif
    let count = bytes.withUnsafeBytes { buffer in
      let rest = UnsafeRawBufferPointer(rebasing: buffer[offset...])
      #if canImport(Glibc)
        return Glibc.send(descriptor, rest.baseAddress, rest.count, flags)
      #elseif canImport(Musl)
        return Musl.send(descriptor, rest.baseAddress, rest.count, flags)
      #else
        return Darwin.send(descriptor, rest.baseAddress, rest.count, flags)
      #endif
    }
    if count >= 0 { return count }
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : nil
  }

  /// What to wait for.
  enum Event {
    case bytes, room
  }

  /// Waits until something can be done.
  ///
  /// - Parameters:
  ///   - event: what to wait for.
  ///   - stop: a pipe; the wait ends when its other end is closed.
  ///   - deadline: when the wait ends at the latest; `nil` for never.
  /// - Returns: whether it can be done.
  func wait(for event: Event, orStop stop: Socket, until deadline: ContinuousClock.Instant? = nil) -> Bool {
    while true {
      var polled = [
        pollfd(descriptor: descriptor, events: Int16(event == .bytes ? POLLIN : POLLOUT)),
        pollfd(descriptor: stop.descriptor, events: Int16(POLLIN)),
      ]
      var milliseconds: Int32 = -1
      if let deadline {
        let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
        guard left > 0 else { return false }
        milliseconds = Int32(min(left.rounded(.up), 1e6))
      }
      let count = poll(&polled, 2, milliseconds)
      if polled[1].revents != 0 { return false }
      if polled[0].revents != 0 { return true }
      if count < 0, errno != EINTR { return false }
    }
  }
}

extension pollfd {
  fileprivate init(descriptor: Int32, events: Int16) { self.init(fd: descriptor, events: events, revents: 0) }
}

extension VoxtileError {
  /// A port that cannot be opened, with the reason of the system.
  fileprivate static func portNotOpened(_ port: UInt16) -> VoxtileError {
    VoxtileError(
      .fileAccess,
      "port \(port) cannot be opened: \(String(cString: strerror(errno))); choose another port, or 0 for any free port",
      context: .init(found: "\(port)"))
  }
}
