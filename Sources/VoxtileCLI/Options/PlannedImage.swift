import Voxtile
import VoxtileFormats

/// The image that `voxtile plan` is about: a file, or only a size.
struct PlannedImage {
  /// The path of the file, or the size as it was given.
  let name: String
  let info: VolumeInfo
  let isRandomAccess: Bool
  /// What its reader holds in memory itself.
  let bufferBytes: Int
  /// Whether there is a file.
  let isFile: Bool

  /// Opens a file, or takes a size such as `512x512x300` where there is no file of that name.
  init(_ name: String) throws {
    self.name = name
    guard let extent = Self.size(name), FormatProbe(name).kind == .missing else {
      let reader = try Input.open(name)
      (info, isRandomAccess, isFile) = (reader.info, reader.isRandomAccess, true)
      bufferBytes = reader.bufferByteCount
      return
    }
    let isPlanar = extent.isPlanar && name.filter(Self.isSeparator).count == 1
    // Uncompressed files need less memory, and so do the other usual types.
    info = VolumeInfo(
      extent: extent, scalarType: .float32,
      metadata: VolumeMetadata(place: .unknown, spatialRank: isPlanar ? 2 : 3))
    (isRandomAccess, isFile, bufferBytes) = (false, false, 0)
  }

  /// Two or three numbers of at least 1, joined by `x` or commas.
  private static func size(_ text: String) -> Extent? {
    let parts = text.split(omittingEmptySubsequences: false, whereSeparator: isSeparator)
    let sizes = parts.compactMap { Int($0) }
    guard (2...3).contains(parts.count), sizes.count == parts.count, sizes.allSatisfy({ $0 >= 1 }) else {
      return nil
    }
    let extent = Extent(width: sizes[0], height: sizes[1], depth: sizes.count == 3 ? sizes[2] : 1)
    return extent.voxelCountIfRepresentable == nil ? nil : extent
  }

  private static func isSeparator(_ character: Character) -> Bool { character == "x" || character == "," }

  /// What is assumed where there is no file; `nil` for one.
  var assumption: String? {
    isFile
      ? nil
      : "\(name) is taken as a size, as there is no file of that name; memory and disk are those of compressed float32 values"
  }
}
