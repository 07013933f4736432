#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A thread that may wait for as long as it likes, unlike those of the pools that all tasks share.
enum OwnThread {
  /// Enough for a connection, and little where there are many.
  private static let stackByteCount = 1 << 20

  /// What a thread does, as an object that a C function can take.
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a thread, which nobody waits for.
  ///
  /// - Parameter body: what it does.
  /// - Returns: whether the system had room for one more.
  static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return false }
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackByteCount)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let object = Unmanaged.passRetained(Body(body))
    let code = pthread_create(
      &thread, &attributes,
      { argument in
        // Darwin says that there always is one.
        let object: UnsafeMutableRawPointer? = argument
        if let object { Unmanaged<Body>.fromOpaque(object).takeRetainedValue().run() }
        return nil
      }, object.toOpaque())
    if code != 0 { object.release() }
    return code == 0
  }
}
