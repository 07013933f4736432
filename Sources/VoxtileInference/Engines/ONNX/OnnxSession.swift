import CONNXRuntime

/// A model that ONNX Runtime has loaded, released with the last who uses it.
///
/// Unchecked, because a session may be run from several threads at the same time.
final class OnnxSession: @unchecked Sendable {
  let runtime: OnnxRuntime
  private let pointer: UnsafeMutablePointer<OrtSession>
  private let memory: UnsafeMutablePointer<OrtMemoryInfo>
  private let log: OnnxLogSink
  private let logKey: Int?

  /// Loads a model.
  ///
  /// - Parameter configure: adds to the options, such as the threads and the provider.
  init(
    _ path: String, runtime: OnnxRuntime, warn handler: OnnxWarning?,
    configure: (UnsafeMutablePointer<OrtSessionOptions>) throws -> Void
  ) throws {
    let table = runtime.table
    let functions = table.functions
    let sink = OnnxLogSink(passesErrors: false)
    let logKey = handler.map { handler in
      _ = sink.add(handler)
      return runtime.environment.sink.add(handler)
    }
    do {
      let options: UnsafeMutablePointer<OrtSessionOptions> = try table.create {
        functions.pointee.CreateSessionOptions($0)
      }
      defer { functions.pointee.ReleaseSessionOptions(options) }
      try table.check(
        functions.pointee.SetUserLoggingFunction(options, OnnxLogSink.function, sink.context))
      try configure(options)
      let memory: UnsafeMutablePointer<OrtMemoryInfo> = try table.create {
        functions.pointee.CreateCpuMemoryInfo(
          Int32(VOXTILE_ORT_DEVICE_ALLOCATOR), Int32(VOXTILE_ORT_DEFAULT_MEMORY), $0)
      }
      do {
        pointer = try table.create {
          functions.pointee.CreateSession(runtime.environment.pointer, path, options, $0)
        }
      } catch {
        functions.pointee.ReleaseMemoryInfo(memory)
        throw error
      }
      self.memory = memory
    } catch {
      if let logKey { runtime.environment.sink.remove(logKey) }
      throw error
    }
    self.runtime = runtime
    self.log = sink
    self.logKey = logKey
  }

  deinit {
    let functions = runtime.table.functions
    functions.pointee.ReleaseSession(pointer)
    functions.pointee.ReleaseMemoryInfo(memory)
    if let logKey { runtime.environment.sink.remove(logKey) }
    withExtendedLifetime(log) {}
  }

  /// The inputs that have to be given, in the model's order.
  func inputs() throws(OnnxFailure) -> [OnnxPort] {
    let functions = runtime.table.functions
    let count: Int = try runtime.table.get { functions.pointee.SessionGetInputCount(pointer, $0) }
    return try (0..<count).map { index throws(OnnxFailure) in
      try port(
        { functions.pointee.SessionGetInputName(pointer, index, $0, $1) },
        { functions.pointee.SessionGetInputTypeInfo(pointer, index, $0) })
    }
  }

  /// The outputs, in the model's order.
  func outputs() throws(OnnxFailure) -> [OnnxPort] {
    let functions = runtime.table.functions
    let count: Int = try runtime.table.get { functions.pointee.SessionGetOutputCount(pointer, $0) }
    return try (0..<count).map { index throws(OnnxFailure) in
      try port(
        { functions.pointee.SessionGetOutputName(pointer, index, $0, $1) },
        { functions.pointee.SessionGetOutputTypeInfo(pointer, index, $0) })
    }
  }

  private func port(
    _ name: (
      UnsafeMutablePointer<OrtAllocator>, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    ) -> UnsafeMutablePointer<OrtStatus>?,
    _ type: (UnsafeMutablePointer<UnsafeMutablePointer<OrtTypeInfo>?>) -> UnsafeMutablePointer<OrtStatus>?
  ) throws(OnnxFailure) -> OnnxPort {
    let table = runtime.table
    let functions = table.functions
    let allocator: UnsafeMutablePointer<OrtAllocator> = try table.create {
      functions.pointee.GetAllocatorWithDefaultOptions($0)
    }
    let characters: UnsafeMutablePointer<CChar> = try table.create { name(allocator, $0) }
    let name = String(cString: characters)
    try table.check(functions.pointee.AllocatorFree(allocator, characters))
    let info: UnsafeMutablePointer<OrtTypeInfo> = try table.create(type)
    defer { functions.pointee.ReleaseTypeInfo(info) }
    return try OnnxPort(name: name, info, table)
  }

  /// The text that the model's metadata has for a key, or `nil`.
  func metadata(_ key: String) throws(OnnxFailure) -> String? {
    let table = runtime.table
    let functions = table.functions
    let metadata: UnsafeMutablePointer<OrtModelMetadata> = try table.create {
      functions.pointee.SessionGetModelMetadata(pointer, $0)
    }
    defer { functions.pointee.ReleaseModelMetadata(metadata) }
    let allocator: UnsafeMutablePointer<OrtAllocator> = try table.create {
      functions.pointee.GetAllocatorWithDefaultOptions($0)
    }
    var characters: UnsafeMutablePointer<CChar>?
    try table.check(
      functions.pointee.ModelMetadataLookupCustomMetadataMap(metadata, allocator, key, &characters))
    guard let characters else { return nil }
    let text = String(cString: characters)
    try table.check(functions.pointee.AllocatorFree(allocator, characters))
    return text
  }

  /// Runs the model once.
  ///
  /// - Parameters:
  ///   - data: the elements of the input, lent for the call.
  ///   - shape: their sizes.
  ///   - input: the name and element type of the input.
  ///   - outputs: the names of what to compute.
  func run(
    _ data: UnsafeRawBufferPointer, shape: [Int], input: OnnxPort, outputs: [String]
  ) throws(OnnxFailure) -> [OnnxValue] {
    let table = runtime.table
    let functions = table.functions
    // The library never writes to an input.
    guard let base = UnsafeMutableRawPointer(mutating: data.baseAddress) else {
      throw OnnxFailure("the batch is empty")
    }
    let value: UnsafeMutablePointer<OrtValue> = try table.create {
      functions.pointee.CreateTensorWithDataAsOrtValue(
        memory, base, data.count, shape.map { Int64($0) }, shape.count, input.elementType, $0)
    }
    defer { functions.pointee.ReleaseValue(value) }
    var results = [UnsafeMutablePointer<OrtValue>?](repeating: nil, count: outputs.count)
    let status = withCStrings([input.name]) { inputNames in
      withCStrings(outputs) { outputNames in
        withUnsafePointer(to: UnsafePointer(value)) { inputs in
          functions.pointee.Run(pointer, nil, inputNames, inputs, 1, outputNames, outputs.count, &results)
        }
      }
    }
    try table.check(status)
    return try take(results)
  }

  /// Takes over what was computed, all or nothing.
  private func take(_ results: [UnsafeMutablePointer<OrtValue>?]) throws(OnnxFailure) -> [OnnxValue] {
    var values: [OnnxValue] = []
    var failure: OnnxFailure?
    for result in results {
      do throws(OnnxFailure) {
        guard let result else { throw OnnxFailure("an output was not computed") }
        values.append(try OnnxValue(result, of: self))
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return values
  }
}
