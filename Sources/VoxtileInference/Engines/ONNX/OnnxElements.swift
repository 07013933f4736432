import Voxtile

/// The element types of ONNX tensors, with their numbers in ONNX Runtime's interface.
enum OnnxElementType: Int32, Sendable {
  case unknown = 0
  case float32, uint8, int8, uint16, int16, int32, int64, string, bool, float16, float64, uint32, uint64
  case complex64, complex128, bfloat16

  /// Whether values can be converted from and to `Float`.
  var isSupported: Bool {
    switch self {
    case .float32, .float16, .float64, .uint8, .int8, .uint16, .int16, .int32, .int64, .bool: true
    default: false
    }
  }

  /// The whole numbers that a tensor may hold, as far as `Float` has all of them; `nil` for real numbers.
  var labelRange: ClosedRange<Int>? {
    switch self {
    case .bool: 0...1
    case .uint8: 0...255
    case .int8: -128...127
    case .uint16: 0...65535
    case .int16: -32768...32767
    case .int32, .int64: -1 << 24...1 << 24
    default: nil
    }
  }

  /// The types that are supported, for messages.
  static let supportedNames =
    "float32, float16, float64, uint8, int8, uint16, int16, int32, int64 and bool"

  /// The words for a number, also one of a later version.
  static func name(of number: Int32) -> String {
    OnnxElementType(rawValue: number).map { "\($0)" } ?? "element type \(number)"
  }
}

/// Values as a tensor of integers holds them.
struct OnnxIntegers<Element: FixedWidthInteger & BitwiseCopyable> {
  /// The nearest whole numbers.
  let elements: [Element]
  /// How many values the type does not have, so that the nearest one it has was taken; NaN becomes 0.
  let outside: Int

  init(_ values: UnsafeBufferPointer<Float>, as type: Element.Type) {
    var outside = 0
    // The largest of 32 and 64 bits is no `Float`; the next smaller one is.
    let (least, largest) = (Float(Element.min), Float(Element.max))
    elements = values.map { value in
      let rounded = value.rounded(.toNearestOrEven)
      if rounded >= least, rounded < largest || Element(exactly: rounded) != nil { return Element(rounded) }
      outside += 1
      return value.isNaN ? 0 : value < 0 ? .min : .max
    }
    self.outside = outside
  }
}

extension OnnxValue {
  /// The values as patches.
  ///
  /// - Parameters:
  ///   - layout: the order of the axes.
  ///   - copied: whether the memory has to be copied, because it is not the value's own.
  func tensor(_ layout: TensorLayout, copied: Bool) throws(OnnxFailure) -> PatchTensor {
    let shape = layout.shape(of: shape, one: 1)
    let plain = try plainTensor(shape, copied: copied)
    return layout.isChannelsLast && shape[1] > 1 ? plain.channelsFirst : plain
  }

  private func plainTensor(_ shape: [Int], copied: Bool) throws(OnnxFailure) -> PatchTensor {
    func convert<Element: BitwiseCopyable>(_ type: Element.Type, _ value: (Element) -> Float) -> PatchTensor {
      PatchTensor(shape: shape, values: elements(as: type).map(value))
    }
    return switch OnnxElementType(rawValue: elementType) {
    case .float32 where !copied: PatchTensor(shape: shape, memory: elements(as: Float.self), owner: self)
    case .float32: PatchTensor(shape: shape, values: Array(elements(as: Float.self)))
    case .float16: convert(UInt16.self, HalfFloat.value)
    case .float64: convert(Double.self) { Float($0) }
    case .uint8: convert(UInt8.self) { Float($0) }
    case .bool: convert(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .int8: convert(Int8.self) { Float($0) }
    case .uint16: convert(UInt16.self) { Float($0) }
    case .int16: convert(Int16.self) { Float($0) }
    case .int32: convert(Int32.self) { Float($0) }
    case .int64: convert(Int64.self) { Float($0) }
    default: throw OnnxFailure("an output has values of type \(OnnxElementType.name(of: elementType))")
    }
  }
}

extension PatchTensor {
  /// The values of a tensor whose channels lie after its spatial axes, which is then of the shape of this one.
  var channelsLast: PatchTensor { exchanged(rows: shape[1], columns: count / shape[0] / shape[1]) }

  /// The values of this tensor, of which the memory has channels after the spatial axes.
  var channelsFirst: PatchTensor { exchanged(rows: count / shape[0] / shape[1], columns: shape[1]) }

  /// Exchanges two axes of each patch.
  private func exchanged(rows: Int, columns: Int) -> PatchTensor {
    let values = withValues { values in
      [Float](unsafeUninitializedCapacity: values.count) { target, initialized in
        for start in stride(from: 0, to: values.count, by: rows * columns) {
          for row in 0..<rows {
            for column in 0..<columns {
              target[start + column * rows + row] = values[start + row * columns + column]
            }
          }
        }
        initialized = values.count
      }
    }
    return PatchTensor(shape: shape, values: values)
  }
}
