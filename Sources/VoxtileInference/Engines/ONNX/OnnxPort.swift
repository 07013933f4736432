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

  /// The shape in the words of a signature.
  ///
  /// - Parameters:
  ///   - role: `input` or `output`.
  ///   - rank: the number of spatial axes, where it is known, which is then used where the model says nothing.
  /// - Throws: `VoxtileError.Code.modelNotUsable` where no patch has such a shape or type.
  func shape(as role: String, spatialRank rank: Int? = nil) throws(VoxtileError) -> TensorShape {
    guard let type else {
      throw .portNotUsable(self, role, "is not a tensor but a sequence, a map or the like")
    }
    guard OnnxElementType(rawValue: type)?.isSupported == true else {
      throw .portNotUsable(
        self, role,
        "has values of type \(OnnxElementType.name(of: type)); float32, float16 and float64 are supported")
    }
    var sizes = dimensions.map { size in size >= 0 ? Int(size) : nil }
    if sizes.isEmpty, let rank { sizes = Array(repeating: nil, count: rank + 2) }
    let isRankFine = if let rank { sizes.count == rank + 2 } else { sizes.count == 4 || sizes.count == 5 }
    guard isRankFine, !sizes.contains(0) else {
      throw .portNotUsable(self, role, "has the shape \(dimensionText), \(Self.expectation(rank))")
    }
    return TensorShape(
      name: name, batch: sizes[0], channels: sizes[1], spatial: Array(sizes.dropFirst(2)))
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
  fileprivate static func portNotUsable(_ port: OnnxPort, _ role: String, _ what: String) -> VoxtileError {
    VoxtileError(.modelNotUsable, "\(role) \(port.name) \(what)")
  }
}

/// The element types of ONNX tensors, with their numbers in ONNX Runtime's interface.
enum OnnxElementType: Int32, Sendable {
  case unknown = 0
  case float32, uint8, int8, uint16, int16, int32, int64, string, bool, float16, float64, uint32, uint64
  case complex64, complex128, bfloat16

  /// Whether values can be converted from and to `Float`.
  var isSupported: Bool { self == .float32 || self == .float16 || self == .float64 }

  /// The words for a number, also one of a later version.
  static func name(of number: Int32) -> String {
    OnnxElementType(rawValue: number).map { "\($0)" } ?? "element type \(number)"
  }
}
