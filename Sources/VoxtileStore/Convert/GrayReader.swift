import Voxtile
import VoxtileFormats

/// Reads a color image as gray: `0.299 red + 0.587 green + 0.114 blue` (ITU-R BT.601, as OpenCV and Pillow do it), rounded to the
/// nearest. Alpha is left out.
struct GrayReader: VolumeReader {
  let info: VolumeInfo
  private let source: any VolumeReader

  /// - Throws: `VoxtileError.Code.invalidOption` where the image has no colors: its channels are something else, such as time
  ///   points, or too many, and there is no palette.
  init(_ source: any VolumeReader) throws(VoxtileError) {
    var info = source.info
    guard info.palette != nil || (1...4).contains(info.channels) else {
      throw VoxtileError(
        .invalidOption, "has \(info.channels) channels, which are no colors", remedy: .chooseChannel,
        context: .init(expected: "1 to 4 channels", found: "\(info.channels)"))
    }
    let meaning = info.channelMeaning
    guard !meaning.isKnownAsNoColors else {
      throw VoxtileError(
        .invalidOption, "has \(meaning.words(info.channels)), which are no colors, and their mean is no gray",
        remedy: .chooseChannel, context: .init(expected: "colors", found: meaning.words(info.channels)))
    }
    self.source = source
    // The colors of a palette have 8 bits.
    if info.palette != nil { info.scalarType = .uint8 }
    info.palette = nil
    info.isLabelMap = false
    info.channels = 1
    self.info = info
  }

  var isRandomAccess: Bool { source.isRandomAccess }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    func gray(_ volume: some AnyVolume) throws {
      if let palette = source.info.palette {
        try Self.gray(ofIndices: volume.typed, in: palette).withUnsafeBytes {
          destination.copyMemory(from: $0)
        }
      } else {
        Self.gray(ofColors: volume.typed).withUnsafeBytes { destination.copyMemory(from: $0) }
      }
    }
    try gray(try source.readAny(region))
  }

  private static func gray(_ red: Double, _ green: Double, _ blue: Double) -> Double {
    0.299 * red + 0.587 * green + 0.114 * blue
  }

  /// One or two channels are gray already, the second one being alpha.
  private static func gray<Scalar>(ofColors volume: Volume<Scalar>) -> [Scalar] {
    let count = volume.extent.voxelCount
    guard volume.channels >= 3 else { return Array(volume.voxels[..<count]) }
    return (0..<count).map { index in
      Scalar(
        nearest: gray(
          volume.voxels[index].double, volume.voxels[count + index].double,
          volume.voxels[2 * count + index].double))
    }
  }

  private static func gray(
    ofIndices volume: Volume<some VoxelScalar>, in palette: [VolumeInfo.Color]
  ) throws(VoxtileError) -> [UInt8] {
    let grays = palette.map { color in
      UInt8(nearest: gray(Double(color.red), Double(color.green), Double(color.blue)))
    }
    var result: [UInt8] = []
    result.reserveCapacity(volume.voxels.count)
    for voxel in volume.voxels {
      let index = Int(voxel.double)
      guard grays.indices.contains(index) else {
        throw VoxtileError(
          .malformedFile, "has the index \(index), but its palette has \(grays.count) colors",
          context: .init(expected: "0 to \(grays.count - 1)", found: "\(index)"))
      }
      result.append(grays[index])
    }
    return result
  }
}
