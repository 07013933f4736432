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
  /// A file with more bytes is none of these.
  private static let mostBytes = 64 << 10

  private let picture: SmallPicture

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
    picture = try SmallPicture(of: scan, labels: overlay, view, at: slice, size: size)
  }

  /// Writes the picture, in place of an older one.
  ///
  /// - Throws: what writing throws.
  public func write(to path: String) throws {
    try Folder.make(path.parentFolder)
    try picture.write(to: path)
  }

  /// The file of a case's picture; `nil` where there is none.
  static func bytes(of name: String, in folder: String) -> [UInt8]? {
    guard let file = try? InputFile(path(of: name, in: folder)), file.byteCount <= mostBytes else {
      return nil
    }
    return try? file.bytes(at: 0, count: file.byteCount)
  }
}
