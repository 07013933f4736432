import Voxtile

/// Reads an image whose values go through a map, and are then those of a file of another scalar type.
struct ValueReader: VolumeReader {
  let info: VolumeInfo
  private let source: any VolumeReader
  private let map: ValueMap
  private let findings: ValueFindings

  /// - Throws: `VoxtileError.Code.invalidOption` where the map does not fit the image, or its values are indices into a palette.
  init(_ source: any VolumeReader, map: ValueMap, findings: ValueFindings) throws(VoxtileError) {
    try map.check(for: source.info)
    self.source = source
    self.map = map
    self.findings = findings
    info = map.info(of: source.info)
  }

  var isRandomAccess: Bool { source.isRandomAccess }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    let stored = map.stored(
      try source.readAny(region), sourceScaling: source.info.scaling, counting: findings)
    func copy(_ volume: some AnyVolume) {
      volume.typed.voxels.withUnsafeBytes { destination.copyMemory(from: $0) }
    }
    copy(stored)
  }
}

extension ValueMap {
  /// Whether values become other ones, and not only of another type.
  var movesValues: Bool { !steps.allSatisfy(\.isEmpty) }

  /// What a file of mapped values is. Labels that were moved are labels no more.
  func info(of source: VolumeInfo) -> VolumeInfo {
    var info = source
    info.scalarType = scalarType
    info.scaling = scaling
    info.isLabelMap = source.isLabelMap && !movesValues
    info.wereLabels = source.wereLabels || source.isLabelMap && movesValues
    return info
  }

  /// Makes sure that the values of an image can go through the map.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where they cannot.
  func check(for info: VolumeInfo) throws(VoxtileError) {
    if let fault = fault(channels: info.channels) {
      throw VoxtileError(.invalidOption, "the values cannot be changed: there is \(fault)")
    }
    guard info.palette == nil || !movesValues && scalarType == info.scalarType else {
      throw VoxtileError(
        .invalidOption,
        "has indices into a palette for values, and an index that is changed is another color",
        remedy: .convertToGray)
    }
  }
}
