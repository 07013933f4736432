import CONNXRuntime

/// What all sessions of a library share. It lives as long as the process.
///
/// Unchecked, because sessions may be created in it from any thread.
struct OnnxEnvironment: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<OrtEnv>
  /// Gets what does not belong to a session, such as why the library of a provider does not load.
  let sink: OnnxLogSink

  init(_ table: OnnxTable) throws(OnnxFailure) {
    let sink = OnnxLogSink()
    pointer = try table.create { environment in
      table.functions.pointee.CreateEnvWithCustomLogger(
        OnnxLogSink.function, sink.context, Int32(VOXTILE_ORT_SEVERITY_WARNING), "voxtile",
        environment)
    }
    self.sink = sink
    // The library keeps a pointer to it, also while the process ends.
    _ = Unmanaged.passRetained(sink)
  }
}
