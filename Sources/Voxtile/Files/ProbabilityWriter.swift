import Synchronization

/// Stores probabilities, which are `float32` from 0 to 1, as whole numbers with a scaling: a quarter or half of the bytes, each value to the
/// nearest step.
///
///     let info = ProbabilityWriter.info(plan.info(of: .probabilities), storedAs: .uint8)
///     let writer = ProbabilityWriter(plan.info(of: .probabilities), to: ImageFormats.create("p.nii.gz", info: info))
public final class ProbabilityWriter: VolumeWriter {
  /// The types that probabilities can be stored as besides `float32`.
  public static let scalarTypes: [ScalarType] = [.uint8, .uint16]

  /// What is given to the writer: `float32`.
  public let info: VolumeInfo
  private let next: any VolumeWriter
  private let outside = Atomic<Int>(0)

  /// How many values were below 0 or above 1, and became 0 or 1.
  public var saturatedValues: Int { outside.load(ordering: .relaxed) }

  /// What a file says of probabilities that it stores as whole numbers.
  ///
  /// - Precondition: the type is one of ``scalarTypes``.
  public static func info(_ info: VolumeInfo, storedAs scalarType: ScalarType) -> VolumeInfo {
    precondition(scalarTypes.contains(scalarType), "probabilities are not stored as \(scalarType.rawValue)")
    var info = info
    info.scalarType = scalarType
    info.scaling = .init(slope: 1 / largest(scalarType), intercept: 0)
    return info
  }

  /// - Parameters:
  ///   - info: that of the probabilities, of `float32`.
  ///   - next: gets the whole numbers; made with ``info(_:storedAs:)``.
  public init(_ info: VolumeInfo, to next: any VolumeWriter) {
    (self.info, self.next) = (info, next)
  }

  /// The number that stands for 1.
  private static func largest(_ scalarType: ScalarType) -> Double { scalarType == .uint8 ? 255 : 65535 }

  /// Writes the next slices.
  ///
  /// - Throws: what the other writer throws.
  public func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    try withWholeNumbers(slab) { try next.write($0, slices: slices) }
  }

  /// Writes the next rows.
  ///
  /// - Throws: what the other writer throws.
  public func writeRows(_ rows: UnsafeRawBufferPointer, _ range: Range<Int>, ofSlice slice: Int) throws {
    try withWholeNumbers(rows) { try next.writeRows($0, range, ofSlice: slice) }
  }

  /// Completes the file.
  ///
  /// - Throws: what the other writer throws.
  public func finish() throws { try next.finish() }

  private func withWholeNumbers(
    _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let type = next.info.scalarType
    func convert<Stored: FixedWidthInteger & UnsignedInteger>(to stored: Stored.Type) throws {
      let (values, largest) = (bytes.bindMemory(to: Float.self), Float(Self.largest(type)))
      var saturated = 0
      let numbers = [Stored](unsafeUninitializedCapacity: values.count) { numbers, count in
        for index in values.indices {
          let value = values[index]
          // A NaN, which no network may give, would be 0.
          let inside = value > 0 ? min(value, 1) : 0
          if inside != value { saturated += 1 }
          numbers.initializeElement(at: index, to: Stored((inside * largest).rounded(.toNearestOrEven)))
        }
        count = values.count
      }
      if saturated > 0 { outside.add(saturated, ordering: .relaxed) }
      try numbers.withUnsafeBytes(body)
    }
    if type == .uint8 { try convert(to: UInt8.self) } else { try convert(to: UInt16.self) }
  }
}
