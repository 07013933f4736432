import Voxtile
import VoxtileFormats

/// A small picture of a case: the slice in the middle of its largest label, with the labels over it.
///
/// It is a PNG of at most 96 x 96 pixels and a few KiB, kept in a hidden folder beside the results, so that the page of all cases can be
/// written again without reading them.
public struct CaseThumbnail: Sendable {
  /// The folder of the pictures, inside the folder of the results.
  public static let folderName = ".voxtile-thumbnails"
  /// The longer side in pixels.
  static let side = 96
  /// A picture with more bytes gets fewer shades of gray.
  static let wantedBytes = 4 << 10
  /// A file with more bytes is none of these.
  private static let mostBytes = 64 << 10

  private let size: (width: Int, height: Int)
  private let pixels: ThumbnailPixels

  /// The path of the picture of a case.
  public static func path(of name: String, in folder: String) -> String {
    "\(folder)/\(folderName)/\(name).png"
  }

  /// Draws a case.
  ///
  /// - Parameters:
  ///   - scan: the image.
  ///   - labels: its labels; shown where they are of the scan's size.
  ///   - largest: the label whose middle is shown; `nil` for the middle of the scan.
  /// - Throws: what reading throws.
  /// - Complexity: O(voxels of the labels), and of the scan up to the slice where it is compressed; a few MiB of memory.
  public init(of scan: any VolumeReader, labels: (any VolumeReader)? = nil, largest: Int? = nil) throws {
    let info = scan.info
    let view = ThumbnailView(of: info)
    let size = view.size(of: info, side: Self.side)
    let overlay = labels.flatMap { $0.info.extent == info.extent ? $0 : nil }
    var slice = info.extent[view.axis] / 2
    if let largest, let overlay {
      slice = try LabelMiddle.slice(of: largest, in: overlay, across: view.axis) ?? slice
    }
    let shown = try ThumbnailSlice(
      of: scan, view, at: slice, size: size, channels: info.isColor ? 3 : 1, areLabels: info.isLabelMap)
    let over = try overlay.map {
      try ThumbnailSlice(of: $0, view, at: slice, size: size, channels: 1, areLabels: true).planes[0]
    }
    self.size = size
    if info.isLabelMap {
      pixels = ThumbnailPixels(gray: nil, labels: shown.planes[0])
    } else if info.isColor {
      pixels = ThumbnailPixels(color: shown.planes, scale: info.colorScale, labels: over)
    } else {
      pixels = ThumbnailPixels(gray: shown.planes[0], labels: over)
    }
  }

  /// Writes the picture, in place of an older one.
  ///
  /// - Throws: what writing throws.
  public func write(to path: String) throws {
    try Folder.make(path.parentFolder)
    for shades in [24, 14, 8] {
      let (indices, palette) = pixels.indexed(shades: shades)
      let extent = Extent(width: size.width, height: size.height)
      let writer = try ImageFormats.create(
        path, info: VolumeInfo(extent: extent, scalarType: .uint8, palette: palette),
        options: WriteOptions(isReplacing: true, compression: .small))
      try writer.write(Volume(extent: extent, voxels: indices), slices: 0..<1)
      try writer.finish()
      if FileVersion(path).map({ $0.byteCount <= Self.wantedBytes }) ?? true { break }
    }
  }

  /// The file of a case's picture; `nil` where there is none.
  static func bytes(of name: String, in folder: String) -> [UInt8]? {
    guard let file = try? InputFile(path(of: name, in: folder)), file.byteCount <= mostBytes else {
      return nil
    }
    return try? file.bytes(at: 0, count: file.byteCount)
  }
}
