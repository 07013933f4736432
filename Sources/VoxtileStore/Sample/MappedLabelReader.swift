import Voxtile

/// Reads a label map with other labels in the place of some, as the smallest integers that hold them all.
struct MappedLabelReader: VolumeReader {
  let info: VolumeInfo
  private let source: any VolumeReader
  private let map: [Int: Int]

  /// - Parameter map: the new label of some labels; others stay.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where there are several channels.
  init(_ source: any VolumeReader, map: [Int: Int]) throws(VoxtileError) {
    guard source.info.channels == 1 else {
      throw VoxtileError(
        .shapeMismatch, "a label map has one channel, not \(source.info.channels); give one channel of it",
        context: .init(expected: "1", found: "\(source.info.channels)"))
    }
    self.source = source
    self.map = map
    var info = source.info
    // Labels that are not mapped are of the type of the file.
    if !info.scalarType.isInteger || info.scaling != nil { info.scalarType = .int32 }
    let all = Set(map.values)
    if let lowest = all.min(), let highest = all.max() {
      info.scalarType = Self.type(atLeast: info.scalarType, holding: lowest...highest)
    }
    info.scaling = nil
    info.palette = nil
    self.info = info
  }

  var isRandomAccess: Bool { source.isRandomAccess }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    func write<Stored: VoxelScalar>(_ type: Stored.Type) throws {
      let labels = try source.readReal(region, as: Double.self)
      let target = destination.bindMemory(to: Stored.self)
      for (place, value) in labels.voxels.enumerated() {
        let mapped = Int(exactly: value).map { Double(map[$0] ?? $0) } ?? value
        target[place] = Stored(nearest: mapped)
        guard target[place].double == mapped else { throw Self.doesNotFit(mapped, info.scalarType) }
      }
    }
    try write(info.scalarType.type)
  }

  /// A type that holds all values of another one, and some more; `int32` where no smaller one does.
  private static func type(atLeast type: ScalarType, holding range: ClosedRange<Int>) -> ScalarType {
    func holds(_ scalar: any VoxelScalar.Type) -> Bool {
      func holds<Scalar: VoxelScalar>(_ scalar: Scalar.Type) -> Bool {
        [range.lowerBound, range.upperBound].allSatisfy { Scalar(nearest: Double($0)).double == Double($0) }
      }
      return holds(scalar)
    }
    if holds(type.type) { return type }
    return type == .uint8 && holds(Int16.self) ? .int16 : .int32
  }

  private static func doesNotFit(_ value: Double, _ type: ScalarType) -> VoxtileError {
    VoxtileError(
      .typeMismatch, "has the label \(value), which \(type.rawValue) does not hold; map it to another one",
      context: .init(expected: type.rawValue, found: "\(value)"))
  }
}
