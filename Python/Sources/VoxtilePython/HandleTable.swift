import Synchronization

/// The objects that callers hold, by number.
///
/// Callers get numbers, never addresses, so that one that is used after its release is an error and not a crash. An object
/// lives on while a call uses it, even if another thread releases it meanwhile.
enum HandleTable {
  private struct State {
    var objects: [Int: any AnyObject & Sendable] = [:]
    var last = 0
  }

  private static let state = Mutex(State())

  /// Keeps an object; its number is at least 1 and never used again.
  static func insert(_ object: some AnyObject & Sendable) -> Int {
    state.withLock { state in
      state.last += 1
      state.objects[state.last] = object
      return state.last
    }
  }

  /// The object of a number, of a type.
  ///
  /// - Throws: `CallError` where there is none.
  static func object<Object: AnyObject & Sendable>(
    _ handle: Int, as type: Object.Type
  ) throws(CallError) -> Object {
    guard let object = state.withLock({ $0.objects[handle] }) as? Object else {
      throw CallError(.closedObject, "object \(handle) does not exist, is of another kind, or was closed")
    }
    return object
  }

  /// Lets an object go; a number that is not known is fine.
  static func remove(_ handle: Int) {
    // Released outside of the lock: whatever the object does then may take long.
    _ = state.withLock { $0.objects.removeValue(forKey: handle) }
  }

  /// The number of objects, for tests.
  static var count: Int { state.withLock { $0.objects.count } }
}
