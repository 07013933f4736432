import Voxtile

/// Reads a label map with other labels in the place of some, as the smallest integers that hold them all, and those that are padded.
struct MappedLabelReader: VolumeReader {
  let info: VolumeInfo
  private let source: any VolumeReader
  private let map: [Int: Int]

  /// A label map as the patches of a set hold it: itself where no label changes and its type holds what is padded.
  ///
  /// - Parameters:
  ///   - map: the new label of some labels; others stay.
  ///   - padding: the label of voxels outside the scan.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where labels change and there are several channels,
  ///   `VoxtileError.Code.invalidOption` where padding is no label of 32 bits.
  static func reader(
    _ source: any VolumeReader, map: [Int: Int], padding: Int
  ) throws(VoxtileError) -> any VolumeReader {
    guard Int32(exactly: padding) != nil else {
      throw VoxtileError(
        .invalidOption, "labels cannot be padded with \(padding); use \(Int32.min) to \(Int32.max)",
        context: .init(expected: "\(Int32.min)...\(Int32.max)", found: "\(padding)"))
    }
    let stored = source.info.scaling.map { (Double(padding) - $0.intercept) / $0.slope } ?? Double(padding)
    return map.isEmpty && holds(source.info.scalarType.type, stored)
      ? source : try MappedLabelReader(source, map: map, padding: padding)
  }

  private init(_ source: any VolumeReader, map: [Int: Int], padding: Int) throws(VoxtileError) {
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
    let (lowest, highest) = map.values.reduce((padding, padding)) { (min($0.0, $1), max($0.1, $1)) }
    info.scalarType = Self.type(atLeast: info.scalarType, holding: lowest...highest)
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
    func isHeld(by type: any VoxelScalar.Type) -> Bool {
      holds(type, Double(range.lowerBound)) && holds(type, Double(range.upperBound))
    }
    if isHeld(by: type.type) { return type }
    return type == .uint8 && isHeld(by: Int16.self) ? .int16 : .int32
  }

  private static func holds(_ type: any VoxelScalar.Type, _ value: Double) -> Bool {
    func holds<Scalar: VoxelScalar>(_ scalar: Scalar.Type) -> Bool {
      Scalar(nearest: value).double == value
    }
    return holds(type)
  }

  private static func doesNotFit(_ value: Double, _ type: ScalarType) -> VoxtileError {
    VoxtileError(
      .typeMismatch, "has the label \(value), which \(type.rawValue) does not hold; map it to another one",
      context: .init(expected: type.rawValue, found: "\(value)"))
  }
}
