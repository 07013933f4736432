import CONNXRuntime
import Synchronization

/// What ONNX Runtime has to say while it loads or runs a model.
public struct OnnxLogMessage: Sendable, Hashable {
  /// How much a message matters.
  public enum Severity: Int32, Sendable, Comparable {
    case verbose, information, warning, error, fatal

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  /// How much it matters.
  public var severity: Severity
  /// The message in ONNX Runtime's own words.
  public var text: String

  /// Creates a message.
  public init(severity: Severity, text: String) {
    self.severity = severity
    self.text = text
  }
}

/// Gets the log of a model, from any thread.
public typealias OnnxLogHandler = @Sendable (OnnxLogMessage) -> Void

/// Where the messages of an environment or a session go, as the context of a C function.
final class OnnxLogSink: Sendable {
  private struct State {
    var handlers: [Int: OnnxLogHandler] = [:]
    var nextKey = 0
  }
  private let state = Mutex(State())

  /// Adds who gets the messages from now on, and gives a key to remove it with.
  func add(_ handler: @escaping OnnxLogHandler) -> Int {
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
  private func send(_ message: OnnxLogMessage) {
    for handler in state.withLock({ state in Array(state.handlers.values) }) { handler(message) }
  }

  /// The sink as a context, which does not own it.
  var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  /// The C function that takes messages for the sink that is its context.
  static let function: OrtLog = { context, severity, _, _, _, text in
    guard let context, let text else { return }
    Unmanaged<OnnxLogSink>.fromOpaque(context).takeUnretainedValue().send(
      OnnxLogMessage(
        severity: OnnxLogMessage.Severity(rawValue: severity) ?? .error, text: String(cString: text)))
  }
}
