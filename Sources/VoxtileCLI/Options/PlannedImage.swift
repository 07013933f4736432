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
    let size = PlannedSize(name)
    let reader: any VolumeReader = try size ?? Input.open(name)
    (info, isRandomAccess, isFile) = (reader.info, reader.isRandomAccess, size == nil)
    bufferBytes = reader.bufferByteCount
  }

  /// What is assumed where there is no file; `nil` for one.
  var assumption: String? { isFile ? nil : PlannedSize.assumption(of: [name]) }
}

/// A size such as `512x512x300`, where a file is not there yet.
///
/// It is taken as a compressed file of float32 values: uncompressed files need less memory, and so do the other usual types.
struct PlannedSize: VolumeReader {
  let info: VolumeInfo
  let isRandomAccess = false

  /// `nil` where the text is no size, or there is a file of that name.
  init?(_ text: String) {
    guard let extent = Self.size(text), FormatProbe(text).kind == .missing else { return nil }
    let isPlanar = extent.isPlanar && text.filter(Self.isSeparator).count == 1
    info = VolumeInfo(
      extent: extent, scalarType: .float32,
      metadata: VolumeMetadata(place: .unknown, spatialRank: isPlanar ? 2 : 3))
  }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    throw VoxtileError(.invalidOption, "is only a size, which has no voxels")
  }

  /// What is assumed of sizes.
  static func assumption(of names: [String]) -> String {
    let (isOne, list) = (names.count == 1, names.joined(separator: ", "))
    return
      "\(list) \(isOne ? "is taken as a size" : "are taken as sizes"), as there \(isOne ? "is no file of that name" : "are no files of these names"); "
      + "memory and disk are those of compressed float32 values"
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
}
