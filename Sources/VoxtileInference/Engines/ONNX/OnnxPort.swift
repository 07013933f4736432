import CONNXRuntime
import Voxtile

/// An input or output as a model declares it.
struct OnnxPort: Sendable {
  let name: String
  /// The number of the element type in ONNX Runtime's interface; `nil` where it is not a tensor.
  let type: Int32?
  /// The sizes, slowest first; negative where any is fine. Empty where nothing is known.
  let dimensions: [Int64]

  /// The number of the element type; only of tensors.
  var elementType: Int32 { type ?? 0 }

  init(name: String, _ info: UnsafeMutablePointer<OrtTypeInfo>, _ table: OnnxTable) throws(OnnxFailure) {
    self.name = name
    let functions = table.functions
    let kind: Int32 = try table.get { functions.pointee.GetOnnxTypeFromTypeInfo(info, $0) }
    // Belongs to the type's information.
    var tensor: UnsafePointer<OrtTensorInfo>?
    try table.check(functions.pointee.CastTypeInfoToTensorInfo(info, &tensor))
    guard kind == Int32(VOXTILE_ORT_KIND_TENSOR), let tensor else {
      type = nil
      dimensions = []
      return
    }
    type = try table.get { functions.pointee.GetTensorElementType(tensor, $0) }
    dimensions = try table.dimensions(of: tensor)
  }

  /// The sizes, slowest first; `nil` where any is fine. Empty where nothing is known.
  private var sizes: [Int?] { dimensions.map { size in size >= 0 ? Int(size) : nil } }

  /// The order of the axes of an input.
  ///
  /// - Parameter asked: the order that was named; without it the sizes suggest one.
  /// - Returns: also a remark where an unusual one was guessed.
  /// - Throws: `VoxtileError.Code.modelNotUsable` where no patch has such a shape or type.
  func inputLayout(
    _ asked: TensorLayout?
  ) throws(VoxtileError) -> (layout: TensorLayout, remark: PredictionRemark?) {
    try checkType("input")
    guard !sizes.contains(0) else { throw shapeNotUsable("input", Self.expectation(nil)) }
    if let asked {
      guard asked.rank == sizes.count else {
        throw shapeNotUsable("input", "but \(asked) has \(asked.rank) axes")
      }
      return (asked, nil)
    }
    guard let (layout, isUsual) = TensorLayout.guessed(from: sizes) else {
      throw shapeNotUsable("input", Self.expectation(nil), remedy: .nameLayout)
    }
    if isUsual { return (layout, nil) }
    return (
      layout,
      PredictionRemark(
        "the network's input \(name) \(dimensionText) is taken as \(layout) "
          + "(\(layout.isChannelsLast ? "channels last" : layout.hasChannels ? "channels first" : "no axis for channels")"
          + "\(layout.hasBatch ? "" : ", no axis for the batch")), since its sizes look like that",
        remedy: .nameLayout)
    )
  }

  /// The order of the axes of an output.
  ///
  /// - Parameters:
  ///   - layout: the order of the input's axes.
  ///   - input: the input.
  func outputLayout(_ layout: TensorLayout, of input: OnnxPort) throws(VoxtileError) -> TensorLayout {
    try checkType("output")
    guard let own = layout.output(sizes, input: input.sizes), !sizes.contains(0) else {
      throw shapeNotUsable("output", Self.expectation(layout.spatialRank))
    }
    return own
  }

  /// The shape in the words of a signature.
  func shape(_ layout: TensorLayout) -> TensorShape {
    let sizes = sizes.isEmpty ? [Int?](repeating: nil, count: layout.rank) : sizes
    let shape = layout.shape(of: sizes, one: 1)
    return TensorShape(
      name: name, batch: shape[0], channels: shape[1], spatial: Array(shape.dropFirst(2)),
      labelRange: OnnxElementType(rawValue: elementType)?.labelRange)
  }

  private func checkType(_ role: String) throws(VoxtileError) {
    guard let type else {
      throw .portNotUsable(self, role, "is not a tensor but a sequence, a map or the like")
    }
    guard OnnxElementType(rawValue: type)?.isSupported == true else {
      throw .portNotUsable(
        self, role,
        "has values of type \(OnnxElementType.name(of: type)); \(OnnxElementType.supportedNames) are supported"
      )
    }
  }

  private func shapeNotUsable(
    _ role: String, _ expectation: String, remedy: VoxtileError.Remedy? = nil
  ) -> VoxtileError {
    .portNotUsable(self, role, "has the shape \(dimensionText), \(expectation)", remedy: remedy)
  }

  private static func expectation(_ rank: Int?) -> String {
    switch rank {
    case 2: "but its input has [n, channels, height, width]"
    case 3: "but its input has [n, channels, depth, height, width]"
    default: "but [n, channels, height, width] or [n, channels, depth, height, width] is needed"
    }
  }

  /// The sizes in brackets, as in `[?, 1, 96, 96]`.
  var dimensionText: String {
    "[\(dimensions.map { $0 < 0 ? "?" : "\($0)" }.joined(separator: ", "))]"
  }
}

extension OnnxTable {
  /// The sizes of a tensor.
  func dimensions(of info: UnsafePointer<OrtTensorInfo>) throws(OnnxFailure) -> [Int64] {
    let count: Int = try get { functions.pointee.GetDimensionsCount(info, $0) }
    if count == 0 { return [] }
    var dimensions = [Int64](repeating: 0, count: count)
    try check(functions.pointee.GetDimensions(info, &dimensions, count))
    return dimensions
  }
}

extension VoxtileError {
  fileprivate static func portNotUsable(
    _ port: OnnxPort, _ role: String, _ what: String, remedy: VoxtileError.Remedy? = nil
  ) -> VoxtileError {
    VoxtileError(.modelNotUsable, "\(role) \(port.name) \(what)", remedy: remedy)
  }
}
