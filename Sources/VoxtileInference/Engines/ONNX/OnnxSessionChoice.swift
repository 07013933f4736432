import Synchronization
import Voxtile

/// The session of a model: on the provider that was asked for or, where that is ``OnnxProvider/auto``, on the first one of the
/// library that works.
///
/// A provider can load a model and still fail to run it. So the first prediction is a trial: where it fails and the processor can
/// do it, the processor goes on.
final class OnnxSessionChoice: Sendable {
  private struct State {
    var session: OnnxSession
    var provider: OnnxProvider
    /// Whether nothing else is tried any more.
    var isSettled: Bool
  }

  private let state: Mutex<State>
  private let path: String
  private let options: OnnxModel.Options
  private let runtime: OnnxRuntime

  /// Loads a model.
  ///
  /// - Throws: `OnnxFailure` and `VoxtileError` as a session does; with ``OnnxProvider/auto`` what the processor says.
  init(_ path: String, options: OnnxModel.Options, runtime: OnnxRuntime) throws {
    (self.path, self.options, self.runtime) = (path, options, runtime)
    guard options.provider.name == OnnxProvider.auto.name else {
      let session = try Self.session(path, options.provider, options, runtime)
      state = Mutex(State(session: session, provider: options.provider, isSettled: true))
      return
    }
    for provider in OnnxProvider.candidates(in: runtime, settings: options.provider.settings) {
      // What a provider that is not really there complains about is no warning about the prediction.
      guard let session = try? Self.session(path, provider, options, runtime, isQuiet: true) else { continue }
      state = Mutex(State(session: session, provider: provider, isSettled: false))
      return
    }
    // Settings that no provider took are refused, as the processor has none.
    let processor = OnnxProvider(OnnxProvider.cpu.name, settings: options.provider.settings)
    let session = try Self.session(path, processor, options, runtime)
    state = Mutex(State(session: session, provider: .cpu, isSettled: true))
  }

  /// The provider that runs the model.
  var provider: OnnxProvider { state.withLock { $0.provider } }

  /// The session that runs the model.
  var session: OnnxSession { state.withLock { $0.session } }

  /// Does something with the session.
  func run<Result>(_ body: (OnnxSession) throws -> Result) throws -> Result {
    let now = state.withLock { $0 }
    do {
      let result = try body(now.session)
      if !now.isSettled { state.withLock { $0.isSettled = true } }
      return result
    } catch {
      // Where the processor fails too, the network does not take such patches.
      guard !now.isSettled, let session = try? Self.session(path, .cpu, options, runtime),
        let result = try? body(session)
      else { throw error }
      let isFirst = state.withLock { state in
        defer { state = State(session: session, provider: .cpu, isSettled: true) }
        return !state.isSettled
      }
      if isFirst {
        options.warn?(
          "the provider \(now.provider.name) loads the network but does not predict with it; the processor does (\(error))"
        )
      }
      return result
    }
  }

  private static func session(
    _ path: String, _ provider: OnnxProvider, _ options: OnnxModel.Options, _ runtime: OnnxRuntime,
    isQuiet: Bool = false
  ) throws -> OnnxSession {
    let log = options.warn.map { warn -> OnnxWarning in { warn("ONNX Runtime: \($0)") } }
    return try OnnxSession(path, runtime: runtime, warn: isQuiet ? nil : log) { pointer in
      try options.configure(pointer, runtime, provider)
    }
  }
}
