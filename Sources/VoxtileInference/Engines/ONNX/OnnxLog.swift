import CONNXRuntime
import Synchronization

/// Gets a warning or an error that ONNX Runtime logs, in its own words, from any thread.
typealias OnnxWarning = @Sendable (_ message: String) -> Void

/// Where the messages of an environment or a session go, as the context of a C function.
final class OnnxLogSink: Sendable {
  private struct State {
    var handlers: [Int: OnnxWarning] = [:]
    var nextKey = 0
  }
  private let state = Mutex(State())
  /// Whether errors are passed on, too. Those of a session also come back from the call that failed.
  private let passesErrors: Bool

  init(passesErrors: Bool = true) { self.passesErrors = passesErrors }

  /// Adds who gets the messages from now on, and gives a key to remove it with.
  func add(_ handler: @escaping OnnxWarning) -> Int {
    state.withLock { state in
      state.nextKey += 1
      state.handlers[state.nextKey] = handler
      return state.nextKey
    }
  }

  func remove(_ key: Int) {
    state.withLock { state in _ = state.handlers.removeValue(forKey: key) }
  }

  /// Passes a message on, outside of the lock, so that a handler may load or release a model.
  private func send(_ message: String) {
    for handler in state.withLock({ state in Array(state.handlers.values) }) { handler(message) }
  }

  /// The sink as a context, which does not own it.
  var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  /// The C function that takes messages for the sink that is its context. Less than warnings is never logged.
  static let function: OrtLog = { context, severity, _, _, _, text in
    guard let context, let text else { return }
    let sink = Unmanaged<OnnxLogSink>.fromOpaque(context).takeUnretainedValue()
    guard sink.passesErrors || severity <= Int32(VOXTILE_ORT_SEVERITY_WARNING) else { return }
    sink.send(String(cString: text))
  }
}
