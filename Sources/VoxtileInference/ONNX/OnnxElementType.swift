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
