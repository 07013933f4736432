import CONNXRuntime
import Voxtile

extension OnnxModel.Options {
  /// Sets the options of a session.
  func configure(
    _ options: UnsafeMutablePointer<OrtSessionOptions>, _ runtime: OnnxRuntime, _ provider: OnnxProvider
  ) throws {
    let table = runtime.table
    let functions = table.functions
    try table.check(
      functions.pointee.SetSessionLogSeverityLevel(options, Int32(VOXTILE_ORT_SEVERITY_WARNING)))
    try table.check(
      functions.pointee.SetSessionGraphOptimizationLevel(options, Int32(VOXTILE_ORT_OPTIMIZE_ALL)))
    try table.check(functions.pointee.SetIntraOpNumThreads(options, Int32(clamping: jobs.count)))
    try table.check(functions.pointee.SetInterOpNumThreads(options, 1))
    try table.check(functions.pointee.SetDeterministicCompute(options, true))
    // The plan of memory that it would make from the first prediction makes the peak 15 to 40 % higher (292 for
    // 238 MB, 504 for 297 MB, 2415 for 1420 MB with the networks tried), and nothing faster.
    try table.check(functions.pointee.DisableMemPattern(options))
    // Threads that wait for work would otherwise spin and slow down those that cut and merge.
    try table.check(
      functions.pointee.AddSessionConfigEntry(options, "session.intra_op.allow_spinning", "0"))
    try provider.withThreads(jobs).append(to: options, runtime)
  }
}

extension OnnxModel {
  /// What is known of a network's input and outputs.
  struct Ports: Sendable {
    let input: OnnxPort
    let inputLayout: TensorLayout
    /// For each output of the signature.
    let outputLayouts: [TensorLayout]
    let signature: ModelSignature
    let remarks: [PredictionRemark]
  }

  /// Chooses the input and the outputs, and checks that they are patches.
  static func describe(_ session: OnnxSession, _ options: Options) throws -> Ports {
    let input = try chooseInput(session.inputs(), options.input)
    let (layout, remark) = try input.inputLayout(options.layout ?? ownLayout(session))
    let all = try session.outputs()
    let outputs = try chooseOutputs(all, options.outputs)
    let layouts = try outputs.map { try $0.outputLayout(layout, of: input) }
    var remarks = remark.map { [$0] } ?? []
    if options.outputs == nil, all.count > 1 {
      let others = all.dropFirst().map { "\($0.name) \($0.dimensionText)" }.joined(separator: ", ")
      remarks.append(
        PredictionRemark(
          "the network has \(all.count) outputs, and the first one is used, \(all[0].name) \(all[0].dimensionText); not used: "
            + others, remedy: .chooseOutput))
    }
    return Ports(
      input: input, inputLayout: layout, outputLayouts: layouts,
      signature: ModelSignature(
        input: input.shape(layout), outputs: zip(outputs, layouts).map { $0.shape($1) }), remarks: remarks)
  }

  /// The order of the axes that the file itself names.
  private static func ownLayout(_ session: OnnxSession) throws -> TensorLayout? {
    guard let text = try session.metadata("voxtile.layout") else { return nil }
    guard let layout = TensorLayout(text) else { throw VoxtileError.metadataNotReadable("layout", text) }
    return layout
  }

  private static func chooseInput(_ ports: [OnnxPort], _ name: String?) throws(VoxtileError) -> OnnxPort {
    if let name, !ports.contains(where: { $0.name == name }) {
      throw .noSuchPort("input", name, ports)
    }
    guard ports.count == 1 else { throw .inputCount(ports) }
    return ports[0]
  }

  private static func chooseOutputs(
    _ ports: [OnnxPort], _ names: [String]?
  ) throws(VoxtileError) -> [OnnxPort] {
    guard let names else {
      guard let first = ports.first else { throw VoxtileError(.modelNotUsable, "has no output") }
      return [first]
    }
    guard !names.isEmpty else { throw .noOutputs(ports) }
    return try names.map { name throws(VoxtileError) in
      guard let port = ports.first(where: { $0.name == name }) else {
        throw .noSuchPort("output", name, ports)
      }
      return port
    }
  }
}

extension VoxtileError {
  private static func list(_ ports: [OnnxPort]) -> String {
    ports.map { "\($0.name) \($0.dimensionText)" }.joined(separator: ", ")
  }

  fileprivate static func noSuchPort(_ role: String, _ name: String, _ ports: [OnnxPort]) -> VoxtileError {
    VoxtileError(
      .invalidOption, "the model has no \(role) \(name); its \(role)s are \(list(ports))",
      context: .init(expected: list(ports), found: name))
  }

  fileprivate static func noOutputs(_ ports: [OnnxPort]) -> VoxtileError {
    VoxtileError(
      .invalidOption, "no output of the model is chosen; its outputs are \(list(ports))")
  }

  fileprivate static func inputCount(_ ports: [OnnxPort]) -> VoxtileError {
    let message =
      ports.isEmpty
      ? "has no input"
      : "needs \(ports.count) inputs (\(list(ports))), but only one, the patches, can be given; "
        + "export it with the others fixed"
    return VoxtileError(
      .modelNotUsable, message, context: .init(expected: "1 input", found: "\(ports.count) inputs"))
  }
}
